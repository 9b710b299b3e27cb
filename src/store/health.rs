//! What the readiness check reads: whether the database answers, and when a scheduler last ticked.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::heartbeats;
use super::types::At;

/// When any replica's scheduler last ticked; nothing before the first tick.
///
/// # Errors
/// The database's failure.
pub fn last_tick(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let ticks = heartbeats::table.filter(heartbeats::name.like("tick%")).order(heartbeats::beat_at.desc());
    Ok(ticks.select(heartbeats::beat_at).first::<At>(conn).optional()?.map(|at| at.0))
}
