//! The figures that monitoring reads: what this process counted, and what the database says, asked at most once in a few seconds however
//! many ask.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::{health, heartbeat, seal};
use crate::app::App;
use crate::domain::outbox::MailState;
use crate::domain::text_enum::TextEnum as _;
use crate::meter::Meter;
use crate::store::db::Place;
use crate::store::measures::{self, CAP, Measures};
use crate::store::outbox::Settlement;
use crate::store::{StoreError, dispatch_hold};

/// The database is asked again when its figures are older than this.
const FRESH: Duration = Duration::from_secs(5);

/// What was asked last, and when.
#[derive(Debug, Default)]
pub struct Cache(Mutex<Option<Instant>>);

/// Everything, in Prometheus's text form.
pub async fn render(app: &App, cache: &Cache, migrated: &AtomicBool) -> String {
    let mut asked = cache.0.lock().await;
    if asked.is_none_or(|at| at.elapsed() >= FRESH) {
        ask(app, migrated).await;
        *asked = Some(Instant::now());
    }
    let age = asked.map_or(0.0, |at| at.elapsed().as_secs_f64());
    drop(asked);
    app.meter.set("gaung_scrape_age_seconds", &[], age);
    own(app);
    app.meter.render()
}

/// Counts what became of mails.
pub(in crate::service) fn settled(app: &App, settlements: &[Settlement]) {
    for settlement in settlements {
        let outcome = match settlement.verdict.state {
            MailState::Pending => "put_back",
            state => state.as_str(),
        };
        let person = settlement.claimed.member_id.map(crate::domain::id::Id::uuid);
        app.meter.mail(outcome, settlement.domain.as_deref(), person);
    }
}

/// Asks the database; where it does not answer, its last figures stay and `gaung_check_ok` says so.
async fn ask(app: &App, migrated: &AtomicBool) {
    let found = health::readiness(app, migrated).await;
    let meter = &app.meter;
    meter.set("gaung_ready", &[], flag(found.ready));
    for check in &found.checks {
        meter.set("gaung_check_ok", &[("check", check.name)], flag(check.ok));
    }
    if found.of("database") != Some(true) || found.of("migrations") != Some(true) {
        return;
    }
    let now = app.clock.now();
    let read =
        app.db.read(move |conn| Ok::<_, StoreError>((measures::measure(conn, now)?, dispatch_hold::current(conn)?.is_some())));
    match read.await {
        Ok((measured, held)) => {
            tell(meter, &measured);
            meter.set("gaung_dispatch_held", &[], flag(held));
        }
        Err(error) => tracing::warn!(%error, "the figures for monitoring could not be read"),
    }
    if let Ok(log) = seal::status(app).await {
        meter.set("gaung_seal_waiting_seconds", &[], number(log.waiting_s.unwrap_or(0)));
        meter.set("gaung_log_broken", &[], flag(matches!(log.badge, seal::Badge::Broken { .. })));
    }
    meter.set("gaung_last_tick_age_seconds", &[], tick_age(now, heartbeat::last_tick(app).await.ok().flatten()));
}

fn tick_age(now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> f64 {
    last.map_or(-1.0, |at| number((now - at).num_seconds().max(0)))
}

fn tell(meter: &Meter, measured: &Measures) {
    let queue = &measured.queue;
    for (state, n) in [
        ("due", queue.due),
        ("waiting", queue.waiting),
        ("deferred", queue.deferred),
        ("sending", queue.sending),
        ("held", queue.held),
        ("unknown", queue.unknown),
    ] {
        meter.set("gaung_queue_mails", &[("state", state)], number(n));
    }
    meter.set("gaung_queue_cap", &[], number(CAP));
    for (state, seconds) in [("due", queue.oldest_due_s), ("deferred", queue.oldest_deferred_s)] {
        meter.set("gaung_queue_oldest_due_seconds", &[("state", state)], number(seconds));
    }
    let waves = &measured.waves;
    for (state, n) in [("opening", waves.opening), ("open", waves.open), ("held", waves.held), ("overdue", waves.overdue)] {
        meter.set("gaung_waves", &[("state", state)], number(n));
    }
    let mails = &measured.wave_mails;
    let ended = mails.sent + mails.failed + mails.suppressed + mails.unknown + mails.cancelled;
    for (state, n) in [
        ("sent", mails.sent),
        ("failed", mails.failed),
        ("suppressed", mails.suppressed),
        ("unknown", mails.unknown),
        ("cancelled", mails.cancelled),
        ("still_open", mails.planned - ended),
    ] {
        meter.set("gaung_wave_mails", &[("state", state)], number(n));
    }
    meter.set("gaung_schedules_overdue", &[], number(measured.schedules_overdue));
    meter.set("gaung_schedule_lag_seconds", &[], number(measured.schedule_lag_s));
    meter.set("gaung_destinations_resting", &[], number(measured.destinations_resting));
    let [waiting, soon, overdue] = measured.requests;
    for (standing, n) in [("running", waiting - soon), ("soon", soon - overdue), ("overdue", overdue)] {
        meter.set("gaung_data_requests", &[("standing", standing)], number(n));
    }
    meter.set("gaung_campaigns_stopped", &[], number(measured.campaigns_stopped));
}

/// What this process knows without asking.
fn own(app: &App) {
    let meter = &app.meter;
    meter.set("gaung_relay_resting", &[], flag(app.relay.resting(app.clock.now()).is_some()));
    meter.set("gaung_seal_stopped", &[], flag(app.sealing.stop().is_some()));
    if let Place::Sqlite(path) = app.db.place()
        && let Ok(bytes) = health::free_bytes(path)
    {
        meter.set("gaung_disk_free_bytes", &[], number(i64::try_from(bytes).unwrap_or(i64::MAX)));
    }
    let mut entries = 0;
    for (pool, load) in app.db.load() {
        let labels = &[("pool", pool)];
        meter.set("gaung_database_connections", labels, load.connections.into());
        meter.set("gaung_database_connections_in_use", labels, load.in_use.into());
        meter.set("gaung_database_waiting", labels, number(i64::try_from(load.waiting).unwrap_or(i64::MAX)));
        meter.counted("gaung_database_waits_total", labels, load.waits);
        meter.counted("gaung_database_wait_milliseconds_total", labels, load.wait_ms);
        meter.counted("gaung_database_refusals_total", labels, load.refusals);
        if pool != "read" {
            meter.counted("gaung_write_lock_waits_total", &[], load.lock_waits);
            meter.counted("gaung_write_lock_wait_milliseconds_total", &[], load.lock_wait_ms);
        }
        entries += load.entries;
    }
    meter.counted("gaung_log_entries_total", &[], entries);
}

fn flag(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; numbers below 2^53 are exact")]
/// A number as a figure has it.
pub const fn number(n: i64) -> f64 {
    n as f64
}
