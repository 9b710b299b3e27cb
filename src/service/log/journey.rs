//! One assignment from release to completion: what the log says of it, in order, and what it does not say.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{LogEntry, named, scoped};
use crate::app::App;
use crate::domain::assignment::AssignmentState;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, UnitId, WaveId};
use crate::domain::kind::Action;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::store::assignment::{self, AssignmentRow};
use crate::store::log::{self, EntryRow, LogQuery};
use crate::store::{Conn, member, plan, unit};

/// Entries about one assignment that are read; there are a handful.
const MOST: i64 = 500;
/// Entries about its wave's opening that are read: one for each chunk of assignments.
const MOST_CHUNKS: i64 = 20_000;

/// An assignment as an auditor sees it: its person by reference, its account not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// The assignment.
    pub id: AssignmentId,
    /// Its person's reference.
    pub subject: String,
    /// Where it stands.
    pub state: AssignmentState,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The campaign's title.
    pub campaign: String,
    /// The wave.
    pub wave_id: WaveId,
    /// The wave's name.
    pub wave: String,
    /// The wave's layer.
    pub layer: i16,
    /// What was asked.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// The unit it counts for.
    pub unit: String,
    /// That unit.
    pub unit_id: UnitId,
    /// Its deadline.
    pub expires_at: DateTime<Utc>,
    /// What happened, oldest first.
    pub steps: Vec<Step>,
    /// What the log does not hold, or not yet.
    pub missing: Vec<Missing>,
}

/// A step, as an entry tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The entry.
    pub entry: LogEntry,
    /// Whether the caller may open the entry's own page.
    pub open: bool,
}

impl Step {
    /// A text of the entry's payload.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.entry.payload.get(key).and_then(Value::as_str)
    }
}

crate::text_enum! {
    /// What an assignment's log lacks.
    pub enum Missing {
        /// No release of the campaign before it was made.
        Release = "release",
        /// The wave's opening.
        Opening = "opening",
        /// The range of ids that it was made in.
        Made = "made",
        /// No mail was handed over.
        Mail = "mail",
        /// The member has not answered, and may still.
        Answer = "answer",
        /// Done without an address, so nobody can look at it.
        Evidence = "evidence",
        /// Done with an address that nobody has looked at.
        Check = "check",
    }
}

fn of(wanted: &LogQuery, kinds: &[EventKind]) -> LogQuery {
    LogQuery { kinds: kinds.to_vec(), ..wanted.clone() }
}

/// Whether the entry's range of ids holds this one.
fn made(row: &EntryRow, id: AssignmentId) -> bool {
    let bound = |key: &str| row.payload.0.get(key).and_then(Value::as_str).and_then(|text| text.parse::<AssignmentId>().ok());
    matches!((bound("first_id"), bound("last_id")), (Some(first), Some(last)) if first <= id && id <= last)
}

/// The entries of the campaign and the wave that this assignment's life hangs on.
fn around(conn: &mut Conn, row: &AssignmentRow) -> Result<Vec<EntryRow>, ServiceError> {
    use EventKind::{
        AssignmentsWithdrawn, CampaignCancelled, CampaignPaused, CampaignReleased, CampaignResumed, WaveAssigned, WaveClosed,
        WaveOpened,
    };
    let campaign = LogQuery { campaign_id: Some(row.campaign_id), ..LogQuery::default() };
    let released = of(
        &LogQuery { to: Some(row.planned_at.0 + chrono::TimeDelta::microseconds(1)), ..campaign.clone() },
        &[CampaignReleased],
    );
    let mut rows = log::list(conn, &released, 1)?;
    let wave = LogQuery { wave_id: Some(row.wave_id), ..campaign.clone() };
    rows.extend(log::list(conn, &of(&wave, &[WaveOpened, WaveClosed]), MOST)?);
    let chunks = log::list(conn, &of(&wave, &[WaveAssigned]), MOST_CHUNKS)?;
    rows.extend(chunks.into_iter().find(|chunk| made(chunk, row.id)));
    let since = LogQuery { from: Some(row.planned_at.0), ..campaign };
    rows.extend(log::list(conn, &of(&since, &[CampaignPaused, CampaignResumed, CampaignCancelled]), MOST)?);
    if row.state == AssignmentState::Withdrawn {
        rows.extend(log::list(conn, &of(&since, &[AssignmentsWithdrawn]), MOST)?);
    }
    Ok(rows)
}

