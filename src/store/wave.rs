//! Waves as the sweeps see them: which are due, opening, closing or waiting in vain; and the guarded moves between states.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::outbox::nothing_open;
use super::schema::{accounts, blocked_targets, campaigns, posts, tasks, waves};
use super::tx::Tx;
use super::types::{At, Doc};
use crate::domain::audience::Audience;
use crate::domain::campaign::CampaignState;
use crate::domain::content::TargetPlan;
use crate::domain::id::{AccountId, BlockedTargetId, CampaignId, ClaimId, MemberId, PostId, TaskId, UnitId, WaveId};
use crate::domain::kind::Action;
use crate::domain::platform::Platform;
use crate::domain::wave::WaveState;

/// A wave as the sweeps need it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = waves)]
pub struct WaveRow {
    /// The wave.
    pub id: WaveId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The campaign's unit.
    pub unit_id: UnitId,
    /// Its place in the campaign, from 0.
    pub ordinal: i32,
    /// Its name.
    pub name: String,
    /// Its layer's number.
    pub layer: i16,
    /// Where it stands.
    pub state: WaveState,
    /// The wave it waits for.
    pub waits_for: Option<WaveId>,
    /// Whether it waits for a post.
    pub cascade: bool,
    /// When it is to open, once known.
    pub opens_at: Option<At>,
    /// How late it may open, in seconds.
    pub grace_s: i32,
    /// How long people have, in seconds.
    pub open_s: i32,
    /// When to remind, in seconds before the end.
    pub remind_before_end_s: Option<i32>,
    /// Whom it asks.
    pub audience: Doc<Audience>,
    /// When it opened.
    pub opened_at: Option<At>,
    /// When its window ends.
    pub closes_at: Option<At>,
    /// The last member that the opening got to.
    pub cursor: Option<MemberId>,
}

/// A task as the opening needs it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct TaskRow {
    /// The task.
    pub id: TaskId,
    /// On which platform.
    pub platform: Platform,
    /// What to do.
    pub action: Action,
    /// What it points at, as planned.
    pub target: Doc<TargetPlan>,
    /// The post it points at, once known.
    pub target_post_id: Option<PostId>,
    /// The claim it points at.
    pub target_claim_id: Option<ClaimId>,
}

/// The wave with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: WaveId) -> Result<WaveRow, StoreError> {
    let found = waves::table.find(id).select(WaveRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the wave"))
}

/// Waves of live campaigns whose time has come, earliest first, without the first `passed_over`.
///
/// # Errors
/// The database's failure.
pub fn list_due(conn: &mut Conn, now: DateTime<Utc>, passed_over: i64, limit: i64) -> Result<Vec<WaveId>, StoreError> {
    let live = campaigns::state.eq_any([CampaignState::Released, CampaignState::Running]);
    Ok(waves::table
        .inner_join(campaigns::table.on(campaigns::id.eq(waves::campaign_id)))
        .filter(waves::state.eq(WaveState::Planned))
        .filter(waves::opens_at.le(At(now)))
        .filter(live)
        .order((waves::opens_at.asc(), waves::ordinal.asc(), waves::id.asc()))
        .offset(passed_over)
        .limit(limit)
        .select(waves::id)
        .load(conn)?)
}

