//! What `gaung bench` asks of the database: people made up by the hundred thousand, and the bare statements it compares with.
//!
//! Nothing here runs in the service. The statements are plain on purpose: they are the limit that the service's own are held against.

mod bare;
mod copied;
mod people;
mod schedules;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

pub use bare::{commit_rows, forget_rows, open};
pub use copied::{Copied, drop_copies, make_copies, write_copies};
pub use people::{People, make_people};
pub use schedules::make_schedules;

use super::db::{Conn, Db};
use super::error::StoreError;
use super::sql_text::SqlText;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{AssignmentId, WaveId};

/// Writes out what was written so far, and tells the planner of it, as a database does by itself in time.
///
/// # Errors
/// The database's failure.
pub fn settle_down(db: &Db) -> Result<(), StoreError> {
    db.migrating(settle)
}

fn settle(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Lite(conn) => Ok(conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?),
        Conn::Pg(conn) => {
            conn.batch_execute("VACUUM ANALYZE")?;
            // Only a superuser may; for anybody else the server does it when it likes.
            let _ = conn.batch_execute("CHECKPOINT");
            Ok(())
        }
    }
}

/// Takes every wave's work back, as if none had opened. PostgreSQL only: a SQLite file is copied instead.
///
/// # Errors
/// The database's failure.
pub fn close_again(db: &Db) -> Result<(), StoreError> {
    db.migrating(|conn| {
        conn.batch_execute(
            "BEGIN; TRUNCATE assignments, outbox, outbox_waiting, outbox_leases, wave_counts, wave_unit_counts, wave_pace CASCADE; \
             INSERT INTO wave_counts (wave_id) SELECT id FROM waves; \
             UPDATE waves SET state = 'planned', opened_at = NULL, closes_at = NULL, filled_at = NULL, lease_until = NULL, cursor = NULL; \
             UPDATE campaigns SET state = 'released', started_at = NULL; COMMIT",
        )?;
        Ok(())
    })
}

/// How many rows of each kind the opening of waves made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Made {
    /// Assignments.
    #[diesel(sql_type = BigInt)]
    pub assignments: i64,
    /// Mails.
    #[diesel(sql_type = BigInt)]
    pub mails: i64,
    /// What the waves' counters say was planned.
    #[diesel(sql_type = BigInt)]
    pub counted: i64,
    /// What the units' counters say was planned.
    #[diesel(sql_type = BigInt)]
    pub counted_by_unit: i64,
}

/// Counts what the opening of waves made.
///
/// # Errors
/// The database's failure.
pub fn made(conn: &mut Conn) -> Result<Made, StoreError> {
    Ok(diesel::sql_query(
        "SELECT (SELECT count(*) FROM assignments) AS assignments, (SELECT count(*) FROM outbox WHERE kind = 'task') AS mails, \
         (SELECT CAST(coalesce(sum(planned), 0) AS BIGINT) FROM wave_counts) AS counted, \
         (SELECT CAST(coalesce(sum(planned), 0) AS BIGINT) FROM wave_unit_counts) AS counted_by_unit",
    )
    .get_result(conn)?)
}

/// An open task and whose account it is.
#[derive(Debug, Clone, QueryableByName)]
pub struct OpenTask {
    /// The assignment.
    #[diesel(sql_type = Uid)]
    pub id: AssignmentId,
    /// The version of its links.
    #[diesel(sql_type = Integer)]
    pub link_version: i32,
    /// Its deadline.
    #[diesel(sql_type = Ts)]
    pub expires_at: At,
    /// The account's handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
}

/// A wave's open tasks, by id.
///
/// # Errors
/// The database's failure.
pub fn open_tasks(conn: &mut Conn, wave_id: WaveId) -> Result<Vec<OpenTask>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT s.id, s.link_version, s.expires_at, a.handle FROM assignments s JOIN accounts a ON a.id = s.account_id ");
    sql.push("WHERE s.state IN ('planned', 'notified') AND s.wave_id = ").id(wave_id).push(" ORDER BY s.id");
    Ok(sql.query().load(conn)?)
}

/// The expression of an id under a prefix of 12 bytes, numbered by `n`.
fn id_of(sqlite: bool, prefix: &str, n: &str) -> String {
    if sqlite {
        format!("unhex('{prefix}' || printf('%08x', {n}))")
    } else {
        format!("('{prefix}' || lpad(to_hex({n}), 8, '0'))::uuid")
    }
}

/// The expression of a number in nine digits.
fn digits(sqlite: bool, n: &str) -> String {
    if sqlite { format!("printf('%09d', {n})") } else { format!("lpad(({n})::text, 9, '0')") }
}

/// A relation `n(i)` of the whole numbers from `from` up to but without `to`.
fn numbers(sqlite: bool, from: u32, to: u32) -> String {
    let last = i64::from(to) - 1;
    if sqlite {
        format!("(WITH RECURSIVE s(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM s WHERE i < {last}) SELECT i FROM s) n")
    } else {
        format!("generate_series({from}::bigint, {last}::bigint) AS n(i)")
    }
}
