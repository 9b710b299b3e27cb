//! Claims: pieces of misinformation on file, each with the fact and its source.

use diesel::prelude::*;

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{claims, unit_closure};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{ClaimId, UnitId, UserId};

/// A claim as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
pub struct ClaimRow {
    /// The claim's id.
    pub id: ClaimId,
    /// The unit whose subject it is.
    pub unit_id: UnitId,
    /// What is claimed.
    pub claim: String,
    /// Where it was seen.
    pub seen_url: Option<String>,
    /// What is true.
    pub fact: String,
    /// Where that can be read.
    pub source_url: String,
    /// When it was put on file.
    pub filed_at: At,
    /// Who put it on file; none for the operator at the command line.
    pub filed_by: Option<UserId>,
}

/// The claim with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: ClaimId) -> Result<ClaimRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the claim"))
}

/// The claim with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: ClaimId) -> Result<Option<ClaimRow>, StoreError> {
    Ok(claims::table.find(id).select(ClaimRow::as_select()).first(conn).optional()?)
}

/// Claims of the subtrees of `roots` (none: everywhere), the newest first, before the id `before`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, roots: Option<&[UnitId]>, before: Option<ClaimId>, limit: i64) -> Result<Vec<ClaimRow>, StoreError> {
    let mut query = claims::table.into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(claims::unit_id.eq_any(below));
    }
    if let Some(before) = before {
        query = query.filter(claims::id.lt(before));
    }
    Ok(query.order(claims::id.desc()).limit(limit).select(ClaimRow::as_select()).load(conn)?)
}

/// Puts a claim on file.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, claim: &ClaimRow) -> Result<(), StoreError> {
    diesel::insert_into(claims::table).values(claim).execute(tx.conn)?;
    Ok(())
}
