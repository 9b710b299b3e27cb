//! Units: adding, changing and moving them in their tree.

mod desk;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

pub use desk::{Holder, Sizes, Surroundings, list_where, may, surroundings, tree};

use super::caller::Caller;
use super::error::ServiceError;
use super::form::Faults;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::UnitId;
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::domain::unit::{UnitCode, UnitCodeError, UnitRefusal};
use crate::domain::zone::{self, ZoneError};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::unit::{self, UnitRow};
use crate::store::{StoreError, Tx, Unique};

/// The longest name of a unit, in characters.
const NAME_CHARACTERS: usize = 160;

/// A unit as people enter it.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitForm {
    /// The code by which files and people name it.
    pub code: String,
    /// The name.
    pub name: String,
    /// The unit above; none for a root.
    pub parent_id: Option<UnitId>,
    /// The IANA zone; empty: the unit above's, or the installation's.
    #[serde(default)]
    pub zone: String,
}

/// A unit as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit above.
    pub parent_id: Option<UnitId>,
    /// How many of the units that the caller sees lie above it.
    pub depth: u32,
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// The IANA zone.
    pub zone: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// What a change must name.
    pub version: i32,
}

impl Unit {
    fn of(row: UnitRow, depth: u32) -> Self {
        let UnitRow { id, parent_id, code, name, zone, created_at, version, .. } = row;
        Self { id, parent_id, depth, code, name, zone, created_at: created_at.0, version }
    }
}

/// A unit whose fields were found right.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub code: UnitCode,
    pub name: String,
    pub zone: Option<chrono_tz::Tz>,
}

impl Draft {
    /// Reads the fields; notes every fault.
    pub(crate) fn read(code: &str, name: &str, zone: &str, faults: &mut Faults) -> Option<Self> {
        let code = faults.take("code", UnitCode::parse(code), UnitCodeError::code);
        let name = faults.take("name", plain_text::line(name, NAME_CHARACTERS), TextError::code);
        let zone = match zone.trim() {
            "" => Some(None),
            zone => faults.take("zone", zone::parse(zone), ZoneError::code).map(Some),
        };
        Some(Self { code: code?, name: name?, zone: zone? })
    }
    /// A new row; without a zone of its own it takes the one of the unit above.
    pub(crate) fn into_row(self, parent_id: Option<UnitId>, above_zone: String, now: At) -> UnitRow {
        UnitRow {
            id: UnitId::new(),
            parent_id,
            code: self.code.as_str().to_owned(),
            code_norm: self.code.normalised().to_owned(),
            name: self.name,
            zone: self.zone.map_or(above_zone, |z| z.name().to_owned()),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

/// Adds a unit below one that the caller manages. Only the operator adds a root.
///
/// # Errors
/// `Invalid` for a fault or a code in use; `NotFound` for a parent outside the caller's reach.
pub async fn add(app: &App, caller: &Caller, form: UnitForm) -> Result<Unit, ServiceError> {
    let default_zone = app.config.institution.default_zone;
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut faults = Faults::default();
            let draft = Draft::read(&form.code, &form.name, &form.zone, &mut faults);
            let draft = faults.finish(draft)?;
            let above = place(tx, &who, form.parent_id)?;
            let above_zone = above.map_or_else(|| default_zone.name().to_owned(), |unit| unit.zone);
            let row = draft.into_row(form.parent_id, above_zone, At(tx.now));
            unit::insert(tx, &row).map_err(taken)?;
            record_added(tx, &row);
            Ok(Unit::of(row, 0))
        })
        .await
}

/// The unit above, if the caller may place something there.
fn place(tx: &mut Tx<'_>, caller: &Caller, parent_id: Option<UnitId>) -> Result<Option<UnitRow>, ServiceError> {
    match parent_id {
        Some(parent_id) => {
            caller.check(tx.conn, Act::ManageUnits, parent_id)?;
            Ok(Some(unit::get(tx.conn, parent_id)?))
        }
        None if caller.reach(Act::ManageUnits)?.is_none() => Ok(None),
        None => Err(ServiceError::Forbidden),
    }
}

pub(crate) fn record_added(tx: &mut Tx<'_>, row: &UnitRow) {
    let payload = json!({ "code": row.code, "name": row.name, "zone": row.zone, "parent_id": row.parent_id });
    tx.record(NewEntry::new(EventKind::UnitAdded).unit(row.id).payload(payload));
}

pub(crate) fn record_changed(tx: &mut Tx<'_>, row: &UnitRow, changed: &[&str]) {
    let now = json!({ "code": row.code, "name": row.name, "zone": row.zone, "parent_id": row.parent_id });
    tx.record(NewEntry::new(EventKind::UnitChanged).unit(row.id).payload(json!({ "changed": changed, "now": now })));
}

fn taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Taken(Unique::UnitCode) => ServiceError::field(
            "code",
            "unit.code_taken",
            "Another unit has this code; codes are the same in upper and lower case",
        ),
        other => other.into(),
    }
}

