//! The list of candidates' and parties' accounts, and the election calendar.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{blocked_targets, freezes};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{BlockedTargetId, FreezeId};
use crate::domain::platform::Platform;

/// An account that no task may point at.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = blocked_targets)]
pub struct BlockedTargetRow {
    /// The entry's id.
    pub id: BlockedTargetId,
    /// Where the account lives.
    pub platform: Platform,
    /// The handle as entered.
    pub handle: String,
    /// The handle in its compared form.
    pub handle_norm: String,
    /// Whose it is: the candidate or the party.
    pub label: String,
    /// When it was put on the list.
    pub added_at: At,
}

/// A stretch of time around an election in which nothing goes out without a second approver's reason.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = freezes)]
pub struct FreezeRow {
    /// The freeze's id.
    pub id: FreezeId,
    /// What it is for.
    pub label: String,
    /// Its first instant.
    pub starts_at: At,
    /// The instant at which it is over.
    pub ends_at: At,
    /// When it was put on the calendar.
    pub added_at: At,
}

/// The entry with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get_blocked(conn: &mut Conn, id: BlockedTargetId) -> Result<BlockedTargetRow, StoreError> {
    let found = blocked_targets::table.find(id).select(BlockedTargetRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the blocked target"))
}

/// The whole list, by platform and handle. It has hundreds of entries at most.
///
/// # Errors
/// The database's failure.
pub fn list_blocked(conn: &mut Conn) -> Result<Vec<BlockedTargetRow>, StoreError> {
    let query = blocked_targets::table.order((blocked_targets::platform.asc(), blocked_targets::handle_norm.asc()));
    Ok(query.select(BlockedTargetRow::as_select()).load(conn)?)
}

/// Whether this account is on the list.
///
/// # Errors
/// The database's failure.
pub fn is_blocked(conn: &mut Conn, platform: Platform, handle_norm: &str) -> Result<bool, StoreError> {
    let query = blocked_targets::table
        .filter(blocked_targets::platform.eq(platform))
        .filter(blocked_targets::handle_norm.eq(handle_norm))
        .select(blocked_targets::id);
    Ok(query.first::<BlockedTargetId>(conn).optional()?.is_some())
}

/// Puts an account on the list.
///
/// # Errors
/// [`StoreError::Taken`] when it is there already.
pub fn insert_blocked(tx: &mut Tx<'_>, row: &BlockedTargetRow) -> Result<(), StoreError> {
    diesel::insert_into(blocked_targets::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Says anew whose a blocked account is.
///
/// # Errors
/// [`StoreError::Missing`] when it is not there.
pub fn relabel(tx: &mut Tx<'_>, id: BlockedTargetId, label: &str) -> Result<(), StoreError> {
    match diesel::update(blocked_targets::table.find(id)).set(blocked_targets::label.eq(label)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(StoreError::Missing("the blocked target")),
    }
}

/// Takes an account off the list.
///
/// # Errors
/// [`StoreError::Missing`] when it is not there.
pub fn remove_blocked(tx: &mut Tx<'_>, id: BlockedTargetId) -> Result<(), StoreError> {
    match diesel::delete(blocked_targets::table.find(id)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(StoreError::Missing("the blocked target")),
    }
}

/// The calendar, by start.
///
/// # Errors
/// The database's failure.
pub fn list_freezes(conn: &mut Conn) -> Result<Vec<FreezeRow>, StoreError> {
    Ok(freezes::table.order((freezes::starts_at.asc(), freezes::id.asc())).select(FreezeRow::as_select()).load(conn)?)
}

/// The freezes that share an instant with the time from `from` up to but not including `to`; with `from` equal to `to`, that instant.
///
/// # Errors
/// The database's failure.
pub fn freezes_between(conn: &mut Conn, from: At, to: At) -> Result<Vec<FreezeRow>, StoreError> {
    let query =
        freezes::table.filter(freezes::ends_at.gt(from)).filter(freezes::starts_at.lt(to).or(freezes::starts_at.le(from)));
    Ok(query.order((freezes::starts_at.asc(), freezes::id.asc())).select(FreezeRow::as_select()).load(conn)?)
}

/// Puts a freeze on the calendar.
///
/// # Errors
/// The database's failure.
pub fn insert_freeze(tx: &mut Tx<'_>, row: &FreezeRow) -> Result<(), StoreError> {
    diesel::insert_into(freezes::table).values(row).execute(tx.conn)?;
    Ok(())
}
