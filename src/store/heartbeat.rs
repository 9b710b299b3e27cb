//! Single facts with their time: when the scheduler last ticked.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::db::Conn;
use super::error::StoreError;
use super::schema::heartbeats;
use super::tx::Tx;
use super::types::At;
use super::types::sql::Ts;

/// In a copy of a database stands, under this name, when it was made: wherever the copy is started, dispatch is held.
pub const COPIED: &str = "copied";

/// Sets the time of `name` to now.
///
/// # Errors
/// The database's failure.
pub fn save(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO heartbeats (name, beat_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at",
    )
    .bind::<Text, _>(name)
    .bind::<Ts, _>(At(tx.now))
    .execute(tx.conn)?;
    Ok(())
}

/// Forgets `name`.
///
/// # Errors
/// The database's failure.
pub fn remove(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    diesel::delete(heartbeats::table.find(name)).execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Clock {
    #[diesel(sql_type = Ts)]
    at: At,
}

/// What time it is by the database, which all replicas share; none on SQLite, whose only clock is this machine's.
///
/// # Errors
/// The database's failure.
pub fn shared_time(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    if conn.is_sqlite() {
        return Ok(None);
    }
    let clock: Clock = diesel::sql_query("SELECT clock_timestamp() AS at").get_result(conn)?;
    Ok(Some(clock.at.0))
}

/// The time of `name`.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, name: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at = heartbeats::table.find(name).select(heartbeats::beat_at).first::<At>(conn).optional()?;
    Ok(at.map(|at| at.0))
}
