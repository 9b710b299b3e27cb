//! Campaign rows: one document each, saved as a whole and guarded by version.

use diesel::prelude::*;

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{campaigns, unit_closure};
use super::tx::Tx;
use super::types::sql::Uid;
use super::types::{At, Doc};
use crate::domain::breaker::Tripped;
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, ScheduleId, UnitId, UserId};

/// A campaign as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = campaigns, treat_none_as_default_value = false)]
pub struct CampaignRow {
    /// The campaign's id.
    pub id: CampaignId,
    /// The sponsoring unit.
    pub unit_id: UnitId,
    /// The name in public addresses; never changes.
    pub slug: String,
    /// The content's title, for lists.
    pub title: String,
    /// Where it stands.
    pub state: CampaignState,
    /// What it says and asks.
    pub content: Doc<CampaignContent>,
    /// The hash that a release names.
    pub content_hash: String,
    /// Who wrote it.
    pub author_id: UserId,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// When it was submitted.
    pub submitted_at: Option<At>,
    /// When it was released.
    pub released_at: Option<At>,
    /// When its first wave opened.
    pub started_at: Option<At>,
    /// Since when it is paused.
    pub paused_at: Option<At>,
    /// When it was over.
    pub ended_at: Option<At>,
    /// The approver's note on the last return.
    pub note: String,
    /// The schedule that made it.
    pub schedule_id: Option<ScheduleId>,
    /// When it was created.
    pub created_at: At,
    /// When it was last changed.
    pub updated_at: At,
    /// Grows by one with each change.
    pub version: i32,
}

/// A campaign in a list: everything but its content.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = campaigns)]
pub struct CampaignListRow {
    /// The campaign's id.
    pub id: CampaignId,
    /// The sponsoring unit.
    pub unit_id: UnitId,
    /// The name in public addresses.
    pub slug: String,
    /// The title.
    pub title: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Who wrote it.
    pub author_id: UserId,
    /// When it was submitted.
    pub submitted_at: Option<At>,
    /// When it was released.
    pub released_at: Option<At>,
    /// When its first wave opened.
    pub started_at: Option<At>,
    /// When it was over.
    pub ended_at: Option<At>,
    /// The schedule that made it.
    pub schedule_id: Option<ScheduleId>,
    /// When it was created.
    pub created_at: At,
    /// Its version.
    pub version: i32,
}

/// Which campaigns a list holds.
#[derive(Debug, Clone, Default)]
pub struct CampaignFilter {
    /// The roots of the visible subtrees; none: everything.
    pub roots: Option<Vec<UnitId>>,
    /// Only those in this state.
    pub state: Option<CampaignState>,
    /// Only those made before this one.
    pub before: Option<CampaignId>,
}

/// The campaign with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: CampaignId) -> Result<CampaignRow, StoreError> {
    let found = campaigns::table.find(id).select(CampaignRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the campaign"))
}

/// The unit whose campaign it is, if there is one of this id.
///
/// # Errors
/// The database's failure.
pub fn find_unit(conn: &mut Conn, id: CampaignId) -> Result<Option<UnitId>, StoreError> {
    Ok(campaigns::table.find(id).select(campaigns::unit_id).first(conn).optional()?)
}

/// Up to `limit` campaigns, newest first.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, filter: &CampaignFilter, limit: i64) -> Result<Vec<CampaignListRow>, StoreError> {
    let mut query = campaigns::table.select(CampaignListRow::as_select()).into_boxed::<MultiBackend>();
    if let Some(roots) = &filter.roots {
        let visible =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.clone())).select(unit_closure::descendant_id);
        query = query.filter(campaigns::unit_id.eq_any(visible));
    }
    if let Some(state) = filter.state {
        query = query.filter(campaigns::state.eq(state));
    }
    if let Some(before) = filter.before {
        query = query.filter(campaigns::id.lt(before));
    }
    Ok(query.order(campaigns::id.desc()).limit(limit).load(conn)?)
}

