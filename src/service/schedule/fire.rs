//! The sweep that fires schedules: each due occurrence makes one campaign, in the transaction that moves its schedule on.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{ScheduleRefusal, check_template};
use crate::app::App;
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::campaign::{CampaignRefusal, CampaignState};
use crate::domain::content::CampaignContent;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, ReleaseId, UserId};
use crate::domain::recurrence::{Fires, MissedRule, Occurrence, Recurrence};
use crate::domain::refusal::Refusal as _;
use crate::domain::wave::Timing;
use crate::domain::zone;
use crate::fault;
use crate::service::ServiceError;
use crate::service::campaign as campaigns;
use crate::service::dispatch::Progress;
use crate::store::campaign::{self, CampaignRow};
use crate::store::plan::{self, Plan};
use crate::store::release::{self, ReleaseRow};
use crate::store::schedule::{self, OccurrenceOutcome, OccurrenceRow, ScheduleRow};
use crate::store::tx::NewEntry;
use crate::store::types::{At, Doc};
use crate::store::{Conn, StoreError, Tx};

/// Schedules dealt with in one sweep.
const SCHEDULES_A_SWEEP: i64 = 200;
/// The most campaigns that one schedule makes at once, after a time of being down.
const MOST_AT_ONCE: usize = 24;

/// Fires every schedule that is due; `done` counts occurrences, fired or held. Running it twice, or twice at once, changes nothing.
///
/// # Errors
/// Only when the due schedules cannot be listed: one that fails does not stop the others.
pub async fn fire_due(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| schedule::list_due(conn, now, SCHEDULES_A_SWEEP)).await?;
    let mut progress = Progress::default();
    for row in due {
        let (id, config) = (row.id, app.config.clone());
        match app.db.write(Actor::System, move |tx| deal_with(tx, row, &config, None)).await {
            Ok(occurrences) => progress.done += occurrences,
            // Another replica dealt with it, or a person stopped it.
            Err(ServiceError::Conflict(_)) => {}
            Err(error) => {
                tracing::error!(schedule = %id, %error, cause = ?error, "a schedule could not be fired");
                progress.failed += 1;
            }
        }
    }
    Ok(progress)
}

/// Holds what is due of up to a sweep's schedules instead of firing it, for this reason. Returns how many occurrences.
///
/// # Errors
/// The first failure: whoever asks must know that nothing is left.
pub async fn hold_due(app: &App, reason: &'static str) -> Result<u64, ServiceError> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| schedule::list_due(conn, now, SCHEDULES_A_SWEEP)).await?;
    let mut held = 0;
    for row in due {
        let config = app.config.clone();
        held += app.db.write(Actor::Operator, move |tx| deal_with(tx, row, &config, Some(reason))).await?;
    }
    Ok(held)
}

/// Deals with everything that a schedule has due; says how many occurrences that were. The guarded save comes first: who
/// loses the race changes nothing. With a reason to hold, nothing happens.
fn deal_with(tx: &mut Tx<'_>, mut row: ScheduleRow, config: &Config, hold: Option<&'static str>) -> Result<u64, ServiceError> {
    let recurrence = recurrence_of(&row)?;
    let rule = MissedRule { policy: row.policy, grace: TimeDelta::seconds(row.grace_s.into()), cap: MOST_AT_ONCE };
    let due = recurrence.due(row.last_planned_at.0, tx.now, rule);
    let last = due.last().map_or(row.last_planned_at.0, |occurrence| occurrence.at);
    row.last_planned_at = At(last);
    row.next_due_at = recurrence.next_after(last).map(|next| At(next.at));
    schedule::save(tx, &mut row)?;
    fault::check("schedule.fire.moved_on")?;
    let template = campaign::get(tx.conn, row.campaign_id)?;
    let mut made = Outcomes::new(&row, &template, tx.now);
    made.held_as_missed(tx, &due);
    let releaser = match hold {
        Some(reason) => Err(reason),
        None => releaser(tx.conn, &row)?,
    };
    for occurrence in due.fire {
        let reason = match releaser {
            Err(reason) => Some(reason.to_owned()),
            Ok(by) => repeat(tx, &mut made, (occurrence, by), config)?,
        };
        if let Some(reason) = reason {
            made.hold(tx, occurrence, &reason);
        }
    }
    if made.rows.is_empty() {
        tx.without_entry("nothing was due after all");
    }
    schedule::insert_occurrences(tx, &made.rows)?;
    fault::check("schedule.fire.made")?;
    Ok(made.rows.len() as u64 + due.held_unlisted)
}

