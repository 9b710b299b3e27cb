//! The public halves of the keys that sign checkpoints, and from where to where each did.

use diesel::prelude::*;

use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::ledger_keys;
use crate::store::tx::Tx;
use crate::store::types::At;

/// A key as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_keys, treat_none_as_default_value = false)]
pub struct KeyRow {
    /// The Ed25519 public key.
    pub public: Vec<u8>,
    /// The log whose checkpoints it signs first ...
    pub from_log: i32,
    /// ... from this size on.
    pub from_size: i64,
    /// When it was made known.
    pub added_at: At,
    /// From when on it signs no more; none for the newest.
    pub retires_at: Option<At>,
    /// The log of the last checkpoint that it signed ...
    pub until_log: Option<i32>,
    /// ... and that checkpoint's size; none while it signs.
    pub until_size: Option<i64>,
}

/// Every key, the newest first.
///
/// # Errors
/// The database's failure.
pub fn keys(conn: &mut Conn) -> Result<Vec<KeyRow>, StoreError> {
    let newest =
        ledger_keys::table.order((ledger_keys::from_log.desc(), ledger_keys::from_size.desc(), ledger_keys::added_at.desc()));
    Ok(newest.select(KeyRow::as_select()).load(conn)?)
}

/// Makes a key known.
///
/// # Errors
/// [`StoreError::Taken`] where it is.
pub fn add_key(tx: &mut Tx<'_>, key: &KeyRow) -> Result<(), StoreError> {
    diesel::insert_into(ledger_keys::table).values(key).execute(tx.conn)?;
    Ok(())
}

/// Says of every key but this one that it signs no more from `at` on, unless that was said before.
///
/// # Errors
/// The database's failure.
pub fn retire_others(tx: &mut Tx<'_>, public: &[u8], at: At) -> Result<(), StoreError> {
    let others = ledger_keys::table.filter(ledger_keys::public.ne(public.to_vec())).filter(ledger_keys::retires_at.is_null());
    diesel::update(others).set(ledger_keys::retires_at.eq(at)).execute(tx.conn)?;
    Ok(())
}

/// Notes where a key left off: the last checkpoint with its line is the one before this size.
///
/// # Errors
/// The database's failure.
pub fn left_off(tx: &mut Tx<'_>, public: &[u8], log_no: i32, size: i64) -> Result<(), StoreError> {
    let key = ledger_keys::table.find(public.to_vec()).filter(ledger_keys::until_size.is_null());
    let set = (ledger_keys::until_log.eq(log_no), ledger_keys::until_size.eq(size));
    diesel::update(key).set(set).execute(tx.conn)?;
    Ok(())
}
