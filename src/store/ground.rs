//! A large installation, written set by set into an empty database, for measuring. Nothing of the service calls it.
//!
//! Rows have ids that are a prefix and their number, so that every table's rows follow from a series of numbers alone.

mod dialect;
mod entries;
mod landmarks;
mod people;
mod work;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use self::dialect::Dialect;
pub use self::dialect::Prefix;
pub use self::landmarks::{Landmarks, is_ours, landmarks, mark};
use super::db::{Conn, Db};
use super::error::StoreError;
use crate::domain::id::{CampaignId, Id, TaskId, UnitId, WaveId};

/// How large the installation is.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Units below the root, on two levels.
    pub units: i64,
    /// Of those, on the first level.
    pub regions: i64,
    /// Members, each with one account of their own.
    pub members: i64,
    /// Accounts of layers 0 to 2, each with a confirmed disclosure.
    pub public: i64,
    /// Log entries besides those that the assignments make.
    pub history: i64,
    /// When the history begins.
    pub from: DateTime<Utc>,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// The version of the consents.
    pub consent: String,
    /// The ids of the rows.
    pub ids: Prefixes,
}

/// What the rows' ids begin with.
#[derive(Debug, Clone)]
pub struct Prefixes {
    units: Prefix,
    members: Prefix,
    own: Prefix,
    public: Prefix,
    disclosures: Prefix,
    subjects: Prefix,
}

impl Prefixes {
    /// New ones, as if the rows were made at an instant.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        let next = |n: i64| Prefix::at(at + TimeDelta::milliseconds(n));
        Self { units: next(0), members: next(1), own: next(2), public: next(3), disclosures: next(4), subjects: next(5) }
    }
}

impl Plan {
    /// The id of the root unit.
    #[must_use]
    pub fn root(&self) -> UnitId {
        Id::from_uuid(self.ids.units.uuid(0))
    }
}

/// A wave whose assignments are written.
#[derive(Debug, Clone)]
pub struct Wave {
    /// Its number among all.
    pub no: i64,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The wave.
    pub id: WaveId,
    /// Its only task.
    pub task_id: TaskId,
    /// The first member who is asked.
    pub first: i64,
    /// How many are.
    pub members: i64,
    /// When it opened.
    pub opened: DateTime<Utc>,
    /// When its window ends.
    pub closes: DateTime<Utc>,
    /// Whether the window is over.
    pub over: bool,
    /// Of a thousand mails, those that still wait.
    pub waiting: i64,
}

/// The tables that are filled, and whose indexes are made afterwards.
const LARGE: [&str; 8] =
    ["members", "subjects", "accounts", "disclosures", "assignments", "completions", "outbox", "ledger_entries"];

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

/// A connection that writes fast and may lose its database in a crash: this is for measuring only.
pub struct Filler<'a> {
    conn: &'a mut Conn,
    sql: Dialect,
}

impl Filler<'_> {
    fn run(&mut self, sql: &str) -> Result<i64, StoreError> {
        Ok(i64::try_from(diesel::sql_query(sql).execute(self.conn)?).unwrap_or(i64::MAX))
    }
}

/// Fills a database: its large tables lose their indexes first and get them back at the end.
///
/// # Errors
/// The database's failure; what was written stays.
pub fn fill<T>(db: &Db, work: impl FnOnce(&mut Filler<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    db.migrating(|conn| {
        let sql = Dialect { sqlite: conn.is_sqlite() };
        hurry(conn)?;
        let indexes = drop_indexes(conn)?;
        let done = work(&mut Filler { conn, sql });
        for index in indexes {
            diesel::sql_query(index.sql).execute(conn)?;
        }
        rest(conn)?;
        done
    })
}

fn hurry(conn: &mut Conn) -> Result<(), StoreError> {
    if conn.is_sqlite() {
        conn.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -600000;")?;
        return Ok(());
    }
    conn.batch_execute(
        "SET synchronous_commit = off; SET statement_timeout = 0; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'",
    )?;
    // A superuser alone may leave the foreign keys unasked; for others it takes longer.
    if conn.batch_execute("SET session_replication_role = replica").is_err() {
        tracing::info!("foreign keys are checked while the rows are written");
    }
    Ok(())
}

fn rest(conn: &mut Conn) -> Result<(), StoreError> {
    let sql = if conn.is_sqlite() {
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000; PRAGMA wal_checkpoint(TRUNCATE);"
    } else {
        "RESET ALL"
    };
    conn.batch_execute(sql)?;
    if !conn.is_sqlite() {
        // Where the foreign keys were not asked, the triggers were not either.
        conn.batch_execute(
            "BEGIN; DELETE FROM outbox_waiting; INSERT INTO outbox_waiting (mail_id, campaign_id, member_id, deferred, ready, next_attempt_at) \
             SELECT id, campaign_id, member_id, state = 'deferred', NOT held AND digest_id IS NULL, next_attempt_at FROM outbox \
             WHERE state IN ('pending', 'deferred'); COMMIT",
        )?;
        conn.batch_execute("VACUUM ANALYZE")?;
    }
    Ok(())
}

fn drop_indexes(conn: &mut Conn) -> Result<Vec<Index>, StoreError> {
    let tables = LARGE.map(|table| format!("'{table}'")).join(", ");
    let found: Vec<Index> = if conn.is_sqlite() {
        diesel::sql_query(format!(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({tables})"
        ))
        .load(conn)?
    } else {
        diesel::sql_query(format!(
            "SELECT indexname::text AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = current_schema() \
             AND tablename IN ({tables}) AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ))
        .load(conn)?
    };
    for index in &found {
        diesel::sql_query(format!("DROP INDEX \"{}\"", index.name)).execute(conn)?;
    }
    Ok(found)
}