fn recurrence_of(row: &ScheduleRow) -> Result<Recurrence, ServiceError> {
    let tz = zone::parse(&row.zone).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let recurrence = Recurrence::parse(&row.pattern, tz).map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(recurrence.ending(row.ends_at.map(|at| at.0)))
}

/// Who released what is repeated, or the code of why it may not be repeated now.
fn releaser(conn: &mut Conn, row: &ScheduleRow) -> Result<Result<UserId, &'static str>, ServiceError> {
    match check_template(conn, row) {
        Ok(()) => {
            let current = release::find_current(conn, row.campaign_id)?;
            Ok(current.map(|r| r.released_by).ok_or(ScheduleRefusal::TemplateNotReleased.code()))
        }
        Err(ServiceError::Refused { code, .. }) => Ok(Err(code)),
        Err(error) => Err(error),
    }
}

/// What became of a schedule's due occurrences, as it is being decided.
struct Outcomes<'a> {
    schedule: &'a ScheduleRow,
    template: &'a CampaignRow,
    now: DateTime<Utc>,
    rows: Vec<OccurrenceRow>,
}

impl<'a> Outcomes<'a> {
    const fn new(schedule: &'a ScheduleRow, template: &'a CampaignRow, now: DateTime<Utc>) -> Self {
        Self { schedule, template, now, rows: Vec::new() }
    }
    fn keep(&mut self, planned_at: DateTime<Utc>, outcome: OccurrenceOutcome, campaign_id: Option<CampaignId>) {
        let (schedule_id, created_at) = (self.schedule.id, At(self.now));
        self.rows.push(OccurrenceRow { schedule_id, planned_at: At(planned_at), campaign_id, outcome, created_at });
    }
    fn entry(&self, kind: EventKind) -> NewEntry {
        NewEntry::new(kind).unit(self.template.unit_id).campaign(self.template.id)
    }
    fn hold(&mut self, tx: &mut Tx<'_>, occurrence: Occurrence, reason: &str) {
        self.keep(occurrence.at, OccurrenceOutcome::Held, None);
        let payload = json!({ "schedule_id": self.schedule.id, "planned_at": occurrence.at, "reason": reason });
        tx.record(self.entry(EventKind::ScheduleHeld).payload(payload));
    }
    fn held_as_missed(&mut self, tx: &mut Tx<'_>, due: &Fires) {
        let missed = ScheduleRefusal::Missed.code();
        if due.held_unlisted > 0 {
            let payload = json!({ "schedule_id": self.schedule.id, "reason": missed, "before_those_listed": due.held_unlisted });
            tx.record(self.entry(EventKind::ScheduleHeld).payload(payload));
        }
        for occurrence in &due.held {
            self.hold(tx, *occurrence, missed);
        }
    }
}

