//! Migrations: compiled in, forward at start on SQLite, by command on PostgreSQL.

use std::path::Path;
use std::time::Duration;

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{Connection as _, RunQueryDsl as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::db::{Conn, Db};
use super::error::StoreError;
use super::snapshot;
use crate::fault;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// An arbitrary number that every starter agrees on; the only advisory lock in the program.
const LOCK: i64 = 0x67_61_75_6e_67;

/// How long a migration waits for a table that others use ...
const LOCK_WAIT_MS: u32 = 4_000;
/// ... how long it then lets them pass ...
const LOCK_REST: Duration = Duration::from_secs(2);
/// ... and how often it tries.
const LOCK_TRIES: u32 = 6;

/// Applies what is missing; returns the versions that were applied.
///
/// # Errors
/// [`StoreError::Down`] names what failed; nothing of a failed migration stays.
pub fn up(db: &Db) -> Result<Vec<String>, StoreError> {
    let mut tries = LOCK_TRIES;
    loop {
        tries -= 1;
        match up_once(db) {
            // Somebody's long transaction is in the way: others must not queue behind this one for as long as that takes.
            Err(StoreError::Busy) if tries > 0 => std::thread::sleep(LOCK_REST),
            Err(StoreError::Busy) => {
                let why =
                    "a table stayed in use by others' long transactions; nothing was changed: try again when they have ended";
                return Err(StoreError::Down(why.into()));
            }
            result => return result,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "PostgreSQL only: there a plain transaction may write after it read")]
fn up_once(db: &Db) -> Result<Vec<String>, StoreError> {
    db.migrating(|conn| {
        fault::point("migrate.before");
        let run = |result: diesel::migration::Result<Vec<diesel::migration::MigrationVersion<'_>>>| {
            result.map(|versions| versions.iter().map(ToString::to_string).collect()).map_err(failed)
        };
        match conn {
            Conn::Lite(conn) => run(conn.run_pending_migrations(SQLITE)),
            // Four starters at once: three failed without the lock. It belongs to the transaction, not to the session, which behind a
            // pooler is shared; so all migrations are one transaction.
            Conn::Pg(conn) => conn.transaction(|conn| {
                diesel::sql_query(format!("SELECT pg_advisory_xact_lock({LOCK})")).execute(conn)?;
                diesel::sql_query(format!("SET LOCAL lock_timeout = {LOCK_WAIT_MS}")).execute(conn)?;
                fault::point("migrate.locked");
                run(conn.run_pending_migrations(POSTGRES))
            }),
        }
    })
}

/// How many migrations of this version are not applied yet; those of a later version do not count. Only looks.
///
/// # Errors
/// The database's failure.
pub fn pending(db: &Db) -> Result<usize, StoreError> {
    looking(db, |conn| {
        let is_begun = is_begun(conn)?;
        let count = match conn {
            Conn::Lite(conn) if is_begun => conn.pending_migrations(SQLITE).map(|m| m.len()),
            Conn::Pg(conn) if is_begun => conn.pending_migrations(POSTGRES).map(|m| m.len()),
            Conn::Lite(_) => MigrationSource::<Sqlite>::migrations(&SQLITE).map(|m| m.len()),
            Conn::Pg(_) => MigrationSource::<Pg>::migrations(&POSTGRES).map(|m| m.len()),
        };
        count.map_err(failed)
    })
}

/// How many migrations are applied: none on a database that holds nothing of ours. Only looks.
///
/// # Errors
/// The database's failure.
pub fn applied(db: &Db) -> Result<usize, StoreError> {
    looking(db, |conn| {
        if !is_begun(conn)? {
            return Ok(0);
        }
        let count = match conn {
            Conn::Lite(conn) => conn.applied_migrations().map(|m| m.len()),
            Conn::Pg(conn) => conn.applied_migrations().map(|m| m.len()),
        };
        count.map_err(failed)
    })
}

/// In one transaction: behind a pooler, two statements outside of one may go to two servers.
#[expect(clippy::disallowed_methods, reason = "it only looks")]
fn looking<T>(db: &Db, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
    db.migrating(|conn| conn.transaction(f))
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    let why = error.to_string();
    if why.contains("lock timeout") { StoreError::Busy } else { StoreError::Down(why) }
}

#[derive(diesel::QueryableByName)]
struct Tables {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Whether the table of applied migrations is there: asking diesel would make it.
fn is_begun(conn: &mut Conn) -> Result<bool, StoreError> {
    let sql = if conn.is_sqlite() {
        "SELECT count(*) AS found FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'"
    } else {
        "SELECT count(*) AS found FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')"
    };
    let tables: Tables = diesel::sql_query(sql).get_result(conn)?;
    Ok(tables.found > 0)
}

/// Copies a SQLite database, whole and consistent, into a new file that only its owner may read.
///
/// # Errors
/// [`StoreError::Inconsistent`] on PostgreSQL, which has `pg_dump`; else the database's or the disk's failure.
pub fn copy_sqlite(db: &Db, to: &Path) -> Result<(), StoreError> {
    if !db.is_sqlite() {
        return Err(StoreError::Inconsistent("only SQLite is copied as a file".into()));
    }
    let failed = |e: std::io::Error| StoreError::Down(format!("{}: {e}", to.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // SQLite fills an empty file and leaves its mode alone.
    drop(options.open(to).map_err(failed)?);
    let copied =
        db.migrating(|conn| Ok(diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(to.to_string_lossy()).execute(conn)?));
    if let Err(error) = copied {
        // A copy that is not whole must not look like one.
        let _ = std::fs::remove_file(to);
        return Err(error);
    }
    snapshot::stamp(to, db.clock().now())?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(failed)
}

/// Which migrations a database has had, told by this version.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct State {
    /// How many are applied.
    pub applied: usize,
    /// Those of this version that are not.
    pub missing: Vec<String>,
    /// Those that this version does not know: a newer one applied them.
    pub unknown: Vec<String>,
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Looks, and changes nothing: also through a connection that cannot write.
///
/// # Errors
/// The database's failure.
pub fn state(conn: &mut Conn) -> Result<State, StoreError> {
    let named = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Down(e.to_string());
    let known: Vec<String> = if conn.is_sqlite() {
        let all = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(named)?;
        all.iter().map(|m| m.name().version().to_string()).collect()
    } else {
        let all = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(named)?;
        all.iter().map(|m| m.name().version().to_string()).collect()
    };
    let mut applied: Vec<String> = Vec::new();
    if is_begun(conn)? {
        let rows: Vec<Version> =
            diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(conn)?;
        applied.extend(rows.into_iter().map(|row| row.version));
    }
    let missing = known.iter().filter(|version| !applied.contains(version)).cloned().collect();
    let unknown = applied.iter().filter(|version| !known.contains(version)).cloned().collect();
    Ok(State { applied: applied.len(), missing, unknown })
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
