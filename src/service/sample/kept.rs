//! A sample as an object: looked at item by item, its result sealed in the log. [`super::announce`] makes it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::announce::{is_covered, plan_of};
use super::outcome::{Outcome, file, outcomes};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::finding::{Finding, SampleRefusal};
use crate::domain::id::{AssignmentId, EntryId, SampleId, UnitId, UserId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::ledger::draw::{self, Drawn, Plan};
use crate::service::form::Faults;
use crate::service::{Caller, ServiceError};
use crate::store::kept_sample::{self, ItemRow, SampleRow, StratumRow};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError, campaign, unit, user};

pub use crate::ledger::draw::DOMAIN as SEED_DOMAIN;

/// Samples on one page.
const SHOWN: i64 = 100;
/// The longest note, in characters.
const NOTE: usize = 1_000;

/// A kept sample in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: SampleId,
    /// The public value; empty while a draw is announced and nothing is drawn.
    pub value: String,
    /// What it is drawn from; none of samples that were drawn before there were announcements.
    pub plan: Option<Plan>,
    /// The campaign's title, where it is of one.
    pub campaign: Option<String>,
    /// Who drew it.
    pub drawn_by: String,
    /// When it was announced.
    pub announced_at: Option<DateTime<Utc>>,
    /// When it was drawn; of an announced one that waits, when it was announced.
    pub drawn_at: DateTime<Utc>,
    /// When its findings were sealed.
    pub sealed_at: Option<DateTime<Utc>>,
}

impl Kept {
    /// Whether it is announced and not drawn.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.plan.is_some() && self.value.is_empty()
    }
}

/// An item with what it claims and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub no: i32,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The layer's number.
    pub layer: i16,
    /// The campaign's title.
    pub campaign: String,
    /// The address of the post that was given.
    pub url: Option<String>,
    /// When it was done.
    pub done_at: Option<DateTime<Utc>>,
    /// What was found.
    pub finding: Option<Finding>,
    /// The auditor's words.
    pub note: String,
}

/// A kept sample in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What it is.
    pub kept: Kept,
    /// Where the log stood.
    pub anchor: String,
    /// The seed, as the draw took it; none where nothing is drawn yet.
    pub seed: Option<String>,
    /// The entry that announced it.
    pub announced_in: Option<EntryId>,
    /// Whether a signed checkpoint covers the announcement, so that it may be drawn.
    pub is_covered: bool,
    /// Completions recorded before this instant: of samples without an announcement.
    pub until: DateTime<Utc>,
    /// Strata: layer, unit (none: small ones together), population, drawn.
    pub strata: Vec<(i16, Option<String>, i32, i32)>,
    /// The items, by number.
    pub items: Vec<Item>,
    /// The outcome of all, and of each layer.
    pub outcomes: Vec<Outcome>,
    /// SHA-256 of the findings' file, once sealed.
    pub findings_sha256: Option<String>,
    /// Whether the caller may record findings.
    pub may_record: bool,
}

/// The seed of a sample: of the announced checkpoint and the value, or, before there were announcements, of the value and the newest entry.
fn seed_of(row: &SampleRow, plan: Option<&Plan>) -> Option<String> {
    match plan {
        _ if row.is_waiting() => None,
        Some(plan) => plan.frame().map(|frame| draw::seed(&frame, &row.value)),
        None => Some(format!("{}\n{}", row.value, row.anchor)),
    }
}

/// Who sees a sample: who drew it, and whoever reads the log of the whole institution.
pub(super) fn see(conn: &mut Conn, caller: &Caller, row: &SampleRow) -> Result<(), ServiceError> {
    caller.reach(Act::ViewLog)?;
    if caller.user_id().ok() == Some(row.drawn_by) || caller.check_whole(conn, Act::ViewLog).is_ok() {
        return Ok(());
    }
    Err(ServiceError::NotFound("it"))
}

