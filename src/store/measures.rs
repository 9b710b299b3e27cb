//! What monitoring asks the database: each question is answered by an index that holds only the rows in question, and counting stops at a cap.
//! No statement here grows with the number of members, mails or log entries.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::{Count, SqlText};
use super::types::At;
use super::types::sql::Ts;
use crate::domain::data_request::SOON;

/// Where counting stops.
pub const CAP: i64 = 10_000;
/// So many of the first mails are looked at: urgent ones are dated back to stand in front, and must not look old.
const FIRST: i64 = 100;

/// The queue of mails, each number up to [`CAP`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Due and never tried, or to be tried again.
    pub due: i64,
    /// Due later.
    pub waiting: i64,
    /// Put off by a relay.
    pub deferred: i64,
    /// In a worker's hands.
    pub sending: i64,
    /// Kept back with their campaigns.
    pub held: i64,
    /// Whose fate a person decides.
    pub unknown: i64,
    /// For how long the oldest due mail has waited, in seconds.
    pub oldest_due_s: i64,
    /// The same of those put off before.
    pub oldest_deferred_s: i64,
}

/// Waves by state, each number up to [`CAP`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waves {
    /// Being opened.
    pub opening: i64,
    /// Open.
    pub open: i64,
    /// Held until a person decides.
    pub held: i64,
    /// Planned, and their time has come.
    pub overdue: i64,
}

/// What became of the mails of the waves that are opening or open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct WaveMails {
    /// Planned.
    #[diesel(sql_type = BigInt)]
    pub planned: i64,
    /// Handed over.
    #[diesel(sql_type = BigInt)]
    pub sent: i64,
    /// Failed for good.
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Not sent, because the address is suppressed.
    #[diesel(sql_type = BigInt)]
    pub suppressed: i64,
    /// Whose fate is unknown.
    #[diesel(sql_type = BigInt)]
    pub unknown: i64,
    /// Cancelled.
    #[diesel(sql_type = BigInt)]
    pub cancelled: i64,
}

/// Everything that is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures {
    /// Mails.
    pub queue: Queue,
    /// Waves.
    pub waves: Waves,
    /// Their mails.
    pub wave_mails: WaveMails,
    /// Schedules whose next occurrence should have happened, up to [`CAP`].
    pub schedules_overdue: i64,
    /// How late the latest of them is, in seconds.
    pub schedule_lag_s: i64,
    /// Destinations that rest, up to [`CAP`].
    pub destinations_resting: i64,
    /// Campaigns that the service paused by itself, up to [`CAP`].
    pub campaigns_stopped: i64,
    /// Requests about data that wait for an answer, up to [`CAP`]: all, those due within a day, those overdue.
    pub requests: [i64; 3],
}

/// Asks everything.
///
/// # Errors
/// The database's failure.
pub fn measure(conn: &mut Conn, now: DateTime<Utc>) -> Result<Measures, StoreError> {
    let overdue = "schedules WHERE stopped_at IS NULL AND next_due_at <= ";
    Ok(Measures {
        queue: queue(conn, now)?,
        waves: Waves {
            opening: capped(conn, "waves WHERE state = 'opening'", None)?,
            open: capped(conn, "waves WHERE state = 'open'", None)?,
            held: capped(conn, "waves WHERE state = 'held'", None)?,
            overdue: capped(conn, "waves WHERE state = 'planned' AND opens_at <= ", Some(now))?,
        },
        wave_mails: wave_mails(conn)?,
        schedules_overdue: capped(conn, overdue, Some(now))?,
        schedule_lag_s: oldest(
            conn,
            "next_due_at AS due, next_due_at AS made",
            &format!("{overdue}$1 ORDER BY next_due_at"),
            now,
        )?,
        destinations_resting: capped(conn, "mail_domains WHERE resting_until IS NOT NULL AND resting_until > ", Some(now))?,
        campaigns_stopped: capped(conn, "campaigns WHERE pause_reason IS NOT NULL AND state = 'paused'", None)?,
        requests: [
            capped(conn, REQUESTS, None)?,
            capped(conn, &format!("{REQUESTS} AND due_at < "), Some(now + SOON))?,
            capped(conn, &format!("{REQUESTS} AND due_at < "), Some(now))?,
        ],
    })
}

/// What a person has confirmed, or the desk has filed, and nobody has answered.
const REQUESTS: &str = "data_requests WHERE answered_at IS NULL AND state = 'open'";
/// Where each state's mails stand: on SQLite by the outbox's indexes by state, on PostgreSQL beside it.
struct Places {
    due: &'static str,
    waiting: &'static str,
    deferred: &'static str,
    deferred_due: &'static str,
    sending: &'static str,
    held: &'static str,
    unknown: &'static str,
}

