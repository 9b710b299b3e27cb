//! A released campaign's plan as rows: waves with their zero counts, tasks and suggested texts; and the moves a lead makes on waves.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{tasks, variants, wave_counts, waves};
use super::tx::Tx;
use super::types::sql::{Ts, Uid};
use super::types::{At, Doc};
use crate::domain::audience::Audience;
use crate::domain::content::TargetPlan;
use crate::domain::id::{CampaignId, ClaimId, PostId, TaskId, UnitId, VariantId, WaveId};
use crate::domain::kind::Action;
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;
use crate::domain::wave::{Timing, WaveState};

/// A wave as planned and as it stands.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = waves, treat_none_as_default_value = false)]
pub struct WavePlanRow {
    /// The wave's id, the same as in the content.
    pub id: WaveId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The campaign's unit.
    pub unit_id: UnitId,
    /// Its place in the campaign, from 0.
    pub ordinal: i32,
    /// Its name.
    pub name: String,
    /// The layer's number.
    pub layer: i16,
    /// Where it stands.
    pub state: WaveState,
    /// When it opens, as planned.
    pub timing: Doc<Timing>,
    /// The wave it waits for.
    pub waits_for: Option<WaveId>,
    /// Whether it waits for a post of that wave.
    pub cascade: bool,
    /// When it opens; not known before what it waits for has come.
    pub opens_at: Option<At>,
    /// How late it may open, in seconds.
    pub grace_s: i32,
    /// How long people have, in seconds.
    pub open_s: i32,
    /// How long before the end people are reminded, in seconds.
    pub remind_before_end_s: Option<i32>,
    /// Whom it asks.
    pub audience: Doc<Audience>,
    /// When it began to open.
    pub opened_at: Option<At>,
    /// When its window ends.
    pub closes_at: Option<At>,
    /// When every assignment existed.
    pub filled_at: Option<At>,
    /// When it was over.
    pub closed_at: Option<At>,
    /// Why it is held.
    pub held_reason: Option<String>,
}

/// A task as planned.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tasks, treat_none_as_default_value = false)]
pub struct TaskPlanRow {
    /// The task's id, the same as in the content.
    pub id: TaskId,
    /// Its wave.
    pub wave_id: WaveId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Its place in the wave, from 0.
    pub ordinal: i32,
    /// On which platform.
    pub platform: Platform,
    /// What to do.
    pub action: Action,
    /// How.
    pub brief: String,
    /// What it points at, as planned.
    pub target: Doc<TargetPlan>,
    /// The post it points at, once that is known.
    pub target_post_id: Option<PostId>,
    /// The claim it points at.
    pub target_claim_id: Option<ClaimId>,
    /// Whether the member's own words are required.
    pub own_words: bool,
    /// Whether *Done* needs an address.
    pub evidence_required: bool,
}

/// A suggested text.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = variants)]
pub struct VariantPlanRow {
    /// The variant's id, the same as in the content.
    pub id: VariantId,
    /// Its task.
    pub task_id: TaskId,
    /// Its place in the task, from 0.
    pub ordinal: i32,
    /// Its language.
    pub locale: Locale,
    /// The text.
    pub body: String,
}

/// Every row that a release makes of the content.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The waves, in order.
    pub waves: Vec<WavePlanRow>,
    /// The tasks.
    pub tasks: Vec<TaskPlanRow>,
    /// The suggested texts.
    pub variants: Vec<VariantPlanRow>,
}

#[derive(Insertable)]
#[diesel(table_name = wave_counts)]
struct ZeroCounts {
    wave_id: WaveId,
}

/// Rows a statement, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// Inserts a plan.
///
/// # Errors
/// [`StoreError::Taken`] where an id is in use; the database's failure.
pub fn insert(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), StoreError> {
    for rows in plan.waves.chunks(CHUNK) {
        insert_batch!(tx.conn, waves::table, rows);
        let zero: Vec<ZeroCounts> = rows.iter().map(|w| ZeroCounts { wave_id: w.id }).collect();
        insert_batch!(tx.conn, wave_counts::table, &zero);
    }
    for rows in plan.tasks.chunks(CHUNK) {
        insert_batch!(tx.conn, tasks::table, rows);
    }
    for rows in plan.variants.chunks(CHUNK) {
        insert_batch!(tx.conn, variants::table, rows);
    }
    Ok(())
}

