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

/// The time of `name`.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, name: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at = heartbeats::table.find(name).select(heartbeats::beat_at).first::<At>(conn).optional()?;
    Ok(at.map(|at| at.0))
}
