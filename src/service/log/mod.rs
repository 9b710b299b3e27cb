//! The log as auditors and admins read it: filtered, newest first, within their units; people appear by reference, never by name.

use std::collections::{BTreeSet, HashMap};

pub mod export;
pub mod journey;
pub mod look_up;

pub use export::export;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::event::{EventGroup, EventKind};
use crate::domain::id::{AssignmentId, CampaignId, EntryId, UnitId, WaveId};
use crate::domain::role::Act;
use crate::ledger::leaf::EntryLeaf;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::log::{self, EntryRow, LogQuery};
use crate::store::{Conn, campaign as campaigns, unit};

/// Which entries are wanted. An empty filter is everything within reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct LogFilter {
    /// Not before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// By this actor: `system`, `operator` or a person's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventKind>,
    /// Of a kind in this group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<EventGroup>,
    /// About this campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<uuid::Uuid>)]
    pub campaign: Option<CampaignId>,
    /// About this unit or one below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<uuid::Uuid>)]
    pub unit: Option<UnitId>,
    /// About the person of this reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// About this assignment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<uuid::Uuid>)]
    pub assignment: Option<AssignmentId>,
}

/// A log entry as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LogEntry {
    /// The entry's id.
    pub id: EntryId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: EventKind,
    /// What kind of actor did it: `system`, `operator`, `user` or `member`.
    pub actor_kind: String,
    /// Who did it, by reference.
    pub actor: String,
    /// The unit it concerns.
    pub unit_id: Option<UnitId>,
    /// That unit's name today.
    pub unit_name: Option<String>,
    /// The campaign it concerns.
    pub campaign_id: Option<CampaignId>,
    /// That campaign's title today.
    pub campaign_title: Option<String>,
    /// The wave it concerns.
    pub wave_id: Option<WaveId>,
    /// The assignment it concerns.
    pub assignment_id: Option<AssignmentId>,
    /// The person it concerns, by reference.
    pub subject: Option<String>,
    /// Facts without personal data.
    pub payload: Value,
    /// The salted commitment to what is personal about it, in hex.
    pub commitment: Option<String>,
    /// Its place in the sealed log; none while it waits.
    pub leaf_index: Option<i64>,
    /// When it was sealed.
    pub sealed_at: Option<DateTime<Utc>>,
}

/// The stored filter, cut to what the caller may read.
fn scoped(conn: &mut Conn, caller: &Caller, filter: &LogFilter) -> Result<LogQuery, ServiceError> {
    let kinds = match (filter.kind, filter.group) {
        (Some(kind), _) => vec![kind],
        (None, Some(group)) => group.kinds().collect(),
        (None, None) => Vec::new(),
    };
    let mut wanted = LogQuery {
        from: filter.from,
        to: filter.to,
        kinds,
        actor_ref: filter.actor.clone(),
        campaign_id: filter.campaign,
        unit_id: filter.unit,
        subject_ref: filter.subject.clone(),
        assignment_id: filter.assignment,
        ..LogQuery::default()
    };
    if let Some(reach) = caller.reach(Act::ViewLog)? {
        let roots = log::root_units(conn)?;
        // Who reaches every root reads everything: no filter, so that the indexes serve.
        if !roots.iter().all(|root| reach.contains(root)) {
            wanted.without_unit = roots.iter().any(|root| reach.contains(root));
            wanted.reach = Some(reach);
        }
    }
    if let (Some(id), true) = (filter.campaign, wanted.reach.is_some()) {
        // What concerns a campaign as a whole is about no unit; who may read the campaign's log may read that too.
        let of = campaigns::find_unit(conn, id)?;
        wanted.without_unit |= of.is_some_and(|unit_id| caller.check(conn, Act::ViewLog, unit_id).is_ok());
    }
    if let Some(id) = filter.unit {
        unit::get(conn, id)?;
        caller.check(conn, Act::ViewLog, id)?;
    }
    Ok(wanted)
}

fn cursor_of(at: DateTime<Utc>, id: EntryId) -> String {
    format!("{}_{id}", at.timestamp_micros())
}