/// Submitted campaigns of the subtrees of `roots` (none: everywhere), newest first, before the id `before`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_submitted(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    before: Option<CampaignId>,
    limit: i64,
) -> Result<Vec<CampaignRow>, StoreError> {
    let mut query = campaigns::table.filter(campaigns::state.eq(CampaignState::Submitted)).into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(campaigns::unit_id.eq_any(below));
    }
    if let Some(before) = before {
        query = query.filter(campaigns::id.lt(before));
    }
    Ok(query.order(campaigns::id.desc()).limit(limit).select(CampaignRow::as_select()).load(conn)?)
}

/// The contents of these campaigns; at most a page of a list.
///
/// # Errors
/// The database's failure.
pub fn contents(conn: &mut Conn, ids: &[CampaignId]) -> Result<Vec<(CampaignId, CampaignContent)>, StoreError> {
    let found = campaigns::table.filter(campaigns::id.eq_any(ids.to_vec())).select((campaigns::id, campaigns::content));
    let rows: Vec<(CampaignId, Doc<CampaignContent>)> = found.load(conn)?;
    Ok(rows.into_iter().map(|(id, content)| (id, content.0)).collect())
}

/// Inserts a campaign.
///
/// # Errors
/// [`StoreError::Taken`] for a slug in use, or the database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &CampaignRow) -> Result<(), StoreError> {
    diesel::insert_into(campaigns::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Saves everything that may change, and moves the row's own version and time on.
///
/// # Errors
/// [`StoreError::Stale`] when the version is not the stored one.
pub fn save(tx: &mut Tx<'_>, row: &mut CampaignRow) -> Result<(), StoreError> {
    let guarded = campaigns::table.filter(campaigns::id.eq(row.id)).filter(campaigns::version.eq(row.version));
    let changed = diesel::update(guarded)
        .set((
            campaigns::title.eq(&row.title),
            campaigns::state.eq(row.state),
            campaigns::content.eq(&row.content),
            campaigns::content_hash.eq(&row.content_hash),
            campaigns::submitted_by.eq(row.submitted_by),
            campaigns::submitted_at.eq(row.submitted_at),
            campaigns::released_at.eq(row.released_at),
            campaigns::started_at.eq(row.started_at),
            campaigns::paused_at.eq(row.paused_at),
            campaigns::ended_at.eq(row.ended_at),
            campaigns::note.eq(&row.note),
            campaigns::updated_at.eq(At(tx.now)),
            campaigns::version.eq(row.version + 1),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    row.version += 1;
    row.updated_at = At(tx.now);
    Ok(())
}

#[derive(QueryableByName)]
struct UserOnly {
    #[diesel(sql_type = Uid)]
    id: UserId,
}

/// The active users who may release in this unit: approvers of it or of a unit above.
///
/// # Errors
/// The database's failure.
pub fn approvers(conn: &mut Conn, unit_id: UnitId) -> Result<Vec<UserId>, StoreError> {
    let found = diesel::sql_query(
        "SELECT DISTINCT users.id AS id FROM user_roles
         JOIN unit_closure ON unit_closure.ancestor_id = user_roles.unit_id
         JOIN users ON users.id = user_roles.user_id
         WHERE unit_closure.descendant_id = $1 AND user_roles.role = 'approver' AND users.active
         ORDER BY 1",
    )
    .bind::<Uid, _>(unit_id)
    .load::<UserOnly>(conn)?;
    Ok(found.into_iter().map(|u| u.id).collect())
}

/// Why the service paused the campaign by itself, if it did.
///
/// # Errors
/// The database's failure; [`StoreError::Inconsistent`] when the row makes no sense.
pub fn pause_reason(conn: &mut Conn, id: CampaignId) -> Result<Option<Tripped>, StoreError> {
    let text: Option<String> = campaigns::table.find(id).select(campaigns::pause_reason).first(conn)?;
    text.map(|text| serde_json::from_str(&text).map_err(|e| StoreError::Inconsistent(format!("a pause's reason: {e}"))))
        .transpose()
}

/// Keeps why the service paused the campaign; `None` when it goes on, or a person paused it.
///
/// # Errors
/// The database's failure.
pub fn set_pause_reason(tx: &mut Tx<'_>, id: CampaignId, reason: Option<Tripped>) -> Result<(), StoreError> {
    let text = reason.map(|reason| serde_json::json!(reason).to_string());
    diesel::update(campaigns::table.find(id)).set(campaigns::pause_reason.eq(text)).execute(tx.conn)?;
    Ok(())
}