/// A draw as it is stored.
pub(super) fn rows_of(sample_id: SampleId, drawn: &Drawn<()>) -> (Vec<StratumRow>, Vec<ItemRow>) {
    let whole = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let strata: Vec<StratumRow> = drawn
        .strata
        .iter()
        .enumerate()
        .map(|(i, stratum)| StratumRow {
            sample_id,
            no: whole(i + 1),
            layer: stratum.layer,
            unit_id: stratum.unit.map(UnitId::from_uuid),
            population: whole(stratum.population),
            drawn: whole(stratum.drawn),
        })
        .collect();
    let items = drawn.items.iter().enumerate().map(|(i, item)| ItemRow {
        sample_id,
        no: whole(i + 1),
        stratum: whole(item.stratum + 1),
        assignment_id: AssignmentId::from_uuid(item.id),
        order_sha256: hex::encode(item.hash),
        finding: None,
        note: String::new(),
        found_at: None,
    });
    let items = items.collect();
    (strata, items)
}

fn kept(conn: &mut Conn, row: &SampleRow) -> Result<Kept, ServiceError> {
    let campaign = match row.campaign_id {
        Some(id) => Some(campaign::get(conn, id)?.title),
        None => None,
    };
    let id: UserId = row.drawn_by;
    Ok(Kept {
        id: row.id,
        value: row.value.clone(),
        plan: plan_of(row)?,
        campaign,
        drawn_by: user::get(conn, id)?.name,
        announced_at: row.announced_at.map(|at| at.0),
        drawn_at: row.drawn_at.0,
        sealed_at: row.sealed_at.map(|at| at.0),
    })
}

/// The samples that the caller sees, the newest first.
///
/// # Errors
/// `Forbidden` for who may not read the log.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Kept>, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ViewLog)?;
    app.db
        .read(move |conn| {
            let mut seen = Vec::new();
            for row in kept_sample::list(conn, SHOWN)? {
                if see(conn, &who, &row).is_ok() {
                    seen.push(kept(conn, &row)?);
                }
            }
            Ok(seen)
        })
        .await
}

/// One sample.
///
/// # Errors
/// `NotFound` for who does not see it; `Forbidden`.
pub async fn show(app: &App, caller: &Caller, id: SampleId) -> Result<Page, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ViewLog)?;
    app.db
        .read(move |conn| {
            let row = kept_sample::get(conn, id)?;
            see(conn, &who, &row)?;
            let strata = kept_sample::strata(conn, id)?;
            let items = kept_sample::items(conn, id)?;
            let outcomes = outcomes(&strata, &items);
            let kept = kept(conn, &row)?;
            let is_open = row.sealed_at.is_none() && !kept.is_waiting();
            Ok(Page {
                seed: seed_of(&row, kept.plan.as_ref()),
                is_covered: is_covered(conn, row.announced_in)?,
                announced_in: row.announced_in,
                kept,
                anchor: row.anchor,
                until: row.until_at.0,
                strata: named(conn, &strata)?,
                items: claimed(conn, id, items)?,
                outcomes,
                may_record: is_open && who.reach(Act::RecordFindings).is_ok(),
                findings_sha256: row.findings_sha256,
            })
        })
        .await
}

type Named = (i16, Option<String>, i32, i32);

fn named(conn: &mut Conn, strata: &[StratumRow]) -> Result<Vec<Named>, StoreError> {
    let mut named = Vec::new();
    for row in strata {
        let name = match row.unit_id {
            Some(id) => Some(unit::get(conn, id)?.name),
            None => None,
        };
        named.push((row.layer, name, row.population, row.drawn));
    }
    Ok(named)
}

fn claimed(conn: &mut Conn, id: SampleId, items: Vec<ItemRow>) -> Result<Vec<Item>, StoreError> {
    let claims = kept_sample::claims(conn, id)?;
    let items = items.into_iter().filter_map(|item| {
        let claim = claims.iter().find(|claim| claim.id == item.assignment_id)?;
        Some(Item {
            no: item.no,
            assignment_id: item.assignment_id,
            layer: claim.layer,
            campaign: claim.campaign.clone(),
            url: claim.url.clone(),
            done_at: claim.settled_at.map(|at| at.0),
            finding: item.finding,
            note: item.note,
        })
    });
    Ok(items.collect())
}

