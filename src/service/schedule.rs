//! Recurring campaigns: a schedule repeats a released campaign's content at wall-clock times in a named zone.

mod fire;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::campaign as campaigns;
use super::page::{Page, PageRequest};
use super::{Caller, ServiceError};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, ScheduleId, UnitId};
use crate::domain::recurrence::{MissedPolicy, Recurrence, RecurrenceError};
use crate::domain::role::Act;
use crate::domain::zone;
use crate::store::schedule::{self, OccurrenceOutcome, OccurrenceRow, ScheduleRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, campaign, release};

pub use fire::{fire_due, hold_due};

crate::refusals! {
    /// Why a schedule may not be, or may not fire.
    pub enum ScheduleRefusal {
        /// Four eyes: only what was released is repeated.
        TemplateNotReleased = "schedule.template_not_released": "Only a campaign whose release is in force can be repeated: one that is released, running or finished",
        /// The release that the schedule repeats was voided.
        TemplateChanged = "schedule.template_changed": "The campaign was edited since the schedule was added; add a new schedule for its new content",
        /// Later than the grace, or passed over by the policy.
        Missed = "schedule.missed": "The occurrence was missed, and the schedule's policy and grace do not let it happen later",
    }
}

/// A schedule to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// Five fields: minute, hour, day of month, month, day of week.
    pub pattern: String,
    /// The IANA zone in which they are read.
    pub zone: String,
    /// Which missed occurrences still happen.
    pub policy: MissedPolicy,
    /// How late an occurrence may still happen, in seconds.
    pub grace_s: u32,
    /// The last instant at which one may be planned; none: until stopped.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
}

/// A schedule as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScheduleView {
    /// The schedule's id.
    pub id: ScheduleId,
    /// The campaign that is repeated.
    pub campaign_id: CampaignId,
    /// Its title.
    pub title: String,
    /// Its unit.
    pub unit_id: UnitId,
    /// Five fields.
    pub pattern: String,
    /// An IANA zone.
    pub zone: String,
    /// Which missed occurrences still happen.
    pub policy: MissedPolicy,
    /// How late an occurrence may happen, in seconds.
    pub grace_s: i32,
    /// The last instant at which one may be planned.
    pub ends_at: Option<DateTime<Utc>>,
    /// The next planned instant; none when nothing follows.
    pub next_due_at: Option<DateTime<Utc>>,
    /// When a person stopped it.
    pub stopped_at: Option<DateTime<Utc>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

impl ScheduleView {
    fn new(row: ScheduleRow, title: String, unit_id: UnitId) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            title,
            unit_id,
            pattern: row.pattern,
            zone: row.zone,
            policy: row.policy,
            grace_s: row.grace_s,
            ends_at: row.ends_at.map(Into::into),
            next_due_at: row.next_due_at.filter(|_| row.stopped_at.is_none()).map(Into::into),
            stopped_at: row.stopped_at.map(Into::into),
            created_at: row.created_at.into(),
        }
    }
}

/// An occurrence that a schedule has dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OccurrenceView {
    /// The planned instant.
    pub planned_at: DateTime<Utc>,
    /// What became of it.
    pub outcome: OccurrenceOutcome,
    /// The campaign it made.
    pub campaign_id: Option<CampaignId>,
    /// When it was dealt with.
    pub created_at: DateTime<Utc>,
}

impl From<OccurrenceRow> for OccurrenceView {
    fn from(row: OccurrenceRow) -> Self {
        Self {
            planned_at: row.planned_at.into(),
            outcome: row.outcome,
            campaign_id: row.campaign_id,
            created_at: row.created_at.into(),
        }
    }
}

/// The longest grace, in seconds: a week.
const MOST_GRACE_S: u32 = 7 * 24 * 3_600;

