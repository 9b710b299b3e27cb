//! What the database says of itself, for whoever looks after it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::db::{Conn, Db};
use super::error::StoreError;
use super::types::At;
use super::types::sql::Ts;

/// What the database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFacts {
    /// `SQLite 3.53.0` or `PostgreSQL 15.9`.
    pub version: String,
    /// PostgreSQL's time; SQLite has this machine's.
    pub clock: Option<DateTime<Utc>>,
    /// SQLite's journal mode, or PostgreSQL's encoding.
    pub form: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Time {
    #[diesel(sql_type = Ts)]
    time: At,
}

/// Asks.
///
/// # Errors
/// The database's failure.
pub fn facts(db: &Db) -> Result<DatabaseFacts, StoreError> {
    db.read_blocking(|conn| {
        if conn.is_sqlite() {
            let version = format!("SQLite {}", line(conn, "SELECT sqlite_version() AS line")?);
            return Ok(DatabaseFacts {
                version,
                clock: None,
                form: line(conn, "SELECT journal_mode AS line FROM pragma_journal_mode")?,
            });
        }
        let version = line(conn, "SELECT current_setting('server_version') AS line")?;
        let version = version.split(' ').next().unwrap_or_default();
        // The one question for the database's own time: it is compared with this machine's, and nothing is stored by it.
        let time: Time = diesel::sql_query("SELECT clock_timestamp() AS time").get_result(conn)?;
        let form = line(conn, "SELECT current_setting('server_encoding') AS line")?;
        Ok(DatabaseFacts { version: format!("PostgreSQL {version}"), clock: Some(time.time.0), form })
    })
}

/// The first fault that SQLite finds in its file; none where it finds none, or on PostgreSQL, which checks its own pages.
///
/// # Errors
/// The database's failure.
pub fn first_fault(db: &Db) -> Result<Option<String>, StoreError> {
    if !db.is_sqlite() {
        return Ok(None);
    }
    let found = db.read_blocking(|conn| line(conn, "SELECT quick_check AS line FROM pragma_quick_check LIMIT 1"))?;
    Ok((found != "ok").then_some(found))
}

fn line(conn: &mut Conn, sql: &str) -> Result<String, StoreError> {
    let row: Line = diesel::sql_query(sql).get_result(conn)?;
    Ok(row.line)
}
