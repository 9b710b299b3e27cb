//! Erasing a person: every place that holds something of them, in one transaction. What has to keep adding up stays without them.
//!
//! [`PLACES`] lists every table with what becomes of it; a test walks the schema and fails for a table that is not in it.

mod file;
mod finds;
mod places;
mod rows;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

pub use file::{Swept, octets, sweep_file};
pub use finds::{Known, is_shared_domain, known};
pub use places::{Fate, PLACES};
pub use rows::{Taken, erase, forget_late};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{erasures, outbox};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{MailId, MemberId};
use crate::domain::outbox::MailState;

/// An erasure as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = erasures, treat_none_as_default_value = false)]
pub struct ErasureRow {
    /// Whose: an id that says nothing about them.
    pub member_id: MemberId,
    /// When.
    pub erased_at: At,
    /// When the id was written into the list that is kept outside of the database.
    pub listed_at: Option<At>,
    /// When the database's files held nothing of them any more.
    pub swept_at: Option<At>,
    /// The reference under which the log has them.
    pub subject_ref: Option<String>,
}

/// Whether this member was erased.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: MemberId) -> Result<Option<ErasureRow>, StoreError> {
    Ok(erasures::table.find(id).select(ErasureRow::as_select()).first(conn).optional()?)
}

/// Erasures that still have something open, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_open(conn: &mut Conn, limit: i64) -> Result<Vec<ErasureRow>, StoreError> {
    let open = erasures::table.filter(erasures::swept_at.is_null()).order(erasures::member_id.asc());
    Ok(open.limit(limit).select(ErasureRow::as_select()).load(conn)?)
}

/// Every erasure, in the order in which they were done.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn) -> Result<Vec<ErasureRow>, StoreError> {
    Ok(erasures::table
        .order((erasures::erased_at.asc(), erasures::member_id.asc()))
        .select(ErasureRow::as_select())
        .load(conn)?)
}

/// Whether a mail to this member is being handed over at this moment: what comes of it is written after the erasure.
///
/// # Errors
/// The database's failure.
pub fn is_being_mailed(conn: &mut Conn, id: MemberId) -> Result<bool, StoreError> {
    let sending = outbox::table.filter(outbox::member_id.eq(id)).filter(outbox::state.eq(MailState::Sending));
    Ok(sending.select(outbox::id).first::<MailId>(conn).optional()?.is_some())
}

/// Notes that these stand in the list outside of the database.
///
/// # Errors
/// The database's failure.
pub fn mark_listed(tx: &mut Tx<'_>, ids: &[MemberId]) -> Result<(), StoreError> {
    let these = erasures::table.filter(erasures::member_id.eq_any(ids.to_vec()));
    diesel::update(these).set(erasures::listed_at.eq(Some(At(tx.now)))).execute(tx.conn)?;
    Ok(())
}

/// Notes that the files hold nothing of these any more.
///
/// # Errors
/// The database's failure.
pub fn mark_swept(tx: &mut Tx<'_>, ids: &[MemberId], at: DateTime<Utc>) -> Result<(), StoreError> {
    let these = erasures::table.filter(erasures::member_id.eq_any(ids.to_vec()));
    diesel::update(these).set(erasures::swept_at.eq(Some(At(at)))).execute(tx.conn)?;
    Ok(())
}
