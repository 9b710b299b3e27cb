//! What lies on the calendar: waves that open within a time, campaigns whose waves wait for others, disclosures that lapse; and the
//! feeds that carry it away.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::campaign::CampaignRow;
use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{accounts, calendar_feeds, campaigns, unit_closure, waves};
use super::tx::Tx;
use super::types::At;
use crate::domain::account::AccountState;
use crate::domain::campaign::CampaignState;
use crate::domain::id::{CampaignId, FeedId, UnitId, UserId, WaveId};
use crate::domain::wave::WaveState;

/// A released campaign's wave with a known opening.
#[derive(Debug, Clone, Queryable)]
pub struct DatedWave {
    /// The wave.
    pub id: WaveId,
    /// Its name.
    pub name: String,
    /// The layer's number.
    pub layer: i16,
    /// Where it stands.
    pub state: WaveState,
    /// When it opens, or opened.
    pub opens_at: Option<At>,
    /// When it really opened.
    pub opened_at: Option<At>,
    /// When it closes, once it is open.
    pub closes_at: Option<At>,
    /// How long it stays open, in seconds.
    pub open_s: i32,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The campaign's title.
    pub title: String,
    /// Where the campaign stands.
    pub campaign_state: CampaignState,
}

/// Waves that open from `from` up to `to`, in the subtrees of `roots` (none: everywhere), by time.
///
/// # Errors
/// The database's failure.
pub fn waves_opening(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<DatedWave>, StoreError> {
    let joined = waves::table.inner_join(campaigns::table.on(campaigns::id.eq(waves::campaign_id)));
    let mut query = joined
        .filter(waves::opens_at.ge(At(from)))
        .filter(waves::opens_at.lt(At(to)))
        .order((waves::opens_at.asc(), waves::id.asc()))
        .limit(limit)
        .select((
            waves::id,
            waves::name,
            waves::layer,
            waves::state,
            waves::opens_at,
            waves::opened_at,
            waves::closes_at,
            waves::open_s,
            campaigns::id,
            campaigns::title,
            campaigns::state,
        ))
        .into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(waves::unit_id.eq_any(below));
    }
    Ok(query.load(conn)?)
}

/// Campaigns in these states, whole, in the subtrees of `roots` (none: everywhere), the newest first.
///
/// # Errors
/// The database's failure.
pub fn campaigns_in(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    states: &[CampaignState],
    limit: i64,
) -> Result<Vec<CampaignRow>, StoreError> {
    let mut query = campaigns::table
        .filter(campaigns::state.eq_any(states.to_vec()))
        .order(campaigns::id.desc())
        .limit(limit)
        .select(CampaignRow::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(campaigns::unit_id.eq_any(below));
    }
    Ok(query.load(conn)?)
}

/// When disclosures of accounts in service lapse from `from` up to `to`, by time.
///
/// # Errors
/// The database's failure.
pub fn lapses(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<DateTime<Utc>>, StoreError> {
    let mut query = accounts::table
        .filter(accounts::disclosed_until.ge(At(from)))
        .filter(accounts::disclosed_until.lt(At(to)))
        .filter(accounts::state.eq(AccountState::Active))
        .order(accounts::disclosed_until.asc())
        .limit(limit)
        .select(accounts::disclosed_until)
        .into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        // Asked of each account that lapses in that time: as a list of units, SQLite would begin with it and read all of their accounts.
        let above = unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec()));
        query = query.filter(diesel::dsl::exists(above.filter(unit_closure::descendant_id.eq(accounts::unit_id))));
    }
    Ok(query.load::<Option<At>>(conn)?.into_iter().flatten().map(|at| at.0).collect())
}

/// A feed as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_feeds, treat_none_as_default_value = false)]
pub struct FeedRow {
    /// The feed.
    pub id: FeedId,
    /// Whose calendar it carries.
    pub user_id: UserId,
    /// When it was made.
    pub created_at: At,
    /// When it was revoked.
    pub revoked_at: Option<At>,
}

/// The feed with this id, if there is one and it is not revoked.
///
/// # Errors
/// The database's failure.
pub fn find_feed(conn: &mut Conn, id: FeedId) -> Result<Option<FeedRow>, StoreError> {
    let found = calendar_feeds::table.find(id).filter(calendar_feeds::revoked_at.is_null());
    Ok(found.select(FeedRow::as_select()).first(conn).optional()?)
}

/// A user's feed, if there is one that is not revoked.
///
/// # Errors
/// The database's failure.
pub fn feed_of(conn: &mut Conn, id: UserId) -> Result<Option<FeedRow>, StoreError> {
    let found = calendar_feeds::table.filter(calendar_feeds::user_id.eq(id)).filter(calendar_feeds::revoked_at.is_null());
    Ok(found.select(FeedRow::as_select()).first(conn).optional()?)
}

/// Inserts a feed.
///
/// # Errors
/// The database's failure; also where the user has one already.
pub fn insert_feed(tx: &mut Tx<'_>, row: &FeedRow) -> Result<(), StoreError> {
    diesel::insert_into(calendar_feeds::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Revokes a user's feed; says whether there was one.
///
/// # Errors
/// The database's failure.
pub fn revoke_feed(tx: &mut Tx<'_>, id: UserId) -> Result<bool, StoreError> {
    let current = calendar_feeds::table.filter(calendar_feeds::user_id.eq(id)).filter(calendar_feeds::revoked_at.is_null());
    Ok(diesel::update(current).set(calendar_feeds::revoked_at.eq(Some(At(tx.now)))).execute(tx.conn)? > 0)
}
