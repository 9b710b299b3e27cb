//! The log as auditors and admins read it: filtered, newest first, within their units; people appear by reference, never by name.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::caller::Caller;
use super::error::ServiceError;
use super::export_csv::CsvWriter;
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, EntryId, UnitId, WaveId};
use crate::domain::role::Act;
use crate::store::log::{self, EntryRow, LogQuery};
use crate::store::{Conn, unit};

/// Entries that an export reads in one transaction.
const EXPORT_ROWS: i64 = 1000;

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
    let mut wanted = LogQuery {
        from: filter.from,
        to: filter.to,
        kind: filter.kind,
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

/// Entries within the caller's reach, newest first. Entries about no unit are for those who reach a root of the tree.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to read the log anywhere; [`ServiceError::NotFound`] for a unit outside the reach.
pub async fn list(app: &App, caller: &Caller, filter: LogFilter, page: PageRequest) -> Result<Page<LogEntry>, ServiceError> {
    let before = read_cursor(page.after.as_deref())?;
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let wanted = LogQuery { before, ..scoped(conn, &caller, &filter)? };
        let rows = log::list(conn, &wanted, page.rows())?;
        let entries = named(conn, rows)?;
        Ok(Page::of(entries, &page, |entry| cursor_of(entry.at, entry.id)))
    });
    read.await
}

/// One entry.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or outside the caller's reach.
pub async fn get(app: &App, caller: &Caller, id: EntryId) -> Result<LogEntry, ServiceError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let wanted = LogQuery { id: Some(id), ..scoped(conn, &caller, &LogFilter::default())? };
        let rows = log::list(conn, &wanted, 1)?;
        named(conn, rows)?.pop().ok_or(ServiceError::NotFound("the log entry"))
    });
    read.await
}

/// A piece of the export: CSV rows (the first piece begins with the header), and the cursor for the next piece.
///
/// # Errors
/// As [`list`].
pub async fn export(
    app: &App,
    caller: &Caller,
    filter: LogFilter,
    after: Option<String>,
) -> Result<(Vec<u8>, Option<String>), ServiceError> {
    let before = read_cursor(after.as_deref())?;
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let wanted = LogQuery { before, ..scoped(conn, &caller, &filter)? };
        let rows = log::list(conn, &wanted, EXPORT_ROWS)?;
        let more = i64::try_from(rows.len()).is_ok_and(|read| read == EXPORT_ROWS);
        let next = rows.last().filter(|_| more).map(|row| cursor_of(row.at.0, row.id));
        let entries = named(conn, rows)?;
        let csv = csv_of(&entries, before.is_none()).map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok((csv, next))
    });
    read.await
}

/// The export's columns.
const COLUMNS: [&str; 15] = [
    "id",
    "at",
    "kind",
    "actor_kind",
    "actor",
    "subject",
    "unit_id",
    "unit_name",
    "campaign_id",
    "campaign_title",
    "wave_id",
    "assignment_id",
    "payload",
    "commitment",
    "leaf_index",
];

fn csv_of(entries: &[LogEntry], with_header: bool) -> std::io::Result<Vec<u8>> {
    let mut file = CsvWriter::new(Vec::new());
    if with_header {
        file.row(COLUMNS)?;
    }
    let text = |id: Option<String>| id.unwrap_or_default();
    for entry in entries {
        file.row([
            entry.id.to_string(),
            entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            entry.kind.to_string(),
            entry.actor_kind.clone(),
            entry.actor.clone(),
            text(entry.subject.clone()),
            text(entry.unit_id.map(|id| id.to_string())),
            text(entry.unit_name.clone()),
            text(entry.campaign_id.map(|id| id.to_string())),
            text(entry.campaign_title.clone()),
            text(entry.wave_id.map(|id| id.to_string())),
            text(entry.assignment_id.map(|id| id.to_string())),
            entry.payload.to_string(),
            text(entry.commitment.clone()),
            text(entry.leaf_index.map(|index| index.to_string())),
        ])?;
    }
    file.finish()
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
