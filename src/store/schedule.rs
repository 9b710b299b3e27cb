//! Schedules of recurring campaigns, and the occurrences each has dealt with.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{campaigns, occurrences, schedules, unit_closure};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{CampaignId, ScheduleId, UnitId};
use crate::domain::recurrence::MissedPolicy;

crate::text_enum! {
    /// What became of an occurrence.
    pub enum OccurrenceOutcome {
        /// It made a campaign.
        Fired = "fired",
        /// It did not happen; the log says why.
        Held = "held",
    }
}

/// A schedule as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schedules, treat_none_as_default_value = false)]
pub struct ScheduleRow {
    /// The schedule's id.
    pub id: ScheduleId,
    /// The campaign that is repeated.
    pub campaign_id: CampaignId,
    /// The content that is repeated: an edit of the campaign ends it.
    pub content_hash: String,
    /// Five fields.
    pub pattern: String,
    /// An IANA zone.
    pub zone: String,
    /// Which missed occurrences still happen.
    pub policy: MissedPolicy,
    /// How late an occurrence may happen, in seconds.
    pub grace_s: i32,
    /// The last instant at which one may be planned.
    pub ends_at: Option<At>,
    /// The next planned instant; none when nothing follows.
    pub next_due_at: Option<At>,
    /// The last planned instant dealt with, or the start.
    pub last_planned_at: At,
    /// When a person stopped it.
    pub stopped_at: Option<At>,
    /// When it was added.
    pub created_at: At,
    /// Grows by one with each change.
    pub version: i32,
}

/// An occurrence as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = occurrences, treat_none_as_default_value = false)]
pub struct OccurrenceRow {
    /// Its schedule.
    pub schedule_id: ScheduleId,
    /// The planned instant.
    pub planned_at: At,
    /// The campaign it made.
    pub campaign_id: Option<CampaignId>,
    /// What became of it.
    pub outcome: OccurrenceOutcome,
    /// When it was dealt with.
    pub created_at: At,
}

/// The schedule with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: ScheduleId) -> Result<ScheduleRow, StoreError> {
    let found = schedules::table.find(id).select(ScheduleRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the schedule"))
}

/// A schedule with the title and the unit of its campaign.
pub type ListedSchedule = (ScheduleRow, String, UnitId);

/// Up to `limit` schedules of campaigns in these subtrees (none: everywhere), newest first, made before `before`.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    before: Option<ScheduleId>,
    limit: i64,
) -> Result<Vec<ListedSchedule>, StoreError> {
    let joined = schedules::table.inner_join(campaigns::table.on(campaigns::id.eq(schedules::campaign_id)));
    let mut query =
        joined.select((ScheduleRow::as_select(), campaigns::title, campaigns::unit_id)).into_boxed::<super::db::MultiBackend>();
    if let Some(roots) = roots {
        let visible =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(campaigns::unit_id.eq_any(visible));
    }
    if let Some(before) = before {
        query = query.filter(schedules::id.lt(before));
    }
    Ok(query.order(schedules::id.desc()).limit(limit).load(conn)?)
}

/// Up to `limit` schedules whose next planned instant has come, the longest waiting first.
///
/// # Errors
/// The database's failure.
pub fn list_due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<ScheduleRow>, StoreError> {
    let due = schedules::table.filter(schedules::stopped_at.is_null()).filter(schedules::next_due_at.le(At(now)));
    Ok(due.order((schedules::next_due_at.asc(), schedules::id.asc())).limit(limit).select(ScheduleRow::as_select()).load(conn)?)
}

/// Whether a schedule that goes on repeats the same content at the same times.
///
/// # Errors
/// The database's failure.
pub fn has_twin(conn: &mut Conn, row: &ScheduleRow) -> Result<bool, StoreError> {
    let twins = schedules::table
        .filter(schedules::campaign_id.eq(row.campaign_id))
        .filter(schedules::content_hash.eq(&row.content_hash))
        .filter(schedules::pattern.eq(&row.pattern))
        .filter(schedules::zone.eq(&row.zone))
        .filter(schedules::stopped_at.is_null())
        .filter(schedules::next_due_at.is_not_null());
    Ok(twins.select(schedules::id).first::<ScheduleId>(conn).optional()?.is_some())
}

/// Inserts a schedule.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &ScheduleRow) -> Result<(), StoreError> {
    diesel::insert_into(schedules::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Saves how far a schedule has come and whether it is stopped.
///
/// # Errors
/// [`StoreError::Stale`] when the version is not the stored one: somebody else dealt with it.
pub fn save(tx: &mut Tx<'_>, row: &mut ScheduleRow) -> Result<(), StoreError> {
    let guarded = schedules::table.filter(schedules::id.eq(row.id)).filter(schedules::version.eq(row.version));
    let changed = diesel::update(guarded)
        .set((
            schedules::next_due_at.eq(row.next_due_at),
            schedules::last_planned_at.eq(row.last_planned_at),
            schedules::stopped_at.eq(row.stopped_at),
            schedules::version.eq(row.version + 1),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    row.version += 1;
    Ok(())
}

/// Keeps occurrences.
///
/// # Errors
/// [`StoreError::Taken`] when one was dealt with before: nothing happens twice.
pub fn insert_occurrences(tx: &mut Tx<'_>, rows: &[OccurrenceRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(500) {
        insert_batch!(tx.conn, occurrences::table, chunk);
    }
    Ok(())
}

/// The latest occurrences of a schedule, newest first.
///
/// # Errors
/// The database's failure.
pub fn list_occurrences(conn: &mut Conn, id: ScheduleId, limit: i64) -> Result<Vec<OccurrenceRow>, StoreError> {
    let of_schedule = occurrences::table.filter(occurrences::schedule_id.eq(id));
    Ok(of_schedule.order(occurrences::planned_at.desc()).limit(limit).select(OccurrenceRow::as_select()).load(conn)?)
}
