//! The heart-beat: tokio-cron-scheduler calls once a second, a watchdog on the monotonic clock steps in when it does not.
//!
//! It owns no schedule, no zone and no persistence: after a clock step it fell silent, so it is trusted with a pulse only.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::schedule::tick;
use crate::app::App;

/// A beat is overdue after this long.
const OVERDUE: Duration = Duration::from_secs(3);

/// The beating heart; [`Heart::stop`] lets the tick in hand finish.
pub struct Heart {
    scheduler: JobScheduler,
    ticker: JoinHandle<()>,
    pulse: Arc<Notify>,
    app: App,
}

/// Starts to beat.
///
/// # Errors
/// [`JobSchedulerError`] when the scheduler can't start.
pub async fn start(app: App) -> Result<Heart, JobSchedulerError> {
    let pulse = Arc::new(Notify::new());
    let scheduler = JobScheduler::new().await?;
    let beat = pulse.clone();
    let job = Job::new_async("* * * * * *", move |_, _| {
        let beat = beat.clone();
        // Beats that come while a tick runs fold into one.
        Box::pin(async move { beat.notify_one() })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    let ticker = tokio::spawn(run(app.clone(), pulse.clone()));
    Ok(Heart { scheduler, ticker, pulse, app })
}

/// One tick after the other: a tick never overlaps itself within a process.
async fn run(app: App, pulse: Arc<Notify>) {
    while !app.is_stopping() {
        if tokio::time::timeout(OVERDUE, pulse.notified()).await.is_err() {
            tracing::warn!("the scheduler's beat is overdue; the watchdog ticks");
        }
        if app.is_stopping() {
            break;
        }
        let worker = app.clone();
        // A panic ends one tick, never the heart.
        if let Err(error) = tokio::spawn(async move { tick(&worker).await }).await {
            tracing::error!(%error, "a tick ended abnormally");
        }
    }
}

impl Heart {
    /// Stops beating; returns when the tick in hand has finished or put back what it held.
    pub async fn stop(mut self) {
        self.app.stop();
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the scheduler did not shut down cleanly");
        }
        self.pulse.notify_one();
        if let Err(error) = self.ticker.await {
            tracing::error!(%error, "the ticker ended abnormally");
        }
    }
}
