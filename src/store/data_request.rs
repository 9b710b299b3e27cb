//! What people ask for about their data.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{data_requests, unit_closure};
use super::tx::Tx;
use super::types::{At, Doc};
use crate::domain::data_request::{AskedBy, NoticeTopic, RequestKind, RequestState};
use crate::domain::id::{DataRequestId, Id, MemberId, UnitId};

/// A request as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = data_requests, treat_none_as_default_value = false)]
pub struct DataRequestRow {
    /// Its id.
    pub id: DataRequestId,
    /// Whose data it is about.
    pub member_id: MemberId,
    /// The unit they belonged to when they asked.
    pub unit_id: UnitId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// Who put it on file.
    pub asked_by: AskedBy,
    /// When: the clock runs from here.
    pub asked_at: At,
    /// Until when it is to be answered.
    pub due_at: At,
    /// When it was answered, or lapsed.
    pub answered_at: Option<At>,
    /// What is to be put right; personal.
    pub wish: Doc<Value>,
    /// What the person was told; may be personal.
    pub answer: String,
}

/// Inserts a request.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &DataRequestRow) -> Result<(), StoreError> {
    diesel::insert_into(data_requests::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The request with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: DataRequestId) -> Result<Option<DataRequestRow>, StoreError> {
    Ok(data_requests::table.find(id).select(DataRequestRow::as_select()).first(conn).optional()?)
}

/// The request with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: DataRequestId) -> Result<DataRequestRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the request"))
}

/// A member's requests, the newest first.
///
/// # Errors
/// The database's failure.
pub fn list_of(conn: &mut Conn, id: MemberId) -> Result<Vec<DataRequestRow>, StoreError> {
    let rows = data_requests::table.filter(data_requests::member_id.eq(id)).order(data_requests::id.desc());
    Ok(rows.select(DataRequestRow::as_select()).load(conn)?)
}

/// Requests of the subtrees of `roots` (none: everywhere): those that wait, the most urgent first, or those that are answered, the
/// newest first; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, roots: Option<&[UnitId]>, answered: bool, limit: i64) -> Result<Vec<DataRequestRow>, StoreError> {
    let mut query = data_requests::table.into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(data_requests::unit_id.eq_any(below));
    }
    query = if answered {
        let rows = query.filter(data_requests::answered_at.is_not_null());
        rows.order((data_requests::answered_at.desc(), data_requests::id.desc()))
    } else {
        query.filter(data_requests::answered_at.is_null()).order((data_requests::due_at.asc(), data_requests::id.asc()))
    };
    Ok(query.limit(limit).select(DataRequestRow::as_select()).load(conn)?)
}

/// Unconfirmed requests asked for before `before`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_unconfirmed(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<DataRequestRow>, StoreError> {
    let rows = data_requests::table
        .filter(data_requests::answered_at.is_null())
        .filter(data_requests::due_at.lt(At(before)))
        .filter(data_requests::state.eq(RequestState::Unconfirmed));
    Ok(rows.order(data_requests::due_at.asc()).limit(limit).select(DataRequestRow::as_select()).load(conn)?)
}

/// Moves a request on from where it stood; says whether it still stood there.
///
/// # Errors
/// The database's failure.
pub fn settle(tx: &mut Tx<'_>, was: &DataRequestRow, state: RequestState, answer: &str) -> Result<bool, StoreError> {
    let answered_at = (!matches!(state, RequestState::Open | RequestState::Unconfirmed)).then_some(At(tx.now));
    let still = data_requests::table.filter(data_requests::id.eq(was.id)).filter(data_requests::state.eq(was.state));
    let moved = diesel::update(still)
        .set((data_requests::state.eq(state), data_requests::answered_at.eq(answered_at), data_requests::answer.eq(answer)))
        .execute(tx.conn)?;
    Ok(moved == 1)
}

/// Requests to be answered before `before` of which nobody was told yet that they are due; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_due(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<DataRequestRow>, StoreError> {
    use super::schema::notices;
    // A notice's mail is pruned after some time, the request is answered long before.
    let told = notices::table.filter(notices::topic.eq(NoticeTopic::RequestDue)).select(notices::about_id);
    let told: Vec<Id<()>> = told.load(conn)?;
    let rows = data_requests::table
        .filter(data_requests::answered_at.is_null())
        .filter(data_requests::due_at.lt(At(before)))
        .filter(data_requests::state.eq(RequestState::Open))
        .order(data_requests::due_at.asc())
        .select(DataRequestRow::as_select());
    let rows: Vec<DataRequestRow> = rows.limit(limit).load(conn)?;
    Ok(rows.into_iter().filter(|row| !told.iter().any(|id| id.uuid() == row.id.uuid())).collect())
}
