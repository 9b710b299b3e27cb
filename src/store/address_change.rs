//! New addresses of members that wait to be confirmed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::address_changes;
use super::tx::Tx;
use super::types::At;
use crate::domain::address_change::{AddressAsker, AddressEnd};
use crate::domain::id::{AddressChangeId, MemberId};

/// A new address as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = address_changes, treat_none_as_default_value = false)]
pub struct AddressChangeRow {
    /// Its id.
    pub id: AddressChangeId,
    /// Whose it is to be.
    pub member_id: MemberId,
    /// The address that was on file when it was asked for.
    pub old_email: String,
    /// The new one as entered.
    pub email: String,
    /// The new one in its compared form.
    pub email_norm: String,
    /// Who asked.
    pub asked_by: AddressAsker,
    /// When.
    pub asked_at: At,
    /// Until when it can be confirmed.
    pub expires_at: At,
    /// When the wait ended.
    pub settled_at: Option<At>,
    /// How.
    pub outcome: Option<AddressEnd>,
}

/// Inserts a new address that waits.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &AddressChangeRow) -> Result<(), StoreError> {
    diesel::insert_into(address_changes::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The one with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: AddressChangeId) -> Result<Option<AddressChangeRow>, StoreError> {
    Ok(address_changes::table.find(id).select(AddressChangeRow::as_select()).first(conn).optional()?)
}

/// Those of these members that wait.
///
/// # Errors
/// The database's failure.
pub fn waiting(conn: &mut Conn, ids: &[MemberId]) -> Result<Vec<AddressChangeRow>, StoreError> {
    let open = address_changes::table
        .filter(address_changes::member_id.eq_any(ids.to_vec()))
        .filter(address_changes::settled_at.is_null());
    Ok(open.select(AddressChangeRow::as_select()).load(conn)?)
}

/// All of a member, the newest first.
///
/// # Errors
/// The database's failure.
pub fn list_of(conn: &mut Conn, id: MemberId) -> Result<Vec<AddressChangeRow>, StoreError> {
    let rows = address_changes::table.filter(address_changes::member_id.eq(id)).order(address_changes::id.desc());
    Ok(rows.select(AddressChangeRow::as_select()).load(conn)?)
}

/// Those that nobody confirmed in time, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn overdue(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<AddressChangeRow>, StoreError> {
    let open =
        address_changes::table.filter(address_changes::settled_at.is_null()).filter(address_changes::expires_at.le(At(now)));
    let rows = open.order((address_changes::expires_at.asc(), address_changes::id.asc())).limit(limit);
    Ok(rows.select(AddressChangeRow::as_select()).load(conn)?)
}

/// Ends a wait; says whether it still waited.
///
/// # Errors
/// The database's failure.
pub fn settle(tx: &mut Tx<'_>, id: AddressChangeId, outcome: AddressEnd) -> Result<bool, StoreError> {
    let open = address_changes::table.filter(address_changes::id.eq(id)).filter(address_changes::settled_at.is_null());
    let set = (address_changes::settled_at.eq(At(tx.now)), address_changes::outcome.eq(outcome));
    Ok(diesel::update(open).set(set).execute(tx.conn)? == 1)
}