fn read_cursor(cursor: Option<&str>) -> Result<Option<(DateTime<Utc>, EntryId)>, ServiceError> {
    let Some(text) = cursor else { return Ok(None) };
    let parts = text.split_once('_').and_then(|(at, id)| {
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some((at, id.parse().ok()?))
    });
    let wrong =
        || ServiceError::field("after", "page.cursor", "This cursor is not one that a page gave; start at the first page");
    parts.ok_or_else(wrong).map(Some)
}

/// Entries that a page looks at, at most. Filters that each match a lot and hardly ever meet would otherwise read the whole log.
const LOOKED_AT: i64 = 6_000;

/// Entries within the caller's reach, newest first. Entries about no unit are for those who reach a root of the tree. A page may hold
/// fewer than were asked for, even none, and have a next one: so far nothing more was found, and the search goes on there.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to read the log anywhere; [`ServiceError::NotFound`] for a unit outside the reach.
pub async fn list(app: &App, caller: &Caller, filter: LogFilter, page: PageRequest) -> Result<Page<LogEntry>, ServiceError> {
    let before = read_cursor(page.after.as_deref())?;
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let wanted = LogQuery { before, ..scoped(conn, &caller, &filter)? };
        let found = log::search(conn, &wanted, page.rows(), LOOKED_AT)?;
        let entries = named(conn, found.rows)?;
        let mut page = Page::of(entries, &page, |entry| cursor_of(entry.at, entry.id));
        page.next = page.next.or(found.stopped.map(|(at, id)| cursor_of(at, id)));
        Ok(page)
    });
    read.await
}

/// Entries newer than a cursor, newest first; and the cursor after which there may be newer ones still.
///
/// # Errors
/// As [`list`].
pub async fn newer(
    app: &App,
    caller: &Caller,
    filter: LogFilter,
    page: PageRequest,
) -> Result<(Vec<LogEntry>, Option<String>), ServiceError> {
    let after = read_cursor(page.after.as_deref())?;
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let wanted = LogQuery { after, ..scoped(conn, &caller, &filter)? };
        let found = log::search(conn, &wanted, page.rows(), LOOKED_AT)?;
        let mut rows = found.rows;
        let more = i64::try_from(rows.len()).is_ok_and(|read| read == page.rows());
        if more {
            rows.remove(0);
        }
        let next = rows.first().filter(|_| more).map(|row| cursor_of(row.at.0, row.id));
        Ok((named(conn, rows)?, next.or(found.stopped.map(|(at, id)| cursor_of(at, id)))))
    });
    read.await
}

/// The time of a cursor: how far a search came.
#[must_use]
pub fn time_of(cursor: &str) -> Option<DateTime<Utc>> {
    read_cursor(Some(cursor)).ok().flatten().map(|(at, _)| at)
}

/// The cursor of an entry, before and after which pages begin.
#[must_use]
pub fn cursor(entry: &LogEntry) -> String {
    cursor_of(entry.at, entry.id)
}

/// One entry.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or outside the caller's reach.
pub async fn get(app: &App, caller: &Caller, id: EntryId) -> Result<LogEntry, ServiceError> {
    let caller = caller.clone();
    app.db.read(move |conn| one(conn, &caller, id)).await
}

fn one(conn: &mut Conn, caller: &Caller, id: EntryId) -> Result<LogEntry, ServiceError> {
    let wanted = LogQuery { id: Some(id), ..scoped(conn, caller, &LogFilter::default())? };
    let rows = log::list(conn, &wanted, 1)?;
    named(conn, rows)?.pop().ok_or(ServiceError::NotFound("the log entry"))
}

/// An entry among its neighbours within the caller's reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The entry.
    pub entry: LogEntry,
    /// The one before it.
    pub older: Option<LogEntry>,
    /// The one after it.
    pub newer: Option<LogEntry>,
    /// The hash under which it stands in the log's tree, in hex (RFC 6962 section 2.1).
    pub leaf_hash: String,
}

/// One entry with the one before and the one after it.
///
/// # Errors
/// As [`get`].
pub async fn placed(app: &App, caller: &Caller, id: EntryId) -> Result<Placed, ServiceError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let entry = one(conn, &caller, id)?;
        let at = Some((entry.at, entry.id));
        let scope = scoped(conn, &caller, &LogFilter::default())?;
        let older = log::list(conn, &LogQuery { before: at, ..scope.clone() }, 1)?;
        let newer = log::list(conn, &LogQuery { after: at, ..scope }, 1)?;
        let leaf_hash = leaf_hash(&entry)?;
        Ok(Placed { older: named(conn, older)?.pop(), newer: named(conn, newer)?.pop(), entry, leaf_hash })
    });
    read.await
}

