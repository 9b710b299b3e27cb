//! Whether this installation can do its work: the database answers, every migration is applied, a scheduler ticks.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::heartbeat;
use crate::app::App;
use crate::store::migrate;

/// How old the last tick may be.
const OLDEST_TICK: TimeDelta = TimeDelta::seconds(15);

/// What was found, check by check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether the database answers.
    pub database: bool,
    /// Whether every migration is applied.
    pub migrations: bool,
    /// Whether a scheduler ticked within the last 15 seconds.
    pub scheduler: bool,
}

impl Readiness {
    /// Whether everything is well.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.database && self.migrations && self.scheduler
    }
}

/// Looks. Migrations that were found applied are not looked at again: they are never taken back under a running service.
pub async fn readiness(app: &App, migrated: &AtomicBool) -> Readiness {
    let tick = heartbeat::last_tick(app).await;
    let database = tick.is_ok();
    if database && !migrated.load(Ordering::Relaxed) {
        let db = app.db.clone();
        let pending = tokio::task::spawn_blocking(move || migrate::pending(&db)).await;
        migrated.store(matches!(pending, Ok(Ok(0))), Ordering::Relaxed);
    }
    let now = app.clock.now();
    let scheduler = tick.ok().flatten().is_some_and(|at| now - at <= OLDEST_TICK);
    Readiness { database, migrations: migrated.load(Ordering::Relaxed), scheduler }
}
