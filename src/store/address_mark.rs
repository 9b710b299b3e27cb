//! Marks that the addresses of erased people left, under a keyed hash: that somebody was erased, and what had been suppressed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::address_marks;
use super::suppression::SuppressionRow;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{AddressMarkId, CampaignId};
use crate::domain::text_enum::TextEnum as _;

/// The mark of an erasure; every other mark is the word of a suppression's scope.
pub const ERASED: &str = "erased";
/// Hashes a statement.
const CHUNK: usize = 500;

/// A mark as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = address_marks, treat_none_as_default_value = false)]
pub struct AddressMarkRow {
    /// The row's id.
    pub id: AddressMarkId,
    /// The address's keyed hash.
    pub address_hash: String,
    /// [`ERASED`], or a suppression's scope.
    pub mark: String,
    /// Why it was suppressed; empty for an erasure.
    pub reason: String,
    /// The campaign, where the suppression was about one.
    pub campaign_id: Option<CampaignId>,
    /// When.
    pub created_at: At,
}

/// Leaves the marks of an erased person's address.
///
/// # Errors
/// The database's failure.
pub fn leave(tx: &mut Tx<'_>, address_hash: &str, suppressed: &[SuppressionRow]) -> Result<(), StoreError> {
    let row = |mark: &str, reason: &str, campaign_id, created_at| AddressMarkRow {
        id: AddressMarkId::new(),
        address_hash: address_hash.to_owned(),
        mark: mark.to_owned(),
        reason: reason.to_owned(),
        campaign_id,
        created_at,
    };
    let mut rows = vec![row(ERASED, "", None, At(tx.now))];
    rows.extend(suppressed.iter().map(|s| row(s.scope.as_str(), s.reason.as_str(), s.campaign_id, s.created_at)));
    insert_batch!(tx.conn, address_marks::table, &rows);
    Ok(())
}

/// Whether any address ever left a mark: else nothing has to be hashed.
///
/// # Errors
/// The database's failure.
pub fn any(conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(address_marks::table.select(address_marks::id).first::<AddressMarkId>(conn).optional()?.is_some())
}

/// The marks of these addresses.
///
/// # Errors
/// The database's failure.
pub fn of(conn: &mut Conn, hashes: &[String]) -> Result<Vec<AddressMarkRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in hashes.chunks(CHUNK) {
        let rows = address_marks::table.filter(address_marks::address_hash.eq_any(chunk.to_vec()));
        found.extend(rows.order(address_marks::id.asc()).select(AddressMarkRow::as_select()).load(conn)?);
    }
    Ok(found)
}

/// Forgets marks: the address is on file again, and what they said with it.
///
/// # Errors
/// The database's failure.
pub fn forget(tx: &mut Tx<'_>, ids: &BTreeSet<AddressMarkId>) -> Result<(), StoreError> {
    let ids: Vec<AddressMarkId> = ids.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        diesel::delete(address_marks::table.filter(address_marks::id.eq_any(chunk.to_vec()))).execute(tx.conn)?;
    }
    Ok(())
}

/// Forgets that somebody was erased, where that is older than `before`; a suppression has no end. Says how many.
///
/// # Errors
/// The database's failure.
pub fn prune(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let old = address_marks::table.filter(address_marks::mark.eq(ERASED)).filter(address_marks::created_at.lt(At(before)));
    Ok(diesel::delete(old).execute(tx.conn)?)
}

/// Whether there is a mark for [`prune`].
///
/// # Errors
/// The database's failure.
pub fn any_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool, StoreError> {
    let old = address_marks::table.filter(address_marks::created_at.lt(At(before))).filter(address_marks::mark.eq(ERASED));
    Ok(old.select(address_marks::id).first::<AddressMarkId>(conn).optional()?.is_some())
}