/// Repeats a released campaign. The campaign itself is the first occurrence: the schedule starts after its first opening.
///
/// # Errors
/// `Invalid` names the field; `Refused` for a campaign whose release is not in force; `Conflict` for the same schedule twice;
/// `NotFound`, `Forbidden`.
pub async fn add(app: &App, caller: &Caller, campaign_id: CampaignId, new: NewSchedule) -> Result<ScheduleView, ServiceError> {
    if new.grace_s > MOST_GRACE_S {
        return Err(ServiceError::field("grace_s", "schedule.grace", "An occurrence happens at most a week late"));
    }
    let tz = zone::parse(&new.zone).map_err(|error| ServiceError::field("zone", "zone.unknown", error.to_string()))?;
    let ends_at = new.ends_at.map(|at| chrono::SubsecRound::trunc_subsecs(at, 6));
    let (reader, now) = (caller.clone(), app.clock.now());
    // Reading a pattern that never comes due takes a while: outside the write.
    let read = app.db.read(move |conn| {
        let row = campaigns::reach(conn, &reader, Act::RunCampaigns, campaign_id)?;
        let first_opening = row.content.0.waves.iter().filter_map(|w| campaigns::opening(&w.timing)).min();
        let start = first_opening.map_or(now, |at| at.max(now));
        let recurrence = Recurrence::parse(&new.pattern, tz).map_err(|error| unusable(&error))?.ending(ends_at);
        // Occurrences are planned on full minutes: the next one lies after the start, not at it.
        let first = recurrence.first(start + TimeDelta::microseconds(1)).map_err(|error| unusable(&error))?;
        let row = ScheduleRow {
            id: ScheduleId::new(),
            campaign_id,
            content_hash: row.content_hash,
            pattern: recurrence.pattern().to_owned(),
            zone: tz.name().to_owned(),
            policy: new.policy,
            grace_s: i32::try_from(new.grace_s).unwrap_or(i32::MAX),
            ends_at: ends_at.map(At),
            next_due_at: Some(At(first.at)),
            last_planned_at: At(start),
            stopped_at: None,
            created_at: At(now),
            version: 1,
        };
        Ok::<_, ServiceError>(row)
    });
    let row = read.await?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let template = campaigns::reach(tx.conn, &caller, Act::RunCampaigns, campaign_id)?;
            check_template(tx.conn, &row)?;
            if schedule::has_twin(tx.conn, &row)? {
                return Err(ServiceError::Conflict("this campaign is repeated by the same schedule already".into()));
            }
            schedule::insert(tx, &row)?;
            let payload = json!({
                "schedule_id": row.id, "pattern": row.pattern, "zone": row.zone, "policy": row.policy,
                "grace_s": row.grace_s, "content_hash": row.content_hash,
            });
            tx.record(NewEntry::new(EventKind::ScheduleAdded).unit(template.unit_id).campaign(campaign_id).payload(payload));
            Ok(ScheduleView::new(row, template.title, template.unit_id))
        })
        .await
}

/// Whether what the schedule repeats is still what was released.
fn check_template(conn: &mut Conn, row: &ScheduleRow) -> Result<(), ServiceError> {
    use CampaignState::{Finished, Released, Running};
    let template = campaign::get(conn, row.campaign_id)?;
    if template.content_hash != row.content_hash {
        return Err(ScheduleRefusal::TemplateChanged.into());
    }
    let released = release::find_current(conn, row.campaign_id)?.is_some_and(|r| r.content_hash == row.content_hash);
    if released && matches!(template.state, Released | Running | Finished) {
        Ok(())
    } else {
        Err(ScheduleRefusal::TemplateNotReleased.into())
    }
}

/// A recurrence's fault, at the field that it concerns.
fn unusable(error: &RecurrenceError) -> ServiceError {
    let field = match error {
        RecurrenceError::NeverBeforeEnd | RecurrenceError::EndBeforeStart | RecurrenceError::Year { .. } => "ends_at",
        _ => "pattern",
    };
    ServiceError::field(field, error.code(), error.to_string())
}

/// Stops a schedule for good. Campaigns that it made go on. Stopping it twice changes nothing.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn stop(app: &App, caller: &Caller, id: ScheduleId) -> Result<(), ServiceError> {
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let (mut row, _, unit_id) = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            if row.stopped_at.is_some() {
                tx.without_entry("the schedule is stopped already");
                return Ok(());
            }
            row.stopped_at = Some(At(tx.now));
            schedule::save(tx, &mut row)?;
            let entry = NewEntry::new(EventKind::ScheduleStopped).unit(unit_id).campaign(row.campaign_id);
            tx.record(entry.payload(json!({ "schedule_id": id })));
            Ok(())
        })
        .await
}

/// The schedules in the caller's reach, newest first.
///
/// # Errors
/// `Forbidden`; `Invalid` for a cursor that no page gave.
pub async fn list(app: &App, caller: &Caller, page: PageRequest) -> Result<Page<ScheduleView>, ServiceError> {
    let roots = caller.reach(Act::ViewCampaigns)?;
    let (before, rows) = (page.after_id()?, page.rows());
    let found = app.db.read(move |conn| schedule::list(conn, roots.as_deref(), before, rows)).await?;
    Ok(Page::of(found, &page, |(row, _, _)| row.id.to_string())
        .map(|(row, title, unit_id)| ScheduleView::new(row, title, unit_id)))
}

/// How many of a schedule's latest occurrences are shown.
const OCCURRENCES_SHOWN: i64 = 100;

/// A schedule with its latest occurrences, newest first.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn get(app: &App, caller: &Caller, id: ScheduleId) -> Result<(ScheduleView, Vec<OccurrenceView>), ServiceError> {
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            let (row, title, unit_id) = reach(conn, &caller, Act::ViewCampaigns, id)?;
            let occurrences = schedule::list_occurrences(conn, id, OCCURRENCES_SHOWN)?;
            Ok((ScheduleView::new(row, title, unit_id), occurrences.into_iter().map(Into::into).collect()))
        })
        .await
}

fn reach(conn: &mut Conn, caller: &Caller, act: Act, id: ScheduleId) -> Result<(ScheduleRow, String, UnitId), ServiceError> {
    caller.reach(act)?;
    let row = schedule::get(conn, id)?;
    let template = campaign::get(conn, row.campaign_id)?;
    caller.check(conn, act, template.unit_id)?;
    Ok((row, template.title, template.unit_id))
}
