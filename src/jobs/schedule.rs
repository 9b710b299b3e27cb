//! The whole time table on one screen: what a tick runs, in which order. The due rows themselves are the queue.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument as _;

use crate::app::App;
use crate::service::dispatch::{self, Progress};
use crate::service::{
    ServiceError, address_change, daily_report, delivery, erase, heartbeat, import, mail, mail_report, register, restore,
    retention, schedule, seal, session, task,
};

/// What runs beside each other in a process: nothing due waits until a large wave is filled or a long queue of mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// What falls due: schedules, waves, reminders, deadlines; and the beat.
    Plan,
    /// Waves that are being filled.
    Fill,
    /// Mail, out and in.
    Mail,
    /// What is counted and what goes after its time.
    House,
    /// What was written to the log.
    Seal,
}

impl Lane {
    /// Its name among the figures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Fill => "fill",
            Self::Mail => "mail",
            Self::House => "house",
            Self::Seal => "seal",
        }
    }
}

/// Every lane.
pub const LANES: [Lane; 5] = [Lane::Plan, Lane::Fill, Lane::Mail, Lane::House, Lane::Seal];

/// One tick: every sweep once, each to its end. It may run twice, late, or on many replicas at once: what is done is not done again.
/// A sweep that fails is logged and does not stop the next; a service that is told to stop begins none.
pub async fn tick(app: &App) -> Progress {
    let mut progress = Progress::default();
    let goes_on = goes_on(app).await;
    if goes_on {
        progress += begin(app).await;
        progress += fill(app).await;
        progress += follow(app).await;
        progress += send(app).await;
    }
    progress += take_in(app).await;
    if goes_on {
        progress += finish(app).await;
    }
    progress += keep_house(app).await;
    progress += seal(app).await;
    progress += read_anew(app).await;
    progress + end(app).await
}

/// What a tick does in one lane; together they do what [`tick`] does.
pub async fn tick_lane(app: &App, lane: Lane) -> Progress {
    let mut progress = Progress::default();
    let goes_on = goes_on(app).await;
    match lane {
        Lane::Plan => {
            if goes_on {
                progress += begin(app).await;
                progress += follow(app).await;
                progress += finish(app).await;
            }
            progress += end(app).await;
        }
        Lane::Fill if goes_on => progress += fill(app).await,
        Lane::Fill => {}
        Lane::Mail => {
            if goes_on {
                progress += send(app).await;
            }
            progress += take_in(app).await;
        }
        Lane::House => {
            progress += keep_house(app).await;
            progress += read_anew(app).await;
        }
        Lane::Seal => progress += seal(app).await,
    }
    progress
}

/// Whether anything may be sent or opened: not after a restore, until a person says so, and not where that is not known.
async fn goes_on(app: &App) -> bool {
    match restore::is_held(app).await {
        Ok(held) => !held,
        Err(error) => {
            tracing::error!(%error, "whether dispatch is held could not be asked; this tick sends nothing");
            false
        }
    }
}

async fn begin(app: &App) -> Progress {
    let mut progress = sweep(app, "fire schedules", schedule::fire_due(app)).await;
    progress += sweep(app, "open due waves", dispatch::open_due_waves(app)).await;
    progress
}

async fn fill(app: &App) -> Progress {
    sweep(app, "fill opening waves", dispatch::fill_opening_waves(app)).await
}

async fn follow(app: &App) -> Progress {
    let mut progress = sweep(app, "hold waves that wait in vain", dispatch::hold_waiting_in_vain(app)).await;
    progress += sweep(app, "plan reminders", dispatch::plan_reminders(app)).await;
    progress += sweep(app, "close due waves", dispatch::close_due_waves(app)).await;
    progress += sweep(app, "end pauses", task::end_pauses(app)).await;
    progress += sweep(app, "plan daily reports", daily_report::plan(app)).await;
    progress += sweep(app, "plan checkpoint mails", seal::mail::plan(app)).await;
    progress
}

async fn finish(app: &App) -> Progress {
    sweep(app, "finish campaigns", dispatch::finish_campaigns(app)).await
}

async fn send(app: &App) -> Progress {
    let mut progress = sweep(app, "rescue lost claims", delivery::rescue_lost_claims(app)).await;
    progress += sweep(app, "deliver mail", delivery::deliver_due_mail(app)).await;
    progress
}

async fn take_in(app: &App) -> Progress {
    sweep(app, "take in what came back", mail_report::sweep(app)).await
}

async fn keep_house(app: &App) -> Progress {
    let mut progress = sweep(app, "prune sessions and kept answers", session::prune(app)).await;
    progress += sweep(app, "forget kept files", import::kept::prune(app)).await;
    progress += sweep(app, "end waits for new addresses", address_change::sweep(app)).await;
    progress += sweep(app, "finish erasures", erase::sweep(app)).await;
    progress += sweep(app, "prune what is old", retention::prune(app)).await;
    progress += sweep(app, "count the register", register::count(app)).await;
    progress += sweep(app, "count the mails of large campaigns", mail::count(app)).await;
    progress
}

/// Not held back by a restore: what the restored log may be signed for, its own record says.
async fn seal(app: &App) -> Progress {
    sweep(app, "seal the log", seal::sweep(app)).await
}

async fn read_anew(app: &App) -> Progress {
    sweep(app, "read the log anew", seal::recheck(app)).await
}

async fn end(app: &App) -> Progress {
    sweep(app, "beat", heartbeat::beat(app)).await
}

async fn sweep(app: &App, name: &'static str, work: impl Future<Output = Result<Progress, ServiceError>>) -> Progress {
    if app.is_stopping() {
        return Progress::default();
    }
    let started = Instant::now();
    let result = work.instrument(tracing::info_span!("sweep", sweep = name)).await;
    let took = started.elapsed();
    app.meter.time("gaung_sweep_seconds", &[("sweep", name)], took);
    let progress = match result {
        Ok(progress) => {
            if !progress.is_idle() {
                let (done, failed) = (progress.done, progress.failed);
                tracing::info!(sweep = name, done, failed, took_ms = millis(took), "swept");
            }
            progress
        }
        Err(error) => {
            tracing::error!(sweep = name, %error, cause = ?error, "a sweep failed");
            Progress { done: 0, failed: 1 }
        }
    };
    app.meter.count("gaung_sweep_items_total", &[("sweep", name)], progress.done);
    app.meter.count("gaung_sweep_failures_total", &[("sweep", name)], progress.failed);
    progress
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
