//! The heart-beat: tokio-cron-scheduler calls once a second, a watchdog on the monotonic clock steps in when it does not.
//!
//! It owns no schedule, no zone and no persistence: after a clock step it fell silent, so it is trusted with a pulse only.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::schedule::{LANES, Lane, tick_lane};
use crate::app::App;

/// A beat is overdue after this long.
const OVERDUE: Duration = Duration::from_secs(3);

/// The beating heart; [`Heart::stop`] lets the ticks in hand finish.
pub struct Heart {
    scheduler: JobScheduler,
    lanes: Vec<(Arc<Notify>, JoinHandle<()>)>,
    app: App,
}

/// Starts to beat.
///
/// # Errors
/// [`JobSchedulerError`] when the scheduler can't start.
pub async fn start(app: App) -> Result<Heart, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let pulses = LANES.map(|_| Arc::new(Notify::new()));
    let beats = pulses.clone();
    let job = Job::new_async("* * * * * *", move |_, _| {
        let beats = beats.clone();
        // Beats that come while a tick runs fold into one.
        Box::pin(async move { beats.iter().for_each(|pulse| pulse.notify_one()) })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    let lanes = LANES.into_iter().zip(pulses);
    let lanes = lanes.map(|(lane, pulse)| (pulse.clone(), tokio::spawn(run(app.clone(), lane, pulse)))).collect();
    Ok(Heart { scheduler, lanes, app })
}

/// One tick after the other: in its lane, a tick never overlaps itself within a process.
async fn run(app: App, lane: Lane, pulse: Arc<Notify>) {
    while !app.is_stopping() {
        if tokio::time::timeout(OVERDUE, pulse.notified()).await.is_err() && lane == Lane::Plan {
            tracing::warn!("the scheduler's beat is overdue; the watchdog ticks");
        }
        if app.is_stopping() {
            break;
        }
        let worker = app.clone();
        // A panic ends one tick, never the heart.
        if let Err(error) = tokio::spawn(async move { tick_lane(&worker, lane).await }).await {
            tracing::error!(?lane, %error, "a tick ended abnormally");
        }
    }
}

impl Heart {
    /// Stops beating; returns when the ticks in hand have finished or put back what they held.
    pub async fn stop(mut self) {
        self.app.stop();
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the scheduler did not shut down cleanly");
        }
        for (pulse, _) in &self.lanes {
            pulse.notify_one();
        }
        for (_, lane) in self.lanes {
            if let Err(error) = lane.await {
                tracing::error!(%error, "a ticker ended abnormally");
            }
        }
    }
}
