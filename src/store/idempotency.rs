//! Answers kept under the key that a client gave with its request, so that a repeated request is answered and not done again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::idempotency_keys;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::UserId;

/// A request under way or answered.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct KeyRow {
    /// Whose key it is.
    pub actor_id: UserId,
    /// The key.
    pub idem_key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: Vec<u8>,
    /// The answer's status; 0 while the request is under way.
    pub status: i32,
    /// The answer's Location.
    pub location: Option<String>,
    /// The answer's body.
    pub body: String,
    /// When the request came.
    pub created_at: At,
}

/// What is kept under a key, if anything.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, actor_id: UserId, key: &str) -> Result<Option<KeyRow>, StoreError> {
    Ok(idempotency_keys::table.find((actor_id, key)).select(KeyRow::as_select()).first(conn).optional()?)
}

/// Takes a key for a request that begins.
///
/// # Errors
/// [`StoreError::Taken`] when another request took it meanwhile.
pub fn insert(tx: &mut Tx<'_>, row: &KeyRow) -> Result<(), StoreError> {
    diesel::insert_into(idempotency_keys::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Keeps the answer of a request that ended.
///
/// # Errors
/// The database's failure.
pub fn save(tx: &mut Tx<'_>, row: &KeyRow) -> Result<(), StoreError> {
    diesel::update(idempotency_keys::table.find((row.actor_id, &row.idem_key)))
        .set((
            idempotency_keys::status.eq(row.status),
            idempotency_keys::location.eq(&row.location),
            idempotency_keys::body.eq(&row.body),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Gives a key free again: its request changed nothing.
///
/// # Errors
/// The database's failure.
pub fn delete(tx: &mut Tx<'_>, actor_id: UserId, key: &str) -> Result<(), StoreError> {
    diesel::delete(idempotency_keys::table.find((actor_id, key))).execute(tx.conn)?;
    Ok(())
}

/// Forgets keys taken before `before`.
///
/// # Errors
/// The database's failure.
pub fn prune(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(At(before)))).execute(tx.conn)?)
}

/// Whether a key was taken before `before`.
///
/// # Errors
/// The database's failure.
pub fn any_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool, StoreError> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(At(before))).select(idempotency_keys::actor_id);
    Ok(old.first::<UserId>(conn).optional()?.is_some())
}