fn missing(state: AssignmentState, entries: &[EntryRow]) -> Vec<Missing> {
    let has = |kind: EventKind| entries.iter().any(|entry| entry.kind == kind);
    let mut missing = Vec::new();
    let mut unless = |there: bool, what: Missing| {
        if !there {
            missing.push(what);
        }
    };
    unless(has(EventKind::CampaignReleased), Missing::Release);
    unless(has(EventKind::WaveOpened), Missing::Opening);
    unless(has(EventKind::WaveAssigned), Missing::Made);
    unless(has(EventKind::MailSent) || has(EventKind::MailAccepted), Missing::Mail);
    unless(!matches!(state, AssignmentState::Planned | AssignmentState::Notified), Missing::Answer);
    if state == AssignmentState::Done {
        // Rows come oldest first here: the last answer is the one that stands.
        let last = entries.iter().rev().find(|entry| entry.kind == EventKind::AssignmentDone);
        let has_url = last.is_some_and(|entry| entry.payload.0.get("has_url") == Some(&Value::Bool(true)));
        unless(false, if has_url { Missing::Check } else { Missing::Evidence });
    }
    missing
}

/// One assignment's way.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or outside the caller's reach, [`ServiceError::Forbidden`].
pub async fn read(app: &App, caller: &Caller, id: AssignmentId) -> Result<Journey, ServiceError> {
    let caller = caller.clone();
    app.db.read(move |conn| journey(conn, &caller, id)).await
}

fn journey(conn: &mut Conn, caller: &Caller, id: AssignmentId) -> Result<Journey, ServiceError> {
    let gone = || ServiceError::NotFound("the assignment");
    let scope = scoped(conn, caller, &super::LogFilter::default())?;
    let row = assignment::find(conn, id)?.ok_or_else(gone)?;
    caller.check(conn, Act::ViewLog, row.unit_id)?;
    let mut rows = log::list(conn, &LogQuery { assignment_id: Some(id), ..LogQuery::default() }, MOST)?;
    rows.extend(around(conn, &row)?);
    rows.sort_by_key(|entry| (entry.at.0, entry.id));
    let missing = missing(row.state, &rows);
    let steps = named(conn, rows)?.into_iter().map(|entry| {
        let open = is_open(conn, &scope, &entry)?;
        Ok(Step { entry, open })
    });
    let steps = steps.collect::<Result<Vec<_>, ServiceError>>()?;
    let wave = plan::list_waves(conn, row.campaign_id)?.into_iter().find(|wave| wave.id == row.wave_id).ok_or_else(gone)?;
    let (action, platform) = plan::asked(conn, row.task_id)?.ok_or_else(gone)?;
    Ok(Journey {
        id,
        subject: member::get(conn, row.member_id)?.subject_ref,
        state: row.state,
        campaign_id: row.campaign_id,
        campaign: log::campaign_titles(conn, &[row.campaign_id])?.pop().map(|(_, title)| title).unwrap_or_default(),
        wave_id: row.wave_id,
        wave: wave.name,
        layer: wave.layer,
        action,
        platform,
        unit: unit::get(conn, row.unit_id)?.name,
        unit_id: row.unit_id,
        expires_at: row.expires_at.0,
        steps,
        missing,
    })
}

/// Whether the entry's own page would open for the caller.
fn is_open(conn: &mut Conn, scope: &LogQuery, entry: &LogEntry) -> Result<bool, ServiceError> {
    let Some(reach) = &scope.reach else { return Ok(true) };
    match entry.unit_id {
        None => Ok(scope.without_unit),
        Some(id) => Ok(unit::is_within(conn, id, reach)?),
    }
}
