//! Consents and operators' confirmations: what was asked of whom, in which text version, and what became of it.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::consents;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{ConsentId, MemberId};
use crate::domain::kind::ConsentKind;

/// Rows a statement: 7 binds each, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// A consent as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
pub struct ConsentRow {
    /// The consent's id.
    pub id: ConsentId,
    /// Who is asked.
    pub member_id: MemberId,
    /// What for.
    pub kind: ConsentKind,
    /// The version of the text that is agreed to.
    pub text_version: String,
    /// When it was asked for.
    pub requested_at: At,
    /// When it was given.
    pub given_at: Option<At>,
    /// When it was withdrawn; after that a new consent is asked for.
    pub withdrawn_at: Option<At>,
}

/// The consent with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: ConsentId) -> Result<ConsentRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the consent"))
}

/// The consent with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: ConsentId) -> Result<Option<ConsentRow>, StoreError> {
    Ok(consents::table.find(id).select(ConsentRow::as_select()).first(conn).optional()?)
}

/// Every consent of a member, the oldest first.
///
/// # Errors
/// The database's failure.
pub fn list_by_member(conn: &mut Conn, member_id: MemberId) -> Result<Vec<ConsentRow>, StoreError> {
    let query = consents::table.filter(consents::member_id.eq(member_id)).order(consents::id.asc());
    Ok(query.select(ConsentRow::as_select()).load(conn)?)
}

/// Consents that were asked for or given and not withdrawn, of these members.
///
/// # Errors
/// The database's failure.
pub fn list_open(conn: &mut Conn, members: &[MemberId]) -> Result<Vec<ConsentRow>, StoreError> {
    let mut rows = Vec::new();
    for chunk in members.chunks(CHUNK) {
        let query = consents::table
            .filter(consents::member_id.eq_any(chunk.to_vec()))
            .filter(consents::withdrawn_at.is_null())
            .select(ConsentRow::as_select());
        rows.extend(query.load(conn)?);
    }
    Ok(rows)
}

/// Inserts consents.
///
/// # Errors
/// [`StoreError::Taken`] where one of that kind and text version is open already.
pub fn insert_many(tx: &mut Tx<'_>, rows: &[ConsentRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        insert_batch!(tx.conn, consents::table, chunk);
    }
    Ok(())
}

/// Saves when a consent was given and withdrawn.
///
/// # Errors
/// [`StoreError::Stale`] when it was withdrawn meanwhile: a withdrawn consent stays as it is.
pub fn save(tx: &mut Tx<'_>, consent: &ConsentRow) -> Result<(), StoreError> {
    let changed = diesel::update(consents::table.filter(consents::id.eq(consent.id)).filter(consents::withdrawn_at.is_null()))
        .set((consents::given_at.eq(consent.given_at), consents::withdrawn_at.eq(consent.withdrawn_at)))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