/// Makes the campaign of one occurrence, released under the template's release; or says why it is held instead.
fn repeat(
    tx: &mut Tx<'_>,
    made: &mut Outcomes<'_>,
    (occurrence, released_by): (Occurrence, UserId),
    config: &Config,
) -> Result<Option<String>, ServiceError> {
    let template = made.template;
    let content = shifted(&campaigns::renewed(&template.content.0), occurrence.at);
    let id = CampaignId::new();
    let mut faults = campaigns::content_faults(&content, &config.campaign);
    faults.extend(campaigns::reference_faults(tx.conn, template.unit_id, id, &content)?);
    if let Some(fault) = faults.into_iter().next() {
        return Ok(Some(fault.code));
    }
    // Rule 6: a reason given for another content, at another time, does not count here.
    if !campaigns::overlaps(tx.conn, &content, &config.campaign)?.is_empty() {
        return Ok(Some(CampaignRefusal::ElectionFreeze.code().to_owned()));
    }
    let row = campaign_of(template, (made.schedule, id), content, tx.now)?;
    insert_released(tx, &row, released_by, &plan_from(&row, occurrence.at, tx.now, config))?;
    made.keep(occurrence.at, OccurrenceOutcome::Fired, Some(id));
    let payload =
        json!({ "schedule_id": made.schedule.id, "planned_at": occurrence.at, "made": id, "content_hash": row.content_hash });
    tx.record(made.entry(EventKind::ScheduleFired).payload(payload));
    let created = json!({ "content_hash": row.content_hash, "slug": row.slug, "schedule_id": made.schedule.id });
    tx.record(NewEntry::new(EventKind::CampaignCreated).unit(row.unit_id).campaign(id).payload(created));
    let released = json!({ "content_hash": row.content_hash, "waves": row.content.0.waves.len(), "repeats": template.id });
    tx.record(NewEntry::new(EventKind::CampaignReleased).unit(row.unit_id).campaign(id).payload(released));
    Ok(None)
}

fn campaign_of(
    template: &CampaignRow,
    (schedule, id): (&ScheduleRow, CampaignId),
    content: CampaignContent,
    now: DateTime<Utc>,
) -> Result<CampaignRow, ServiceError> {
    Ok(CampaignRow {
        id,
        slug: campaigns::new_slug(&content.title, id),
        state: CampaignState::Released,
        content_hash: campaigns::hash_of(template.unit_id, &content)?,
        content: Doc(content),
        submitted_at: Some(At(now)),
        released_at: Some(At(now)),
        started_at: None,
        paused_at: None,
        ended_at: None,
        note: String::new(),
        schedule_id: Some(schedule.id),
        created_at: At(now),
        updated_at: At(now),
        version: 1,
        ..template.clone()
    })
}

fn insert_released(tx: &mut Tx<'_>, row: &CampaignRow, released_by: UserId, plan: &Plan) -> Result<(), StoreError> {
    campaign::insert(tx, row)?;
    let release = ReleaseRow {
        id: ReleaseId::new(),
        campaign_id: row.id,
        content_hash: row.content_hash.clone(),
        released_by,
        released_at: At(tx.now),
        voided_at: None,
        content: Some(row.content.clone()),
    };
    release::insert(tx, &release)?;
    plan::insert(tx, plan)
}

/// The campaign's rows. No wave opens before the planned instant; and the schedule's grace let the occurrence happen this late,
/// so a wave that is late with it still has its own grace from now on.
fn plan_from(row: &CampaignRow, planned_at: DateTime<Utc>, now: DateTime<Utc>, config: &Config) -> Plan {
    let mut plan = campaigns::plan_of(row, &config.campaign);
    for wave in &mut plan.waves {
        if let Some(opens_at) = &mut wave.opens_at {
            opens_at.0 = opens_at.0.max(planned_at);
            let late_s = (now - opens_at.0).num_seconds().max(0);
            wave.grace_s = wave.grace_s.saturating_add(i32::try_from(late_s).unwrap_or(i32::MAX));
        }
    }
    plan
}

/// The content with its fixed times moved, as the wall clock shows them, so that the first one is the planned instant.
fn shifted(content: &CampaignContent, planned_at: DateTime<Utc>) -> CampaignContent {
    let mut content = content.clone();
    let fixed = content.waves.iter().filter_map(|wave| match &wave.timing {
        Timing::At { local, zone: name } => Some((campaigns::opening(&wave.timing)?, *local, zone::parse(name).ok()?)),
        Timing::After { .. } | Timing::Cascade { .. } => None,
    });
    let Some((_, first_local, tz)) = fixed.min_by_key(|(opens_at, _, _)| *opens_at) else { return content };
    let by = planned_at.with_timezone(&tz).naive_local() - first_local;
    for wave in &mut content.waves {
        if let Timing::At { local, .. } = &mut wave.timing {
            *local = local.checked_add_signed(by).unwrap_or(*local);
        }
    }
    content
}
