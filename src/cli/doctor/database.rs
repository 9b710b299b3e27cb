//! What the database says: that it answers, its form, its health, its clock, and when a scheduler last ticked.

use chrono::TimeDelta;

use super::Check;
use crate::app;
use crate::cli::failure::Failure;
use crate::clock::SteadyClock;
use crate::config::{Config, DatabaseUrl};
use crate::service::heartbeat::TICK;
use crate::service::seal::why_not;
use crate::store::inspect::DatabaseFacts;
use crate::store::{Db, StoreError, heartbeat, inspect, migrate};

/// Clocks that differ by more make waves open early or late, and leases run out under their holders.
const MOST_SKEW: TimeDelta = TimeDelta::seconds(5);
/// A scheduler that ticks once a second and has been silent for this long is busy or gone.
const OLDEST_TICK: TimeDelta = TimeDelta::seconds(15);

/// Everything about the database; only the first check where it can't be opened.
pub fn look(config: &Config) -> Result<Vec<Check>, Failure> {
    const CHECK: &str = "database";
    let url = config.database_url()?;
    if let DatabaseUrl::Sqlite(path) = &url
        && !path.exists()
    {
        let advice = "check --data-dir and database.url; `gaung migrate` makes it";
        return Ok(vec![Check::bad(CHECK, format!("{url} is not there"), advice)]);
    }
    let advice = match url {
        DatabaseUrl::Sqlite(_) => "check the file and its owner; a damaged one is replaced from a backup",
        DatabaseUrl::Postgres(_) => "check database.url, that the server runs, and that this machine and user may connect",
    };
    let opened = app::database(config, SteadyClock::shared()).map_err(|e| e.to_string());
    let answer = opened.and_then(|db| inspect::facts(&db).map(|facts| (db, facts)).map_err(|e| e.to_string()));
    let (db, facts) = match answer {
        Ok(answer) => answer,
        Err(why) => return Ok(vec![Check::bad(CHECK, format!("{url}: {why}"), advice)]),
    };
    let mut checks = vec![Check::good(CHECK, format!("{} at {url}", facts.version)), form(&db, &facts), integrity(&db)];
    checks.push(clock(&db, &facts));
    let (migrations, is_migrated) = migrations(&db);
    checks.push(migrations);
    if is_migrated {
        checks.push(scheduler(&db));
        checks.push(sealing(&db, config));
    }
    Ok(checks)
}

/// Whether this process would seal the log: its key and its record of what was signed last fit the database.
fn sealing(db: &Db, config: &Config) -> Check {
    const CHECK: &str = "sealing";
    match why_not(db, config, db.clock().now()) {
        Ok(None) => Check::good(CHECK, "key and record fit the database")
            .advise("keep copies of ledger.key and ledger.checkpoint: they are in no backup of the database"),
        Ok(Some(stop)) => {
            Check::bad(CHECK, stop.to_string(), "docs/ledger.md, \"Operation\", says what to do; nothing else stops")
        }
        Err(error) => failed(CHECK, &error),
    }
}

fn failed(check: &'static str, error: &StoreError) -> Check {
    Check::bad(check, error.to_string(), "see the database's own log")
}

/// SQLite must journal ahead, PostgreSQL must keep UTF-8.
fn form(db: &Db, facts: &DatabaseFacts) -> Check {
    let form = &facts.form;
    if db.is_sqlite() {
        return match form.as_str() {
            "wal" => Check::good("journal", "write-ahead"),
            _ => Check::bad("journal", format!("mode {form}"), "keep the file on a local disk: write-ahead needs shared memory"),
        };
    }
    match form.as_str() {
        "UTF8" => Check::good("encoding", "UTF-8"),
        _ => Check::bad("encoding", form.clone(), "make the database anew with ENCODING 'UTF8'"),
    }
}

fn integrity(db: &Db) -> Check {
    const CHECK: &str = "integrity";
    match inspect::first_fault(db) {
        Ok(None) if db.is_sqlite() => Check::good(CHECK, "quick_check found no fault"),
        Ok(None) => Check::good(CHECK, "left to PostgreSQL"),
        Ok(Some(fault)) => {
            Check::bad(CHECK, fault, "stop every process, copy the file, and go back to a backup or use `sqlite3 FILE .recover`")
        }
        Err(error) => failed(CHECK, &error),
    }
}

/// The database's clock against this machine's, asked once more so that what came before does not count.
fn clock(db: &Db, facts: &DatabaseFacts) -> Check {
    const CHECK: &str = "clock";
    if facts.clock.is_none() {
        return Check::good(CHECK, "the database has this machine's");
    }
    let before = db.clock().now();
    let there = match inspect::facts(db) {
        Ok(facts) => facts.clock.unwrap_or(before),
        Err(error) => return failed(CHECK, &error),
    };
    let after = db.clock().now();
    // The answer was given at some instant between the two.
    let skew = if there < before { before - there } else { (there - after).max(TimeDelta::zero()) };
    let detail = format!("the database's differs from this machine's by {} ms", skew.num_milliseconds());
    if skew <= MOST_SKEW {
        return Check::good(CHECK, detail);
    }
    Check::bad(CHECK, detail, "let both machines follow a time server (NTP)")
}

fn migrations(db: &Db) -> (Check, bool) {
    const CHECK: &str = "migrations";
    match (migrate::applied(db), migrate::pending(db)) {
        (Ok(applied), Ok(0)) => (Check::good(CHECK, format!("all {applied} applied")), true),
        (Ok(applied), Ok(pending)) => {
            let advice = "run `gaung migrate`, after a backup";
            (Check::bad(CHECK, format!("{applied} applied, {pending} missing"), advice), false)
        }
        (Err(error), _) | (_, Err(error)) => (failed(CHECK, &error), false),
    }
}

/// When a scheduler last ticked, on any replica.
fn scheduler(db: &Db) -> Check {
    const CHECK: &str = "scheduler";
    let last = match db.read_blocking(|conn| heartbeat::find(conn, TICK)) {
        Ok(last) => last,
        Err(error) => return failed(CHECK, &error),
    };
    let advice = "start `gaung serve`, or `gaung worker` beside `gaung serve --no-jobs`";
    let Some(last) = last else { return Check::good(CHECK, "has not ticked yet").advise(advice) };
    let age = db.clock().now() - last;
    let at = last.format("%F %T UTC");
    if age > OLDEST_TICK {
        return Check::bad(CHECK, format!("ticked last at {at}, {} s ago", age.num_seconds()), advice);
    }
    if age < -MOST_SKEW {
        return Check::bad(
            CHECK,
            format!("ticked last at {at}, which is still to come"),
            "a clock was set back: check this machine's",
        );
    }
    Check::good(CHECK, format!("ticked last at {at}"))
}