/// Waves being opened that nobody holds: never begun, or left by a worker that died.
///
/// # Errors
/// The database's failure.
pub fn list_opening(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<WaveId>, StoreError> {
    Ok(waves::table
        .inner_join(campaigns::table.on(campaigns::id.eq(waves::campaign_id)))
        .filter(waves::state.eq(WaveState::Opening))
        .filter(waves::lease_until.le(At(now)))
        .filter(campaigns::state.eq_any([CampaignState::Released, CampaignState::Running]))
        .order((waves::lease_until.asc(), waves::id.asc()))
        .limit(limit)
        .select(waves::id)
        .load(conn)?)
}

/// Open waves whose window is over.
///
/// # Errors
/// The database's failure.
pub fn list_closing(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<WaveId>, StoreError> {
    Ok(waves::table
        .filter(waves::state.eq(WaveState::Open))
        .filter(waves::closes_at.le(At(now)))
        .order((waves::closes_at.asc(), waves::id.asc()))
        .limit(limit)
        .select(waves::id)
        .load(conn)?)
}

/// Planned waves that wait for a post of a wave which opened before `opened_before`: it will not come in silence.
///
/// # Errors
/// The database's failure.
pub fn list_waiting_in_vain(conn: &mut Conn, opened_before: DateTime<Utc>, limit: i64) -> Result<Vec<WaveId>, StoreError> {
    let source = diesel::alias!(waves as source);
    Ok(waves::table
        .inner_join(source.on(source.field(waves::id).nullable().eq(waves::waits_for)))
        .filter(waves::state.eq(WaveState::Planned))
        .filter(waves::opens_at.is_null())
        .filter(waves::cascade.eq(true))
        .filter(source.field(waves::opened_at).le(At(opened_before)))
        .order(waves::id.asc())
        .limit(limit)
        .select(waves::id)
        .load(conn)?)
}

/// The wave's tasks.
///
/// # Errors
/// The database's failure.
pub fn tasks_of(conn: &mut Conn, id: WaveId) -> Result<Vec<TaskRow>, StoreError> {
    Ok(tasks::table.filter(tasks::wave_id.eq(id)).order(tasks::ordinal.asc()).select(TaskRow::as_select()).load(conn)?)
}

/// A registered post as a target.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = posts)]
pub struct TargetPost {
    /// The post.
    pub id: PostId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its layer's number.
    pub layer: i16,
    /// Where it is.
    pub platform: Platform,
}

/// The posts that a wave registered and that still stand, earliest first; a few suffice, the first on each platform counts.
///
/// # Errors
/// The database's failure.
pub fn posts_of(conn: &mut Conn, id: WaveId) -> Result<Vec<TargetPost>, StoreError> {
    Ok(posts::table
        .filter(posts::wave_id.eq(id))
        .filter(posts::removed_at.is_null())
        .order((posts::registered_at.asc(), posts::id.asc()))
        .limit(200)
        .select(TargetPost::as_select())
        .load(conn)?)
}

/// The post with this id, if it still stands.
///
/// # Errors
/// The database's failure.
pub fn find_post(conn: &mut Conn, id: PostId) -> Result<Option<TargetPost>, StoreError> {
    Ok(posts::table.find(id).filter(posts::removed_at.is_null()).select(TargetPost::as_select()).first(conn).optional()?)
}

/// Sets a task's target post.
///
/// # Errors
/// The database's failure.
pub fn set_target_post(tx: &mut Tx<'_>, id: TaskId, post_id: PostId) -> Result<(), StoreError> {
    diesel::update(tasks::table.find(id)).set(tasks::target_post_id.eq(post_id)).execute(tx.conn)?;
    Ok(())
}

/// Begins to open a planned wave, under a lease that is free at once.
///
/// # Errors
/// [`StoreError::Stale`] when it is no longer planned.
pub fn begin_opening(tx: &mut Tx<'_>, wave: &WaveRow) -> Result<DateTime<Utc>, StoreError> {
    let closes_at = tx.now + TimeDelta::seconds(wave.open_s.into());
    let changed = diesel::update(waves::table.filter(waves::id.eq(wave.id)).filter(waves::state.eq(WaveState::Planned)))
        .set((
            waves::state.eq(WaveState::Opening),
            waves::opened_at.eq(At(tx.now)),
            waves::closes_at.eq(At(closes_at)),
            waves::lease_until.eq(At(tx.now)),
            waves::held_reason.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(closes_at) } else { Err(StoreError::Stale) }
}

/// Takes the next chunk of an opening wave: its row is locked, and stays so until the commit.
///
/// # Errors
/// [`StoreError::Stale`] when another worker got further, or the wave is no longer opening.
pub fn take_chunk(tx: &mut Tx<'_>, wave: &WaveRow, lease_until: DateTime<Utc>) -> Result<(), StoreError> {
    let at_cursor = waves::table.filter(waves::id.eq(wave.id)).filter(waves::state.eq(WaveState::Opening));
    let lease = waves::lease_until.eq(At(lease_until));
    let changed = match wave.cursor {
        Some(cursor) => diesel::update(at_cursor.filter(waves::cursor.eq(cursor))).set(lease).execute(tx.conn)?,
        None => diesel::update(at_cursor.filter(waves::cursor.is_null())).set(lease).execute(tx.conn)?,
    };
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Moves the cursor on, or, where there is nothing behind it, says that every assignment exists.
///
/// # Errors
/// The database's failure.
pub fn end_chunk(tx: &mut Tx<'_>, id: WaveId, cursor: Option<MemberId>) -> Result<(), StoreError> {
    let wave = waves::table.find(id);
    match cursor {
        Some(cursor) => diesel::update(wave).set(waves::cursor.eq(cursor)).execute(tx.conn)?,
        None => diesel::update(wave)
            .set((waves::state.eq(WaveState::Open), waves::filled_at.eq(At(tx.now)), waves::lease_until.eq(None::<At>)))
            .execute(tx.conn)?,
    };
    Ok(())
}

/// Gives an opening wave's lease back.
///
/// # Errors
/// The database's failure.
pub fn free_lease(tx: &mut Tx<'_>, id: WaveId) -> Result<(), StoreError> {
    diesel::update(waves::table.find(id)).set(waves::lease_until.eq(At(tx.now))).execute(tx.conn)?;
    Ok(())
}

/// Whether the account is on the list of candidates' and parties' accounts.
///
/// # Errors
/// The database's failure.
pub fn is_blocked(conn: &mut Conn, id: AccountId) -> Result<bool, StoreError> {
    let same = blocked_targets::platform.eq(accounts::platform).and(blocked_targets::handle_norm.eq(accounts::handle_norm));
    let found = accounts::table
        .inner_join(blocked_targets::table.on(same))
        .filter(accounts::id.eq(id))
        .select(blocked_targets::id)
        .first::<BlockedTargetId>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Holds a planned wave, with its reason.
///
/// # Errors
/// [`StoreError::Stale`] when it is no longer planned.
pub fn hold(tx: &mut Tx<'_>, id: WaveId, reason: &str) -> Result<(), StoreError> {
    let changed = diesel::update(waves::table.filter(waves::id.eq(id)).filter(waves::state.eq(WaveState::Planned)))
        .set((waves::state.eq(WaveState::Held), waves::held_reason.eq(reason)))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Closes an open wave.
///
/// # Errors
/// [`StoreError::Stale`] when it is no longer open.
pub fn close(tx: &mut Tx<'_>, id: WaveId) -> Result<(), StoreError> {
    let changed = diesel::update(waves::table.filter(waves::id.eq(id)).filter(waves::state.eq(WaveState::Open)))
        .set((waves::state.eq(WaveState::Closed), waves::closed_at.eq(At(tx.now))))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Sets a released campaign running; returns whether this was its first wave.
///
/// # Errors
/// The database's failure.
pub fn start_campaign(tx: &mut Tx<'_>, id: CampaignId) -> Result<bool, StoreError> {
    let changed =
        diesel::update(campaigns::table.filter(campaigns::id.eq(id)).filter(campaigns::state.eq(CampaignState::Released)))
            .set((
                campaigns::state.eq(CampaignState::Running),
                campaigns::started_at.eq(At(tx.now)),
                campaigns::updated_at.eq(At(tx.now)),
                campaigns::version.eq(campaigns::version + 1),
            ))
            .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Whether the campaign's waves may open now; its row is locked against a pause until the commit (PostgreSQL).
///
/// # Errors
/// The database's failure.
pub fn campaign_is_live(tx: &mut Tx<'_>, id: CampaignId) -> Result<bool, StoreError> {
    Ok(campaign_state(tx, id)?.is_live())
}

/// Whether the campaign's waves may open now, for one that begins to open: its row is locked against everybody else who would begin one
/// of its waves (PostgreSQL). The campaign may be set running by the same transaction, so a lock that others share would not do: each
/// would wait for the others to let go of it.
///
/// # Errors
/// The database's failure.
pub fn campaign_is_live_for_me(tx: &mut Tx<'_>, id: CampaignId) -> Result<bool, StoreError> {
    let query = campaigns::table.find(id).select(campaigns::state);
    let state: CampaignState = match tx.conn {
        Conn::Pg(conn) => query.for_no_key_update().first(conn)?,
        Conn::Lite(conn) => query.first(conn)?,
    };
    Ok(state.is_live())
}

/// Where the campaign stands; its row is locked against a pause until the commit (PostgreSQL).
///
/// # Errors
/// The database's failure.
pub fn campaign_state(tx: &mut Tx<'_>, id: CampaignId) -> Result<CampaignState, StoreError> {
    let query = campaigns::table.find(id).select(campaigns::state);
    let state = match tx.conn {
        Conn::Pg(conn) => query.for_share().first(conn)?,
        Conn::Lite(conn) => query.first(conn)?,
    };
    Ok(state)
}

/// Live campaigns in which nothing is left to happen: every wave is over and no mail is open.
///
/// # Errors
/// The database's failure.
pub fn list_finished(conn: &mut Conn, limit: i64) -> Result<Vec<(CampaignId, UnitId)>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = super::types::sql::Uid)]
        id: CampaignId,
        #[diesel(sql_type = super::types::sql::Uid)]
        unit_id: UnitId,
    }
    let rows: Vec<Row> = diesel::sql_query(format!(
        "SELECT c.id, c.unit_id FROM campaigns c WHERE c.state IN ('released', 'running')
         AND NOT EXISTS (SELECT 1 FROM waves w WHERE w.campaign_id = c.id AND w.state NOT IN ('closed', 'skipped', 'cancelled'))
         AND {} ORDER BY c.id LIMIT $1",
        nothing_open(conn.is_sqlite())
    ))
    .bind::<diesel::sql_types::BigInt, _>(limit)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.unit_id)).collect())
}

/// Sets a live campaign finished.
///
/// # Errors
/// [`StoreError::Stale`] when it is no longer live.
pub fn finish_campaign(tx: &mut Tx<'_>, id: CampaignId) -> Result<(), StoreError> {
    let live = campaigns::state.eq_any([CampaignState::Released, CampaignState::Running]);
    let changed = diesel::update(campaigns::table.filter(campaigns::id.eq(id)).filter(live))
        .set((
            campaigns::state.eq(CampaignState::Finished),
            campaigns::ended_at.eq(At(tx.now)),
            campaigns::updated_at.eq(At(tx.now)),
            campaigns::version.eq(campaigns::version + 1),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// A registered post's address, if it still stands.
///
/// # Errors
/// The database's failure.
pub fn post_url(conn: &mut Conn, id: PostId) -> Result<Option<String>, StoreError> {
    Ok(posts::table.find(id).filter(posts::removed_at.is_null()).select(posts::url).first(conn).optional()?)
}
