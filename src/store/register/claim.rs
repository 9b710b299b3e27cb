//! The claims that the public may read: those that were marked for it, whose fact is confirmed and to which an answer stands.

use diesel::prelude::*;

use crate::domain::claim::ClaimState;
use crate::domain::id::ClaimId;
use crate::store::claim::ClaimRow;
use crate::store::db::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{claims, units};

/// Claims with the names of their units, the newest first, before the id `before`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, before: Option<ClaimId>, limit: i64) -> Result<Vec<(ClaimRow, String)>, StoreError> {
    let mut query = claims::table
        .inner_join(units::table.on(units::id.eq(claims::unit_id)))
        .filter(claims::is_public.eq(true))
        .filter(claims::state.eq_any([ClaimState::Answering, ClaimState::Answered]))
        .filter(claims::confirmed_at.is_not_null())
        .filter(claims::answers.gt(0))
        .into_boxed::<MultiBackend>();
    if let Some(before) = before {
        query = query.filter(claims::id.lt(before));
    }
    Ok(query.order(claims::id.desc()).limit(limit).select((ClaimRow::as_select(), units::name)).load(conn)?)
}