const SQLITE: Places = Places {
    due: "outbox WHERE state = 'pending' AND NOT held AND digest_id IS NULL AND next_attempt_at <= ",
    waiting: "outbox WHERE state = 'pending' AND NOT held AND digest_id IS NULL AND next_attempt_at > ",
    deferred: "outbox WHERE state = 'deferred' AND NOT held",
    deferred_due: "outbox WHERE state = 'deferred' AND NOT held AND next_attempt_at <= ",
    sending: "outbox WHERE state = 'sending'",
    held: "outbox WHERE held AND state IN ('pending', 'deferred')",
    unknown: "outbox WHERE state = 'unknown'",
};

const POSTGRES: Places = Places {
    due: "outbox_waiting w WHERE ready AND NOT deferred AND next_attempt_at <= ",
    waiting: "outbox_waiting w WHERE ready AND NOT deferred AND next_attempt_at > ",
    deferred: "outbox_waiting w WHERE ready AND deferred",
    deferred_due: "outbox_waiting w WHERE ready AND deferred AND next_attempt_at <= ",
    sending: "outbox_leases l CROSS JOIN LATERAL unnest(l.mails) AS m(id) JOIN outbox o ON o.id = m.id WHERE o.state = 'sending'",
    held: SQLITE.held,
    unknown: "outbox WHERE missed = 'unknown'",
};

const fn places(conn: &Conn) -> &'static Places {
    if conn.is_sqlite() { &SQLITE } else { &POSTGRES }
}

fn queue(conn: &mut Conn, now: DateTime<Utc>) -> Result<Queue, StoreError> {
    let places = places(conn);
    Ok(Queue {
        due: capped(conn, places.due, Some(now))?,
        waiting: capped(conn, places.waiting, Some(now))?,
        deferred: capped(conn, places.deferred, None)?,
        sending: capped(conn, places.sending, None)?,
        held: capped(conn, places.held, None)?,
        unknown: capped(conn, places.unknown, None)?,
        oldest_due_s: oldest_due(conn, now)?,
        oldest_deferred_s: oldest_mail(conn, places.deferred_due, now)?,
    })
}

/// For how long the oldest due mail has waited, in seconds.
///
/// # Errors
/// The database's failure.
pub fn oldest_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let due = places(conn).due;
    oldest_mail(conn, due, now)
}

fn oldest_mail(conn: &mut Conn, those: &str, now: DateTime<Utc>) -> Result<i64, StoreError> {
    if conn.is_sqlite() {
        return oldest(
            conn,
            "next_attempt_at AS due, created_at AS made",
            &format!("{those}$1 ORDER BY next_attempt_at, id"),
            now,
        );
    }
    let made = "next_attempt_at AS due, (SELECT o.created_at FROM outbox o WHERE o.id = w.mail_id) AS made";
    oldest(conn, made, &format!("{those}$1 ORDER BY deferred, next_attempt_at, mail_id"), now)
}

#[derive(Debug, QueryableByName)]
struct Since {
    #[diesel(sql_type = Ts)]
    due: At,
    #[diesel(sql_type = Ts)]
    made: At,
}

/// The longest wait among the first rows: since they fell due, but not since before they were made.
fn oldest(conn: &mut Conn, columns: &str, those: &str, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let sql = format!("SELECT {columns} FROM {those} LIMIT {FIRST}");
    let first: Vec<Since> = diesel::sql_query(sql).bind::<Ts, _>(At(now)).load(conn)?;
    Ok(first.iter().map(|row| (now - row.due.0.max(row.made.0)).num_seconds().max(0)).max().unwrap_or_default())
}

fn capped(conn: &mut Conn, those: &str, at: Option<DateTime<Utc>>) -> Result<i64, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT count(*) AS n FROM (SELECT 1 FROM ").push(those);
    if let Some(at) = at {
        sql.at(at);
    }
    sql.push(&format!(" LIMIT {CAP}) x"));
    let Count { n } = sql.query().get_result(conn)?;
    Ok(n)
}

/// The sums of the counters that are maintained with each wave; a few rows, whatever the waves hold.
fn wave_mails(conn: &mut Conn) -> Result<WaveMails, StoreError> {
    let sums = ["planned", "sent", "failed", "suppressed", "unknown", "cancelled"]
        .map(|what| format!("CAST(coalesce(sum(c.mail_{what}), 0) AS BIGINT) AS {what}"));
    // One branch a state, so that each state's own index serves.
    let live = "SELECT id FROM waves WHERE state = 'opening' UNION ALL SELECT id FROM waves WHERE state = 'open'";
    let sql = format!("SELECT {} FROM wave_counts c WHERE c.wave_id IN ({live})", sums.join(", "));
    Ok(diesel::sql_query(sql).get_result(conn)?)
}
