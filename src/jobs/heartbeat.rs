//! The heart-beat: tokio-cron-scheduler calls once a second, a watchdog on the monotonic clock steps in when it does not.
//!
//! It owns no schedule, no zone and no persistence: after a clock step it fell silent, so it is trusted with a pulse only.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::schedule::{LANES, Lane, tick_lane};
use crate::app::App;
use crate::domain::clock_guard::{ClockGuard, Verdict};
use crate::service::heartbeat;
use crate::service::measures::number;
use crate::service::seal::BUSY;

/// A beat is overdue after this long.
const OVERDUE: Duration = Duration::from_secs(3);

/// After so long without a word, it is looked for entries that other processes wrote.
const SEAL_LOOK: Duration = Duration::from_millis(500);
/// From the beginning of one sealing to that of the next.
const SEAL_GAP: Duration = Duration::from_millis(250);

/// A clock that is not trusted is complained about this often.
const TELL_AGAIN: Duration = Duration::from_secs(30);

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
    let watch = Arc::new(Mutex::new(ClockWatch::new(&app)));
    let lanes = LANES.into_iter().zip(pulses);
    let lanes = lanes.map(|(lane, pulse)| {
        let runs = match lane {
            Lane::Seal => tokio::spawn(seal(app.clone(), pulse.clone())),
            _ => tokio::spawn(run(app.clone(), lane, pulse.clone(), Arc::clone(&watch))),
        };
        (pulse, runs)
    });
    let lanes = lanes.collect();
    Ok(Heart { scheduler, lanes, app })
}

/// Tells monitoring that a lane of this process came round: the beat in the database is any replica's, and hides one that hangs.
fn note_round(app: &App, lane: Lane) {
    app.meter.set("gaung_lane_round_timestamp_seconds", &[("lane", lane.name())], number(app.clock.now().timestamp()));
}

/// One tick after the other: in its lane, a tick never overlaps itself within a process.
async fn run(app: App, lane: Lane, pulse: Arc<Notify>, watch: Arc<Mutex<ClockWatch>>) {
    note_round(&app, lane);
    while !app.is_stopping() {
        if tokio::time::timeout(OVERDUE, pulse.notified()).await.is_err() && lane == Lane::Plan {
            tracing::warn!("the scheduler's beat is overdue; the watchdog ticks");
        }
        if app.is_stopping() {
            break;
        }
        let shared = heartbeat::shared_time(&app).await;
        if !watch.lock().unwrap_or_else(PoisonError::into_inner).trusts_the_clock(&app, shared) {
            continue;
        }
        let worker = app.clone();
        // A panic ends one tick, never the heart.
        if let Err(error) = tokio::spawn(async move { tick_lane(&worker, lane).await }).await {
            tracing::error!(?lane, %error, "a tick ended abnormally");
        }
        note_round(&app, lane);
    }
}

/// Seals soon after something was written, and looks by itself for what other processes wrote. By the monotonic clock, and whatever the
/// other clock says: an entry's place in the log comes from its being there, not from a time.
async fn seal(app: App, pulse: Arc<Notify>) {
    note_round(&app, Lane::Seal);
    while !app.is_stopping() {
        let woken = async {
            tokio::select! {
                () = app.db.appended() => {}
                () = pulse.notified() => {}
            }
        };
        // Which of the three it was makes no difference.
        let _ = tokio::time::timeout(SEAL_LOOK, woken).await;
        let began = Instant::now();
        if app.is_stopping() {
            break;
        }
        let worker = app.clone();
        let sealed = match tokio::spawn(async move { tick_lane(&worker, Lane::Seal).await }).await {
            Ok(progress) => progress.done,
            Err(error) => {
                tracing::error!(lane = ?Lane::Seal, %error, "a tick ended abnormally");
                0
            }
        };
        note_round(&app, Lane::Seal);
        // Many small commits are sealed together; a backlog is not kept waiting.
        if sealed < BUSY {
            tokio::time::sleep(SEAL_GAP.saturating_sub(began.elapsed())).await;
        }
    }
}

/// Looks at the clock before each tick of any lane: while it can't be trusted nothing that is planned happens, and readiness turns
/// red. That it jumps during a tick harms nothing: [`crate::clock::SteadyClock`] counts on.
struct ClockWatch {
    guard: ClockGuard,
    started: Instant,
    told: Option<Instant>,
}

impl ClockWatch {
    fn new(app: &App) -> Self {
        let settle = Duration::from_secs(app.config.server.clock_settle_s.into());
        Self { guard: ClockGuard::new(settle), started: Instant::now(), told: None }
    }
    fn trusts_the_clock(&mut self, app: &App, shared: Option<DateTime<Utc>>) -> bool {
        let (now, jumped) = (app.clock.now(), app.clock.jumped());
        let verdict = self.guard.look(now, jumped, self.started.elapsed(), shared);
        if verdict == Verdict::Adopt {
            app.clock.adopt();
        }
        if matches!(verdict, Verdict::Trusted | Verdict::Adopt) {
            if self.told.take().is_some() {
                tracing::warn!("the clock is trusted again; what is due happens now");
            }
            return true;
        }
        if self.told.is_none_or(|at| at.elapsed() > TELL_AGAIN) {
            self.told = Some(Instant::now());
            tell(verdict);
        }
        matches!(verdict, Verdict::Counted { .. })
    }
}

fn tell(verdict: Verdict) {
    match verdict {
        Verdict::Trusted | Verdict::Adopt => {}
        Verdict::Counted { by } => tracing::error!(
            seconds = by.num_seconds(),
            "the clock of this machine jumped away from the database's: everything goes on by the time that is counted since"
        ),
        Verdict::Jumped { by } => tracing::error!(
            seconds = by.num_seconds(),
            "the clock jumped: nothing that is planned happens until it is put right, or has run evenly for a while (server.clock_settle_s)"
        ),
        Verdict::Off { by } => tracing::error!(
            seconds = by.num_seconds(),
            "the clock of this machine differs from the database's: nothing that is planned happens here until they agree"
        ),
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