/// Puts a draft into a row; gives the names of what changed.
pub(crate) fn apply(row: &mut UnitRow, draft: &Draft, parent_id: Option<UnitId>) -> Vec<&'static str> {
    let zone = draft.zone.map_or_else(|| row.zone.clone(), |z| z.name().to_owned());
    let changed: Vec<&'static str> = [
        ("code", row.code != draft.code.as_str()),
        ("name", row.name != draft.name),
        ("parent", row.parent_id != parent_id),
        ("zone", row.zone != zone),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    row.code = draft.code.as_str().to_owned();
    row.code_norm = draft.code.normalised().to_owned();
    row.name.clone_from(&draft.name);
    row.parent_id = parent_id;
    row.zone = zone;
    changed
}

/// Changes a unit; another `parent_id` moves it with everything below it.
///
/// # Errors
/// `Refused` with `unit.cycle`; `Invalid` for a fault or a code in use; `Conflict` when `version` is not the current one.
pub async fn change(app: &App, caller: &Caller, id: UnitId, version: i32, form: UnitForm) -> Result<Unit, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            who.check(tx.conn, Act::ManageUnits, id)?;
            let mut faults = Faults::default();
            let draft = Draft::read(&form.code, &form.name, &form.zone, &mut faults);
            let draft = faults.finish(draft)?;
            let mut row = unit::get(tx.conn, id)?;
            if row.version != version {
                return Err(StoreError::Stale.into());
            }
            if row.parent_id != form.parent_id {
                place(tx, &who, form.parent_id)?;
                if let Some(parent_id) = form.parent_id
                    && unit::is_within(tx.conn, parent_id, &[id])?
                {
                    return Err(UnitRefusal::Cycle.into());
                }
            }
            let changed = apply(&mut row, &draft, form.parent_id);
            if changed.is_empty() {
                tx.without_entry("the unit is as it was");
                return Ok(Unit::of(row, 0));
            }
            unit::save(tx, &row).map_err(taken)?;
            record_changed(tx, &row, &changed);
            row.version += 1;
            Ok(Unit::of(row, 0))
        })
        .await
}

/// One unit.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn get(app: &App, caller: &Caller, id: UnitId) -> Result<Unit, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| {
            who.check(conn, Act::ViewOrganisation, id)?;
            Ok(Unit::of(unit::get(conn, id)?, 0))
        })
        .await
}

/// The units that the caller sees: each before those below it, siblings by code.
///
/// # Errors
/// `Forbidden` where the caller sees none.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Unit>, ServiceError> {
    list_where(app, caller, Act::ViewOrganisation).await
}

fn in_tree_order(rows: Vec<UnitRow>, roots: Option<&[UnitId]>) -> Vec<Unit> {
    let mut below: HashMap<Option<UnitId>, Vec<UnitRow>> = HashMap::new();
    for row in rows {
        below.entry(row.parent_id).or_default().push(row);
    }
    // The last in `waiting` comes next, so siblings go in backwards.
    let mut waiting: Vec<(UnitRow, u32)> = Vec::new();
    waiting.extend(below.remove(&None).unwrap_or_default().into_iter().rev().map(|row| (row, 0)));
    let mut list = Vec::new();
    while let Some((row, depth)) = waiting.pop() {
        let children = below.remove(&Some(row.id)).unwrap_or_default();
        waiting.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
        list.push((row, depth));
    }
    match roots {
        None => list.into_iter().map(|(row, depth)| Unit::of(row, depth)).collect(),
        Some(roots) => visible(list, roots),
    }
}

/// Of a tree in order, the subtrees of `roots`, with depths counted from each root.
fn visible(list: Vec<(UnitRow, u32)>, roots: &[UnitId]) -> Vec<Unit> {
    let mut seen = Vec::new();
    let mut within: Option<u32> = None;
    for (row, depth) in list {
        if within.is_some_and(|top| depth <= top) {
            within = None;
        }
        if within.is_none() && roots.contains(&row.id) {
            within = Some(depth);
        }
        if let Some(top) = within {
            seen.push(Unit::of(row, depth - top));
        }
    }
    seen
}
