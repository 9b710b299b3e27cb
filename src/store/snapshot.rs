//! Copies of a SQLite database as files: stamped when they are made, looked at without being changed; and what any database says of itself
//! before it is trusted again.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use super::db::{Conn, Db};
use super::dispatch_hold;
use super::error::StoreError;
use super::heartbeat::{self, COPIED};
use super::manner::Manner;
use super::migrate;
use super::promises::{self, Broken};
use super::restored::{self, LastEntry};
use super::types::At;
use super::types::sql::Ts;

/// What a database says of itself.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Report {
    /// SQLite's faults in its file, the first few; none is well. Absent on PostgreSQL, which checks its own pages.
    pub integrity: Option<Vec<String>>,
    /// Rows that point at a row that is not there.
    pub foreign_keys: i64,
    /// Which migrations it has had.
    pub migrations: migrate::State,
    /// When it was copied; absent where it is no copy, or was settled.
    pub copied_at: Option<DateTime<Utc>>,
    /// When a scheduler last ticked on it.
    pub last_tick: Option<DateTime<Utc>>,
    /// Whether dispatch is held.
    pub held: bool,
    /// The last entry of its log.
    pub last_entry: Option<LastEntry>,
    /// The promises that its rows break; absent where they were not compared.
    pub broken: Option<Vec<Broken>>,
    /// How many rows it holds, by what they are; absent where they were not counted.
    pub rows: Option<std::collections::BTreeMap<&'static str, i64>>,
}

impl Report {
    /// Whether it can be worked with.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.integrity.as_ref().is_none_or(Vec::is_empty)
            && self.foreign_keys == 0
            && self.migrations.applied > 0
            && self.migrations.unknown.is_empty()
            && self.broken.as_ref().is_none_or(Vec::is_empty)
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Faults that are listed at most.
const LISTED: usize = 10;

/// Writes into a copy when it was made. A database that holds nothing of ours is left alone.
///
/// # Errors
/// The database's failure.
pub(super) fn stamp(path: &Path, at: DateTime<Utc>) -> Result<(), StoreError> {
    let mut conn = Conn::Lite(open(path)?);
    let Number { n } = diesel::sql_query("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'heartbeats'")
        .get_result(&mut conn)?;
    if n > 0 {
        diesel::sql_query(
            "INSERT INTO heartbeats (name, beat_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at",
        )
        .bind::<Text, _>(COPIED)
        .bind::<Ts, _>(At(at))
        .execute(&mut conn)?;
    }
    Ok(())
}

fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| StoreError::Down(format!("{}: {e}", path.display())))
}

/// A name beside a file, as SQLite makes them.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Looks at a copy without changing a byte of it.
///
/// # Errors
/// The database's failure; [`StoreError::Inconsistent`] for a file whose newest rows lie beside it.
pub fn look_at_file(path: &Path, quick: bool) -> Result<Report, StoreError> {
    if std::fs::metadata(beside(path, "-wal")).is_ok_and(|wal| wal.len() > 0) {
        let why =
            format!("{} has a -wal file beside it, so it is no finished copy: make one with `gaung backup`", path.display());
        return Err(StoreError::Inconsistent(why));
    }
    let whole = std::path::absolute(path).map_err(|e| StoreError::Down(format!("{}: {e}", path.display())))?;
    // A URI: these characters would end the path.
    let uri = whole.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = SqliteConnection::establish(&format!("file:{uri}?mode=ro&immutable=1"))
        .map_err(|e| StoreError::Down(format!("{}: {e}", path.display())))?;
    conn.batch_execute("PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;")?;
    look(&mut Conn::Lite(conn), quick)
}

/// Looks at the database in use.
///
/// # Errors
/// The database's failure.
pub fn look_at(db: &Db, quick: bool) -> Result<Report, StoreError> {
    db.read_blocking_in(Manner::whole_tables(), |conn| look(conn, quick))
}

/// Looks. A quick look leaves out what reads every row; a file that is damaged is not asked further.
fn look(conn: &mut Conn, quick: bool) -> Result<Report, StoreError> {
    let integrity = if conn.is_sqlite() { Some(faults(conn, quick)?) } else { None };
    let mut report = Report {
        foreign_keys: 0,
        migrations: migrate::State::default(),
        copied_at: None,
        last_tick: None,
        held: false,
        last_entry: None,
        broken: None,
        rows: None,
        integrity,
    };
    if report.integrity.as_ref().is_some_and(|faults| !faults.is_empty()) {
        return Ok(report);
    }
    report.migrations = migrate::state(conn)?;
    if report.migrations.applied == 0 {
        return Ok(report);
    }
    if conn.is_sqlite() && !quick {
        let Number { n } = diesel::sql_query("SELECT count(*) AS n FROM pragma_foreign_key_check").get_result(conn)?;
        report.foreign_keys = n;
    }
    report.copied_at = heartbeat::find(conn, COPIED)?;
    report.last_tick = heartbeat::find(conn, "tick")?;
    report.last_entry = restored::last_entry(conn)?;
    // Tables and columns of another version are not asked for.
    if report.migrations.missing.is_empty() && report.migrations.unknown.is_empty() {
        report.held = dispatch_hold::current(conn)?.is_some();
        if !quick {
            report.broken = Some(promises::check(conn)?);
            report.rows = Some(count(conn)?);
        }
    }
    Ok(report)
}

fn faults(conn: &mut Conn, quick: bool) -> Result<Vec<String>, StoreError> {
    let check = if quick { "quick_check" } else { "integrity_check" };
    let sql = format!("SELECT {check} AS line FROM pragma_{check} LIMIT {LISTED}");
    let lines: Vec<Line> = match diesel::sql_query(sql).load(conn) {
        Ok(lines) => lines,
        // What is no database at all can't even be asked.
        Err(diesel::result::Error::DatabaseError(_, info)) => return Ok(vec![info.message().to_owned()]),
        Err(error) => return Err(error.into()),
    };
    Ok(lines.into_iter().map(|line| line.line).filter(|line| line != "ok").collect())
}

fn count(conn: &mut Conn) -> Result<std::collections::BTreeMap<&'static str, i64>, StoreError> {
    let mut rows = std::collections::BTreeMap::new();
    for table in ["members", "accounts", "campaigns", "waves", "assignments", "completions", "outbox", "ledger_entries"] {
        let Number { n } = diesel::sql_query(format!("SELECT count(*) AS n FROM {table}")).get_result(conn)?;
        rows.insert(table, n);
    }
    Ok(rows)
}

/// Makes one plain file of a database that nobody uses: what lies beside it is taken in. Says whether that worked; it does not while
/// another process has the database open.
///
/// # Errors
/// The database's failure, for one that is damaged.
pub fn close_up(path: &Path) -> Result<bool, StoreError> {
    let mut conn = open(path)?;
    conn.batch_execute("PRAGMA busy_timeout = 2000;")?;
    let asked: Result<Line, _> = diesel::sql_query("SELECT journal_mode AS line FROM pragma_journal_mode").get_result(&mut conn);
    if asked.is_ok_and(|mode| mode.line == "delete") {
        return Ok(true);
    }
    // As a statement, not as a table function: that one only tells.
    match conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;") {
        Ok(()) => {}
        Err(diesel::result::Error::DatabaseError(_, info)) if info.message().contains("locked") => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let Line { line } = diesel::sql_query("SELECT journal_mode AS line FROM pragma_journal_mode").get_result(&mut conn)?;
    Ok(line == "delete")
}