/// The hash of an entry's leaf, in hex.
///
/// # Errors
/// [`ServiceError::Internal`] for an entry that has no canonical form.
pub fn leaf_hash(entry: &LogEntry) -> Result<String, ServiceError> {
    let commitment = entry.commitment.as_deref().and_then(|text| hex::decode(text).ok()).and_then(|bytes| bytes.try_into().ok());
    let leaf = EntryLeaf {
        id: entry.id.uuid(),
        at_us: entry.at.timestamp_micros(),
        kind: entry.kind.to_string(),
        actor_ref: Some(entry.actor.clone()),
        unit: entry.unit_id.map(|id| id.uuid()),
        campaign: entry.campaign_id.map(|id| id.uuid()),
        wave: entry.wave_id.map(|id| id.uuid()),
        assignment: entry.assignment_id.map(|id| id.uuid()),
        subject_ref: entry.subject.clone(),
        payload: entry.payload.clone(),
        commitment,
    };
    leaf.hash().map(hex::encode).map_err(|error| ServiceError::Internal(error.to_string()))
}

/// Chosen entries of a campaign, and where its log begins and ends.
pub(super) struct CampaignEntries {
    /// The entries, oldest first.
    pub some: Vec<LogEntry>,
    /// The very first of all kinds.
    pub first: Option<LogEntry>,
    /// The very last of all kinds.
    pub last: Option<LogEntry>,
}

/// A campaign's entries of some kinds, oldest first, the latest `limit` of them; and the very first and last of all kinds. Whether
/// the caller may read them is for the caller of this function to check.
pub(super) fn of_campaign(
    conn: &mut Conn,
    id: CampaignId,
    kinds: Vec<EventKind>,
    limit: i64,
) -> Result<CampaignEntries, ServiceError> {
    let all = LogQuery { campaign_id: Some(id), ..LogQuery::default() };
    let mut some = log::list(conn, &LogQuery { kinds, ..all.clone() }, limit)?;
    some.reverse();
    let beginning = Some((DateTime::UNIX_EPOCH, EntryId::from_uuid(uuid::Uuid::nil())));
    let first = log::list(conn, &LogQuery { after: beginning, ..all.clone() }, 1)?;
    let last = log::list(conn, &all, 1)?;
    Ok(CampaignEntries { some: named(conn, some)?, first: named(conn, first)?.pop(), last: named(conn, last)?.pop() })
}

/// Rows with the names of their units and campaigns, read at once for all.
fn named(conn: &mut Conn, rows: Vec<EntryRow>) -> Result<Vec<LogEntry>, ServiceError> {
    let units: BTreeSet<UnitId> = rows.iter().filter_map(|row| row.unit_id).collect();
    let campaigns: BTreeSet<CampaignId> = rows.iter().filter_map(|row| row.campaign_id).collect();
    let units = log::unit_names(conn, &units.into_iter().collect::<Vec<_>>())?;
    let units: HashMap<UnitId, String> = units.into_iter().collect();
    let campaigns = log::campaign_titles(conn, &campaigns.into_iter().collect::<Vec<_>>())?;
    let campaigns: HashMap<CampaignId, String> = campaigns.into_iter().collect();
    let entries = rows.into_iter().map(|row| LogEntry {
        id: row.id,
        at: row.at.0,
        kind: row.kind,
        actor_kind: row.actor_kind,
        actor: row.actor_ref,
        unit_id: row.unit_id,
        unit_name: row.unit_id.and_then(|id| units.get(&id).cloned()),
        campaign_id: row.campaign_id,
        campaign_title: row.campaign_id.and_then(|id| campaigns.get(&id).cloned()),
        wave_id: row.wave_id,
        assignment_id: row.assignment_id,
        subject: row.subject_ref,
        payload: row.payload.0,
        commitment: row.commitment.map(hex::encode),
        leaf_index: row.leaf_index,
        sealed_at: row.sealed_at.map(|at| at.0),
    });
    Ok(entries.collect())
}
