//! Whether this installation can do its work: the database answers, every migration is applied, a scheduler ticks, mail leaves, the disk has
//! room. Each check has a public half, whether it is well, and a half for those who look after the installation.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::{heartbeat, seal};
use crate::app::App;
use crate::store::db::Place;
use crate::store::{StoreError, dispatch_hold, measures, migrate};

/// How old the last tick may be.
const OLDEST_TICK: TimeDelta = TimeDelta::seconds(15);

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is as it must be; a check that is for information is always well.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
}

/// What was found, check by check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether everything is well.
    pub ready: bool,
    /// Each check.
    pub checks: Vec<Check>,
}

/// What strangers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Short {
    /// Whether everything is well.
    pub ready: bool,
}

impl Readiness {
    /// The half that helps nobody who means harm.
    #[must_use]
    pub const fn short(&self) -> Short {
        Short { ready: self.ready }
    }
    /// Whether a check is well; none for one that was not made.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<bool> {
        self.checks.iter().find(|check| check.name == name).map(|check| check.ok)
    }
}

fn check(name: &'static str, ok: bool, detail: impl Into<String>) -> Check {
    Check { name, ok, detail: detail.into() }
}

/// Looks. Migrations that were found applied are not looked at again: they are never taken back under a running service.
pub async fn readiness(app: &App, migrated: &AtomicBool) -> Readiness {
    let mut checks = Vec::with_capacity(8);
    let tick = heartbeat::last_tick(app).await;
    let database = tick.is_ok();
    checks.push(check("database", database, if database { "answers" } else { "does not answer; the log says why" }));
    if database && !migrated.load(Ordering::Relaxed) {
        let db = app.db.clone();
        let pending = tokio::task::spawn_blocking(move || migrate::pending(&db)).await;
        migrated.store(matches!(pending, Ok(Ok(0))), Ordering::Relaxed);
    }
    let is_migrated = migrated.load(Ordering::Relaxed);
    checks.push(check(
        "migrations",
        is_migrated,
        if is_migrated { "all applied" } else { "some are missing, or it is not known" },
    ));
    let age = tick.ok().flatten().map(|at| app.clock.now() - at);
    let ticks = age.is_some_and(|age| age.abs() <= OLDEST_TICK);
    let seen = age.map_or_else(|| "no scheduler has ticked, or it is not known".to_owned(), ticked);
    checks.push(check("scheduler", ticks, seen));
    if is_migrated && database {
        checks.extend(queue(app).await);
        checks.push(sealing(app).await);
    }
    checks.extend(disk(app));
    checks.push(relay(app));
    let serving = !app.is_stopping();
    checks.push(check("serving", serving, if serving { "goes on" } else { "was told to stop, and finishes what is in hand" }));
    Readiness { ready: checks.iter().all(|check| check.ok), checks }
}

fn ticked(age: TimeDelta) -> String {
    format!("ticked {} s ago", age.num_seconds())
}

/// The queue's lag; and whether dispatch is held, for information: such an installation works, and waits for a person.
async fn queue(app: &App) -> Vec<Check> {
    let now = app.clock.now();
    let read = app.db.read(move |conn| Ok::<_, StoreError>((measures::oldest_due(conn, now)?, dispatch_hold::current(conn)?)));
    let Ok((lag_s, hold)) = read.await else { return vec![check("queue", false, "can't be read; the log says why")] };
    let most = i64::from(app.config.health.queue_lag_s);
    let held = hold.map(|hold| {
        format!("held since {} after a restore: `gaung restore --release` ends it", hold.began_at.0.format("%F %T UTC"))
    });
    // What is held back on purpose lags on purpose.
    let ok = most == 0 || lag_s <= most || held.is_some();
    let lag =
        check("queue", ok, format!("the oldest due mail has waited for {lag_s} s; at most {most} s are asked for (0: no limit)"));
    vec![lag, check("dispatch", true, held.unwrap_or_else(|| "goes on".to_owned()))]
}

/// How the log is sealed, for information: whatever keeps it from being sealed, nothing else stops.
async fn sealing(app: &App) -> Check {
    let Ok(log) = seal::status(app).await else { return check("sealing", true, "can't be read; the log says why") };
    let waits = log.waiting_s.map_or_else(|| "nothing waits".to_owned(), |s| format!("the oldest entry has waited for {s} s"));
    let size = log.checkpoint.map_or(0, |checkpoint| checkpoint.size);
    let whole = match log.badge {
        seal::Badge::Intact { size, at } => format!("the first {size} entries were found whole at {}", at.format("%F %T UTC")),
        seal::Badge::Broken { entry, .. } => format!("ENTRY {entry} IS NOT WHAT WAS SEALED"),
        seal::Badge::NotChecked => "not checked yet".to_owned(),
    };
    let stopped = log.stop.map_or_else(String::new, |stop| format!("; nothing is sealed here: {stop}"));
    check("sealing", true, format!("{size} entries are sealed; {waits}; {whole}{stopped}"))
}

/// The room beside the SQLite file.
fn disk(app: &App) -> Option<Check> {
    let Place::Sqlite(path) = app.db.place() else { return None };
    let least = u64::from(app.config.health.least_free_mib);
    Some(match free_bytes(path) {
        Ok(bytes) => {
            let mib = bytes / (1024 * 1024);
            check("disk", mib >= least, format!("{mib} MiB are free; at least {least} MiB are asked for"))
        }
        Err(_) => check("disk", least == 0, "can't be asked"),
    })
}

/// The free bytes on the disk that holds a file.
///
/// # Errors
/// The system's.
pub fn free_bytes(file: &Path) -> std::io::Result<u64> {
    let dir = match file.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => PathBuf::from("."),
    };
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether the relay rests, as this process saw it: for information, since pages and the log work without it.
fn relay(app: &App) -> Check {
    match app.relay.resting(app.clock.now()) {
        Some((until, _)) => check("relay", true, format!("fails; mail rests until {}", until.format("%F %T UTC"))),
        None => check("relay", true, "no failure is known to this process"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_learn_one_word() {
        let found = Readiness { ready: false, checks: vec![check("disk", false, "3 MiB are free")] };
        assert_eq!(serde_json::to_string(&found.short()).unwrap_or_default(), r#"{"ready":false}"#);
        assert_eq!((found.of("disk"), found.of("moon")), (Some(false), None));
    }
}
