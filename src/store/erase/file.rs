//! The database's files after an erasure. SQLite leaves what was deleted in free pages and in its write-ahead log until both are
//! written anew: VACUUM and a checkpoint that truncates do that. PostgreSQL gives space free by itself (autovacuum); docs/operating.md
//! says how to have it written anew. Its statistics hold values of columns, and are made anew here.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::domain::actor::Actor;
use crate::store::db::{Conn, Db, Place};
use crate::store::error::StoreError;

/// What came of sweeping the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swept {
    /// They hold nothing that was deleted.
    Done,
    /// A reader still needs the write-ahead log: later.
    Later,
    /// PostgreSQL: its rows are gone, its files are its own affair.
    NotOurs,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Octets of the database file; 0 on PostgreSQL, whose files nobody waits for.
#[must_use]
pub fn octets(db: &Db) -> u64 {
    match db.place() {
        Place::Sqlite(path) => std::fs::metadata::<&Path>(path).map_or(0, |meta| meta.len()),
        Place::Postgres(_) => 0,
    }
}

/// Writes a SQLite database anew and empties its write-ahead log. Every write waits meanwhile: call it when nobody does.
///
/// # Errors
/// The database's failure.
pub fn sweep_file(db: &Db) -> Result<Swept, StoreError> {
    if !db.is_sqlite() {
        // What the planner keeps of columns are values of them: names and addresses.
        db.write_blocking(Actor::System, |tx| {
            tx.without_entry("the erasure is on the log");
            if let Conn::Pg(conn) = tx.conn {
                conn.batch_execute("ANALYZE")?;
            }
            Ok::<_, StoreError>(())
        })?;
        return Ok(Swept::NotOurs);
    }
    db.alone(|conn| {
        let Conn::Lite(conn) = conn else { return Ok(Swept::NotOurs) };
        conn.batch_execute("VACUUM")?;
        let told: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn)?;
        Ok(if told.busy == 0 { Swept::Done } else { Swept::Later })
    })
}
