//! Console sessions, by the hash of their token.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::sessions;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::UserId;

/// A session as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Whose it is.
    pub user_id: UserId,
    /// When the user signed in.
    pub created_at: At,
    /// The last request, to the minute.
    pub last_seen_at: At,
    /// When it ends in any case.
    pub expires_at: At,
}

/// The session of this token's hash, if there is one; it may be over.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<SessionRow>, StoreError> {
    Ok(sessions::table.find(token_hash.to_vec()).select(SessionRow::as_select()).first(conn).optional()?)
}

/// Inserts a session.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, session: &SessionRow) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table).values(session).execute(tx.conn)?;
    Ok(())
}

/// Notes a request.
///
/// # Errors
/// The database's failure.
pub fn touch(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(token_hash.to_vec())).set(sessions::last_seen_at.eq(At(tx.now))).execute(tx.conn)?;
    Ok(())
}

/// Ends a session; says whether it was there.
///
/// # Errors
/// The database's failure.
pub fn delete(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<bool, StoreError> {
    Ok(diesel::delete(sessions::table.find(token_hash.to_vec())).execute(tx.conn)? > 0)
}

/// Ends every session of a user.
///
/// # Errors
/// The database's failure.
pub fn delete_of(tx: &mut Tx<'_>, user_id: UserId) -> Result<usize, StoreError> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id))).execute(tx.conn)?)
}

/// Removes sessions that ended before `before`.
///
/// # Errors
/// The database's failure.
pub fn prune(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(At(before)))).execute(tx.conn)?)
}

/// Whether a session ended before `before`.
///
/// # Errors
/// The database's failure.
pub fn any_over(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool, StoreError> {
    let over = sessions::table.filter(sessions::expires_at.lt(At(before))).select(sessions::user_id);
    Ok(over.first::<UserId>(conn).optional()?.is_some())
}