/// Deletes the rows of a plan of which no wave has opened: its assignments and mails do not exist yet.
///
/// # Errors
/// [`StoreError::Inconsistent`] where something refers to the rows already.
pub fn delete(tx: &mut Tx<'_>, campaign_id: CampaignId) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM variants WHERE task_id IN (SELECT id FROM tasks WHERE campaign_id = $1)",
        "DELETE FROM tasks WHERE campaign_id = $1",
        "DELETE FROM wave_pace WHERE wave_id IN (SELECT id FROM waves WHERE campaign_id = $1)",
        "DELETE FROM wave_unit_counts WHERE wave_id IN (SELECT id FROM waves WHERE campaign_id = $1)",
        "DELETE FROM wave_counts WHERE wave_id IN (SELECT id FROM waves WHERE campaign_id = $1)",
        "DELETE FROM waves WHERE campaign_id = $1",
    ] {
        diesel::sql_query(statement).bind::<Uid, _>(campaign_id).execute(tx.conn)?;
    }
    Ok(())
}

/// The waves of a campaign, in order.
///
/// # Errors
/// The database's failure.
pub fn list_waves(conn: &mut Conn, campaign_id: CampaignId) -> Result<Vec<WavePlanRow>, StoreError> {
    let of_campaign = waves::table.filter(waves::campaign_id.eq(campaign_id));
    Ok(of_campaign.order(waves::ordinal.asc()).select(WavePlanRow::as_select()).load(conn)?)
}

/// Leaves a planned or held wave out.
///
/// # Errors
/// [`StoreError::Stale`] when it stands elsewhere by now.
pub fn skip_wave(tx: &mut Tx<'_>, id: WaveId) -> Result<(), StoreError> {
    let changed = diesel::sql_query(
        "UPDATE waves SET state = 'skipped', closed_at = $1, held_reason = NULL
         WHERE id = $2 AND state IN ('planned', 'held')",
    )
    .bind::<Ts, _>(At(tx.now))
    .bind::<Uid, _>(id)
    .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Holds the planned waves that wait for this one and have no time of their own yet; says which.
///
/// # Errors
/// The database's failure.
pub fn hold_waiting(tx: &mut Tx<'_>, source: WaveId, reason: &str) -> Result<Vec<WaveId>, StoreError> {
    let ids: Vec<WaveId> = waves::table
        .filter(waves::waits_for.eq(source))
        .filter(waves::state.eq(WaveState::Planned))
        .filter(waves::opens_at.is_null())
        .order(waves::ordinal.asc())
        .select(waves::id)
        .load(tx.conn)?;
    diesel::update(waves::table.filter(waves::id.eq_any(ids.clone())).filter(waves::state.eq(WaveState::Planned)))
        .set((waves::state.eq(WaveState::Held), waves::held_reason.eq(reason)))
        .execute(tx.conn)?;
    Ok(ids)
}

/// Makes a held wave due now, so that the sweep opens it; says what it was held for.
///
/// # Errors
/// [`StoreError::Stale`] when it is not held by now.
pub fn plan_held_wave_now(tx: &mut Tx<'_>, id: WaveId) -> Result<Option<String>, StoreError> {
    let held = waves::table.filter(waves::id.eq(id)).filter(waves::state.eq(WaveState::Held));
    let reason = held.select(waves::held_reason).first(tx.conn).optional()?.ok_or(StoreError::Stale)?;
    let changed = diesel::update(held)
        .set((waves::state.eq(WaveState::Planned), waves::opens_at.eq(At(tx.now)), waves::held_reason.eq(None::<String>)))
        .execute(tx.conn)?;
    if changed == 1 { Ok(reason) } else { Err(StoreError::Stale) }
}

/// Ends every wave of a campaign that is not over; says how many.
///
/// # Errors
/// The database's failure.
pub fn cancel_waves(tx: &mut Tx<'_>, campaign_id: CampaignId) -> Result<u64, StoreError> {
    let changed = diesel::sql_query(
        "UPDATE waves SET state = 'cancelled', closed_at = $1, lease_until = NULL
         WHERE campaign_id = $2 AND state IN ('planned', 'held', 'opening', 'open')",
    )
    .bind::<Ts, _>(At(tx.now))
    .bind::<Uid, _>(campaign_id)
    .execute(tx.conn)?;
    Ok(changed as u64)
}

/// What a task asks, and where.
///
/// # Errors
/// The database's failure.
pub fn asked(conn: &mut Conn, id: TaskId) -> Result<Option<(Action, Platform)>, StoreError> {
    Ok(tasks::table.find(id).select((tasks::action, tasks::platform)).first(conn).optional()?)
}
