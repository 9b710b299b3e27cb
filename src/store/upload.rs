//! Files that were checked and wait to be imported: what was found, and the file itself in parts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{upload_parts, uploads};
use super::tx::Tx;
use super::types::{At, Doc};
use crate::domain::id::{UploadId, UserId};

/// An upload as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = uploads, treat_none_as_default_value = false)]
pub struct UploadRow {
    /// The upload's id.
    pub id: UploadId,
    /// Whose it is: nobody else sees it.
    pub user_id: UserId,
    /// What the file holds.
    pub kind: String,
    /// The file's name, as the browser gave it.
    pub name: String,
    /// The SHA-256 of the file, in hex.
    pub sha256: String,
    /// How large it is.
    pub octets: i64,
    /// What the check found.
    pub report: Doc<serde_json::Value>,
    /// When it was checked.
    pub created_at: At,
    /// When it is forgotten.
    pub expires_at: At,
    /// When it was imported.
    pub applied_at: Option<At>,
}

/// The upload with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: UploadId) -> Result<Option<UploadRow>, StoreError> {
    Ok(uploads::table.find(id).select(UploadRow::as_select()).first(conn).optional()?)
}

/// Inserts an upload; its parts follow.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &UploadRow) -> Result<(), StoreError> {
    diesel::insert_into(uploads::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Adds a part of the file.
///
/// # Errors
/// The database's failure.
pub fn insert_part(tx: &mut Tx<'_>, id: UploadId, part_no: i32, body: &[u8]) -> Result<(), StoreError> {
    diesel::insert_into(upload_parts::table)
        .values((upload_parts::upload_id.eq(id), upload_parts::part_no.eq(part_no), upload_parts::body.eq(body)))
        .execute(tx.conn)?;
    Ok(())
}

/// A part of the file; none after the last.
///
/// # Errors
/// The database's failure.
pub fn part(conn: &mut Conn, id: UploadId, part_no: i32) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(upload_parts::table.find((id, part_no)).select(upload_parts::body).first(conn).optional()?)
}

/// Replaces what the check found.
///
/// # Errors
/// The database's failure.
pub fn save_report(tx: &mut Tx<'_>, id: UploadId, report: serde_json::Value) -> Result<(), StoreError> {
    diesel::update(uploads::table.find(id)).set(uploads::report.eq(Doc(report))).execute(tx.conn)?;
    Ok(())
}

/// Notes that the file was imported; the file itself is no longer kept.
///
/// # Errors
/// [`StoreError::Stale`] when that was done before, or it is forgotten.
pub fn mark_applied(tx: &mut Tx<'_>, id: UploadId) -> Result<(), StoreError> {
    let open = uploads::table.filter(uploads::id.eq(id)).filter(uploads::applied_at.is_null());
    if diesel::update(open).set(uploads::applied_at.eq(Some(At(tx.now)))).execute(tx.conn)? != 1 {
        return Err(StoreError::Stale);
    }
    diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq(id))).execute(tx.conn)?;
    Ok(())
}

/// Forgets a user's uploads but for the newest `keep`.
///
/// # Errors
/// The database's failure.
pub fn keep_newest(tx: &mut Tx<'_>, user_id: UserId, keep: i64) -> Result<(), StoreError> {
    let theirs = uploads::table.filter(uploads::user_id.eq(user_id)).order(uploads::id.desc()).select(uploads::id);
    let kept: Vec<UploadId> = theirs.limit(keep).load(tx.conn)?;
    let all: Vec<UploadId> = uploads::table.filter(uploads::user_id.eq(user_id)).select(uploads::id).load(tx.conn)?;
    let old: Vec<UploadId> = all.into_iter().filter(|id| !kept.contains(id)).collect();
    forget(tx, &old)
}

/// Forgets these uploads.
///
/// # Errors
/// The database's failure.
pub fn forget(tx: &mut Tx<'_>, ids: &[UploadId]) -> Result<(), StoreError> {
    diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq_any(ids.to_vec()))).execute(tx.conn)?;
    diesel::delete(uploads::table.filter(uploads::id.eq_any(ids.to_vec()))).execute(tx.conn)?;
    Ok(())
}

/// Uploads whose time is over, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_over(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<UploadId>, StoreError> {
    let over = uploads::table.filter(uploads::expires_at.le(At(now))).order(uploads::expires_at.asc());
    Ok(over.select(uploads::id).limit(limit).load(conn)?)
}
