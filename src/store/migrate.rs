//! Migrations: compiled in, forward at start on SQLite, by command on PostgreSQL.

use diesel::RunQueryDsl as _;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::db::{Conn, Db};
use super::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// An arbitrary number that every starter agrees on; the only advisory lock in the program.
const LOCK: i64 = 0x67_61_75_6e_67;

/// Applies what is missing; returns the versions that were applied.
///
/// # Errors
/// [`StoreError::Down`] names what failed; nothing of a failed migration stays.
pub fn up(db: &Db) -> Result<Vec<String>, StoreError> {
    db.migrating(|conn| {
        let run = |result: diesel::migration::Result<Vec<diesel::migration::MigrationVersion<'_>>>| {
            result.map(|versions| versions.iter().map(ToString::to_string).collect()).map_err(|e| StoreError::Down(e.to_string()))
        };
        match conn {
            Conn::Lite(conn) => run(conn.run_pending_migrations(SQLITE)),
            Conn::Pg(conn) => {
                // Four starters at once: three failed without this.
                diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(conn)?;
                let result = run(conn.run_pending_migrations(POSTGRES));
                diesel::sql_query(format!("SELECT pg_advisory_unlock({LOCK})")).execute(conn)?;
                result
            }
        }
    })
}

/// How many migrations are not applied yet.
///
/// # Errors
/// The database's failure.
pub fn pending(db: &Db) -> Result<usize, StoreError> {
    db.migrating(|conn| {
        let count = match conn {
            Conn::Lite(conn) => conn.pending_migrations(SQLITE).map(|m| m.len()),
            Conn::Pg(conn) => conn.pending_migrations(POSTGRES).map(|m| m.len()),
        };
        count.map_err(|e| StoreError::Down(e.to_string()))
    })
}

/// Takes every migration back; for the up-down-up test.
///
/// # Errors
/// The database's failure.
pub fn down(db: &Db) -> Result<(), StoreError> {
    db.migrating(|conn| {
        let result = match conn {
            Conn::Lite(conn) => conn.revert_all_migrations(SQLITE).map(|v| v.len()),
            Conn::Pg(conn) => conn.revert_all_migrations(POSTGRES).map(|v| v.len()),
        };
        result.map(|_| ()).map_err(|e| StoreError::Down(e.to_string()))
    })
}
