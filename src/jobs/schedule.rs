//! The whole time table on one screen: what a tick runs, in which order. The due rows themselves are the queue.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::app::App;
use crate::service::dispatch::{self, Progress};
use crate::service::{
    ServiceError, daily_report, delivery, heartbeat, import, mail, mail_report, register, retention, schedule, session, task,
};

/// One tick: every sweep once, each to its end. It may run twice, late, or on many replicas at once: what is done is not done again.
/// A sweep that fails is logged and does not stop the next.
pub async fn tick(app: &App) -> Progress {
    let mut progress = Progress::default();
    progress += sweep("fire schedules", schedule::fire_due(app)).await;
    progress += sweep("open due waves", dispatch::open_due_waves(app)).await;
    progress += sweep("fill opening waves", dispatch::fill_opening_waves(app)).await;
    progress += sweep("hold waves that wait in vain", dispatch::hold_waiting_in_vain(app)).await;
    progress += sweep("plan reminders", dispatch::plan_reminders(app)).await;
    progress += sweep("close due waves", dispatch::close_due_waves(app)).await;
    progress += sweep("end pauses", task::end_pauses(app)).await;
    progress += sweep("plan daily reports", daily_report::plan(app)).await;
    progress += sweep("rescue lost claims", delivery::rescue_lost_claims(app)).await;
    progress += sweep("deliver mail", delivery::deliver_due_mail(app)).await;
    progress += sweep("take in what came back", mail_report::sweep(app)).await;
    progress += sweep("finish campaigns", dispatch::finish_campaigns(app)).await;
    progress += sweep("prune sessions and kept answers", session::prune(app)).await;
    progress += sweep("forget kept files", import::kept::prune(app)).await;
    progress += sweep("prune what is old", retention::prune(app)).await;
    progress += sweep("count the register", register::count(app)).await;
    progress += sweep("count the mails of large campaigns", mail::count(app)).await;
    sweep("beat", heartbeat::beat(app)).await;
    progress
}

async fn sweep(name: &'static str, work: impl Future<Output = Result<Progress, ServiceError>>) -> Progress {
    let started = Instant::now();
    match work.await {
        Ok(progress) => {
            if !progress.is_idle() {
                tracing::info!(
                    sweep = name,
                    done = progress.done,
                    failed = progress.failed,
                    took_ms = millis(started.elapsed()),
                    "swept"
                );
            }
            progress
        }
        Err(error) => {
            tracing::error!(sweep = name, %error, cause = ?error, "a sweep failed");
            Progress { done: 0, failed: 1 }
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