/// Records what was found about an item; saying it anew takes the place of what was said before.
///
/// # Errors
/// `sample.sealed`; `Invalid` for the note; `NotFound`, `Forbidden`.
pub async fn record(
    app: &App,
    caller: &Caller,
    id: SampleId,
    no: i32,
    (finding, note): (Finding, &str),
) -> Result<(), ServiceError> {
    let who = caller.clone();
    who.reach(Act::RecordFindings)?;
    let mut faults = Faults::default();
    let note = if note.trim().is_empty() {
        Some(String::new())
    } else {
        faults.take("note", plain_text::paragraphs(note, NOTE), TextError::code)
    };
    let note = faults.finish(note)?;
    app.db
        .write(caller.actor(), move |tx| {
            let row = kept_sample::lock(tx, id)?;
            see(tx.conn, &who, &row)?;
            if row.sealed_at.is_some() {
                return Err(SampleRefusal::Sealed.into());
            }
            tx.without_entry("the findings go into the log together, when they are sealed");
            if kept_sample::record(tx, id, no, finding, &note)? { Ok(()) } else { Err(ServiceError::NotFound("it")) }
        })
        .await
}

/// Seals a sample: its findings change no more, and the log has the hash of their file.
///
/// # Errors
/// `sample.sealed`, `sample.unfinished`; `NotFound`, `Forbidden`.
pub async fn seal(app: &App, caller: &Caller, id: SampleId) -> Result<String, ServiceError> {
    let who = caller.clone();
    who.reach(Act::RecordFindings)?;
    app.db
        .write(caller.actor(), move |tx| {
            let row = kept_sample::lock(tx, id)?;
            see(tx.conn, &who, &row)?;
            if row.is_waiting() {
                return Err(SampleRefusal::NotDrawn.into());
            }
            let (strata, items) = (kept_sample::strata(tx.conn, id)?, kept_sample::items(tx.conn, id)?);
            if items.iter().any(|item| item.finding.is_none()) {
                return Err(SampleRefusal::Unfinished.into());
            }
            let sha256 = hex::encode(Sha256::digest(file(&row, &strata, &items)?));
            if !kept_sample::seal(tx, id, &sha256)? {
                return Err(SampleRefusal::Sealed.into());
            }
            let all = outcomes(&strata, &items);
            let share = all.first().and_then(|outcome| outcome.share);
            let count = |finding| items.iter().filter(|item| item.finding == Some(finding)).count();
            let percent = |share: f64| format!("{:.1}", share * 100.0);
            let mut entry = NewEntry::new(EventKind::SampleSealed);
            entry.campaign_id = row.campaign_id;
            tx.record(entry.payload(json!({
                "sample": id, "findings_sha256": sha256, "items": items.len(), "as_claimed": count(Finding::AsClaimed),
                "changed": count(Finding::Changed), "not_there": count(Finding::NotThere), "cant_tell": count(Finding::CantTell),
                "percent": share.map(|s| percent(s.estimate)), "low": share.map(|s| percent(s.low)),
                "high": share.map(|s| percent(s.high)),
            })));
            Ok(sha256)
        })
        .await
}

/// The findings as CSV: once sealed, the file whose SHA-256 the log has.
///
/// # Errors
/// As [`show`].
pub async fn findings(app: &App, caller: &Caller, id: SampleId) -> Result<Vec<u8>, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ViewLog)?;
    app.db
        .read(move |conn| {
            let row = kept_sample::get(conn, id)?;
            see(conn, &who, &row)?;
            file(&row, &kept_sample::strata(conn, id)?, &kept_sample::items(conn, id)?)
        })
        .await
}
