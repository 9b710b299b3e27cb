//! A draw in two steps: first the log's newest signed checkpoint is announced as what it will be taken from, and that announcement is
//! sealed; then somebody types a public value of a later time, and both together are the seed.

use serde_json::json;
use uuid::Uuid;

use super::kept::{rows_of, see};
use super::{MOST, frame};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::finding::SampleRefusal;
use crate::domain::id::{CampaignId, EntryId, SampleId, UnitId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::draw::{self, Plan};
use crate::service::form::Faults;
use crate::service::{Caller, ServiceError};
use crate::store::kept_sample::{self, SampleRow};
use crate::store::log::{self, LogQuery};
use crate::store::seal::{self, LogRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, unit};

/// The longest public value, in characters.
const VALUE: usize = 200;
/// The most units that an announcement names one by one: an entry has room for 1,600.
const MOST_UNITS: usize = 1_000;

/// Announces a draw from what is sealed now: of so many, of one campaign or of all within the caller's reach. What it is taken from
/// stands from here on; nothing is drawn yet.
///
/// # Errors
/// `Forbidden` for who records no findings; `Invalid` for the number, and where nothing is there to draw; `sample.no_checkpoint`.
pub async fn announce(app: &App, caller: &Caller, n: usize, campaign: Option<CampaignId>) -> Result<SampleId, ServiceError> {
    let reach = caller.reach(Act::RecordFindings)?;
    let user_id = caller.user_id()?;
    if !(1..=MOST).contains(&n) {
        return Err(ServiceError::field("n", "sample.n", "A sample has 1 to 500 items"));
    }
    let who = caller.clone();
    let (found, within) = app
        .db
        .read(move |conn| {
            let is_whole = who.check_whole(conn, Act::RecordFindings).is_ok();
            let within = if is_whole { None } else { reach.map(|roots| named(conn, roots)).transpose()? };
            Ok::<_, ServiceError>((newest(conn)?, within))
        })
        .await?;
    let (log, newest) = found.ok_or(SampleRefusal::NoCheckpoint)?;
    let plan = Plan::of(&newest, n, campaign.map(|id| id.uuid()), within);
    // The strata don't depend on the value, and their sizes can be told before it is known.
    let population: usize = frame::draw(app, &log, &plan, "").await?.strata.iter().map(|stratum| stratum.population).sum();
    if population == 0 {
        return Err(ServiceError::field("campaign", "sample.nothing", "There is no completion to draw from"));
    }
    let text = serde_json::to_string(&plan).map_err(|e| ServiceError::Internal(e.to_string()))?;
    app.db
        .write(caller.actor(), move |tx| {
            let (id, now) = (SampleId::new(), At(tx.now));
            let mut entry = NewEntry::new(EventKind::SampleAnnounced);
            entry.campaign_id = campaign;
            let row = SampleRow {
                id,
                value: String::new(),
                anchor: anchor(&plan),
                asked: i32::try_from(n).unwrap_or(i32::MAX),
                campaign_id: campaign,
                until_at: now,
                drawn_by: user_id,
                drawn_at: now,
                sealed_at: None,
                findings_sha256: None,
                plan: Some(text),
                announced_in: Some(entry.id),
                announced_at: Some(now),
            };
            kept_sample::insert(tx, &row, &[], &[])?;
            tx.record(entry.payload(json!({
                "sample": id, "origin": plan.origin, "size": plan.size, "root": plan.root, "asked": n,
                "campaign": plan.campaign, "within": plan.within, "population": population,
            })));
            Ok(id)
        })
        .await
}

/// The units of a reach by name, so that the draw does not depend on what the log says of the tree; where that would not fit into an
/// entry, their roots, below which the log says what lies.
fn named(conn: &mut Conn, roots: Vec<UnitId>) -> Result<Vec<Uuid>, StoreError> {
    let all = unit::below(conn, &roots)?;
    let named = if all.len() > MOST_UNITS { roots } else { all };
    Ok(named.iter().map(|id| id.uuid()).collect())
}

/// What stands in the list and in the findings' file as the place of the log: the checkpoint's three lines as one.
fn anchor(plan: &Plan) -> String {
    format!("{} {} {}", plan.origin, plan.size, plan.root)
}

fn newest(conn: &mut Conn) -> Result<Option<(LogRow, Checkpoint)>, StoreError> {
    let Some(log) = seal::current(conn)? else { return Ok(None) };
    let Some(row) = seal::latest_within(conn, log.no, log.size)? else { return Ok(None) };
    let (checkpoint, _) = Checkpoint::parse(row.note.as_bytes()).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    Ok((checkpoint.size > 0).then_some((log, checkpoint)))
}

/// The plan of an announced sample; none of one that was drawn before there were announcements.
pub(super) fn plan_of(row: &SampleRow) -> Result<Option<Plan>, ServiceError> {
    let plan = row.plan.as_ref().map(|text| serde_json::from_str(text)).transpose();
    plan.map_err(|e| ServiceError::Internal(format!("the plan of sample {}: {e}", row.id)))
}

/// Whether an announcement is covered by a signed checkpoint, which fixes its time before whatever comes after that checkpoint.
pub(super) fn is_covered(conn: &mut Conn, announced_in: Option<EntryId>) -> Result<bool, StoreError> {
    let wanted = LogQuery { id: announced_in, ..LogQuery::default() };
    let entry = if announced_in.is_some() { log::list(conn, &wanted, 1)?.pop() } else { None };
    let Some(leaf) = entry.and_then(|entry| entry.leaf_index) else { return Ok(false) };
    let Some(log) = seal::log_of(conn, leaf)? else { return Ok(false) };
    let signed = seal::latest_within(conn, log.no, log.size)?.map_or(0, |row| row.size);
    Ok(log.index_of(leaf).is_some_and(|index| index < signed))
}

/// The log of a plan, if its tree over the plan's entries is still the announced one.
fn log_of(conn: &mut Conn, plan: &Plan) -> Result<Option<LogRow>, StoreError> {
    let Some(log) = seal::logs(conn)?.into_iter().find(|log| log.origin == plan.origin) else { return Ok(None) };
    let size = i64::try_from(plan.size).unwrap_or(i64::MAX);
    let same =
        seal::checkpoint_at(conn, log.no, size)?.is_some_and(|row| Some(row.root) == plan.frame().map(|f| f.root.to_vec()));
    Ok((same && size <= log.size).then_some(log))
}

/// Draws an announced sample by a public value that became known after the announcement.
///
/// # Errors
/// `Invalid` for the value; `sample.not_covered` while no signed checkpoint covers the announcement; `sample.frame_gone`,
/// `sample.drawn`; `NotFound`, `Forbidden`.
pub async fn draw(app: &App, caller: &Caller, id: SampleId, value: &str) -> Result<(), ServiceError> {
    let who = caller.clone();
    who.reach(Act::RecordFindings)?;
    if value.trim().is_empty() {
        return Err(ServiceError::field("value", "sample.value", "Type the public value that decides the draw"));
    }
    let mut faults = Faults::default();
    let value = faults.take("value", plain_text::line(value, VALUE), TextError::code);
    let value = faults.finish(value)?;
    let (plan, log) = app
        .db
        .read(move |conn| {
            let row = kept_sample::get(conn, id)?;
            see(conn, &who, &row)?;
            let plan = plan_of(&row)?.filter(|_| row.is_waiting()).ok_or(SampleRefusal::Drawn)?;
            if !is_covered(conn, row.announced_in)? {
                return Err(SampleRefusal::NotCovered.into());
            }
            let log = log_of(conn, &plan)?.ok_or(SampleRefusal::FrameGone)?;
            Ok::<_, ServiceError>((plan, log))
        })
        .await?;
    let frame = plan.frame().ok_or(SampleRefusal::FrameGone)?;
    let seed = draw::seed(&frame, &value);
    let drawn = frame::draw(app, &log, &plan, &seed).await?;
    app.db
        .write(caller.actor(), move |tx| {
            let row = kept_sample::lock(tx, id)?;
            if !row.is_waiting() {
                return Err(SampleRefusal::Drawn.into());
            }
            let (strata, items) = rows_of(id, &drawn);
            kept_sample::set_drawn(tx, id, &value)?;
            kept_sample::insert_items(tx, &strata, &items)?;
            let mut entry = NewEntry::new(EventKind::SampleDrawn);
            entry.campaign_id = row.campaign_id;
            tx.record(entry.payload(json!({
                "sample": id, "value": value, "anchor": row.anchor, "seed": seed, "asked": row.asked, "items": items.len(),
                "items_sha256": draw::digest(items.iter().map(|item| item.assignment_id.uuid())),
            })));
            Ok(())
        })
        .await
}
