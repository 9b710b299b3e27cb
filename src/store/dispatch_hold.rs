//! Whether dispatch is held because the database was restored, and what the holding found.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::db::Conn;
use super::error::StoreError;
use super::schema::dispatch_holds;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::HoldId;

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dispatch_holds, treat_none_as_default_value = false)]
pub struct HoldRow {
    /// The hold.
    pub id: HoldId,
    /// From when the restored rows are, as far as they tell.
    pub rows_from: Option<At>,
    /// Since when.
    pub began_at: At,
    /// When everything that may have been sent was marked.
    pub settled_at: Option<At>,
    /// When a person ended it.
    pub ended_at: Option<At>,
    /// Mails that may have left since.
    pub mails_unknown: i64,
    /// Waves that may have opened since.
    pub waves_held: i64,
    /// Campaigns with a wave that was being opened.
    pub campaigns_paused: i64,
    /// Occurrences of schedules that may have happened since.
    pub occurrences_held: i64,
    /// Reminders that may have been sent since.
    pub reminders_dropped: i64,
}

/// What the holding found so far, to be added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Marked {
    /// Mails that are unknown now.
    pub mails_unknown: i64,
    /// Waves that are held now.
    pub waves_held: i64,
    /// Campaigns that are paused now.
    pub campaigns_paused: i64,
    /// Occurrences that are held now.
    pub occurrences_held: i64,
    /// Reminders that are not sent.
    pub reminders_dropped: i64,
}

/// The hold in force, if there is one.
///
/// # Errors
/// The database's failure.
pub fn current(conn: &mut Conn) -> Result<Option<HoldRow>, StoreError> {
    let found = dispatch_holds::table.filter(dispatch_holds::ended_at.is_null());
    Ok(found.select(HoldRow::as_select()).first(conn).optional()?)
}

/// Begins one; dispatch stands still from its commit on.
///
/// # Errors
/// [`StoreError::Taken`] where one is in force.
pub fn begin(tx: &mut Tx<'_>, rows_from: Option<DateTime<Utc>>) -> Result<HoldRow, StoreError> {
    let row = HoldRow {
        id: HoldId::from_uuid(Uuid::now_v7()),
        rows_from: rows_from.map(At),
        began_at: At(tx.now),
        settled_at: None,
        ended_at: None,
        mails_unknown: 0,
        waves_held: 0,
        campaigns_paused: 0,
        occurrences_held: 0,
        reminders_dropped: 0,
    };
    diesel::insert_into(dispatch_holds::table).values(&row).execute(tx.conn)?;
    Ok(row)
}

/// Adds what was marked.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, id: HoldId, more: Marked) -> Result<(), StoreError> {
    use dispatch_holds::dsl as h;
    diesel::update(dispatch_holds::table.find(id))
        .set((
            h::mails_unknown.eq(h::mails_unknown + more.mails_unknown),
            h::waves_held.eq(h::waves_held + more.waves_held),
            h::campaigns_paused.eq(h::campaigns_paused + more.campaigns_paused),
            h::occurrences_held.eq(h::occurrences_held + more.occurrences_held),
            h::reminders_dropped.eq(h::reminders_dropped + more.reminders_dropped),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Everything that may have been sent is marked.
///
/// # Errors
/// The database's failure.
pub fn settle(tx: &mut Tx<'_>, id: HoldId) -> Result<(), StoreError> {
    diesel::update(dispatch_holds::table.find(id)).set(dispatch_holds::settled_at.eq(At(tx.now))).execute(tx.conn)?;
    Ok(())
}

/// Ends it: dispatch goes on.
///
/// # Errors
/// [`StoreError::Stale`] where somebody else ended it.
pub fn end(tx: &mut Tx<'_>, id: HoldId) -> Result<(), StoreError> {
    let open = dispatch_holds::table.filter(dispatch_holds::id.eq(id)).filter(dispatch_holds::ended_at.is_null());
    let changed = diesel::update(open).set(dispatch_holds::ended_at.eq(At(tx.now))).execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
