//! Units from a file, in any order: the tree is put together first, checked as a whole, and applied from the top down.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::ground::Ground;
use super::reader::{CsvRow, CsvTable};
use super::scope::{clip, outside};
use super::{Ended, Pass};
use crate::domain::id::UnitId;
use crate::service::form::Faults;
use crate::service::unit::{self as units, Draft};
use crate::store::types::At;
use crate::store::unit::{self, UnitRow};

/// The most units a file may name; all are held at once.
const MAX_UNITS: usize = 100_000;

/// A row whose fields were found right.
struct Wanted {
    row: CsvRow,
    draft: Draft,
    /// In its compared form; none for a root.
    parent: Option<String>,
    existing: Option<UnitRow>,
}

/// Reads every row; changes rows where `ground` is a write and no fault was found.
pub(super) fn run(pass: &mut Pass, ground: &mut Ground<'_, '_>, table: &mut CsvTable<impl Read>) -> Result<(), Ended> {
    let mut wanted: HashMap<String, Wanted> = HashMap::new();
    for next in table.by_ref() {
        let row = match next {
            Ok(row) => row,
            Err(fault) => {
                pass.findings.fault(fault);
                continue;
            }
        };
        pass.findings.rows += 1;
        if wanted.len() >= MAX_UNITS {
            pass.findings.fault(row.error("code", "import.too_many_units", "A file may name at most 100,000 units; split it"));
            break;
        }
        if let Some(unit) = read(pass, &wanted, row) {
            wanted.insert(unit.draft.code.normalised().to_owned(), unit);
        }
    }
    check_parents(pass, &wanted);
    let order = top_down(pass, &wanted);
    check_reach(pass, &wanted);
    let clean = pass.findings.is_clean();
    apply(pass, ground, wanted, &order, clean)
}

fn read(pass: &mut Pass, wanted: &HashMap<String, Wanted>, row: CsvRow) -> Option<Wanted> {
    let mut faults = Faults::default();
    let draft = Draft::read(row.get("code"), row.get("name"), row.get("zone"), &mut faults);
    pass.findings.faults_of(&row, faults);
    let draft = draft?;
    if let Some(first) = wanted.get(draft.code.normalised()) {
        let message = format!("Line {} lists this unit already; keep one of the two rows", first.row.line());
        pass.findings.fault(row.error("code", "import.listed_twice", message));
        return None;
    }
    let parent = row.get_some("parent_code").map(str::to_uppercase);
    let existing = pass.scope.unit(draft.code.normalised()).cloned();
    Some(Wanted { row, draft, parent, existing })
}

fn check_parents(pass: &mut Pass, wanted: &HashMap<String, Wanted>) {
    for unit in wanted.values() {
        let Some(parent) = &unit.parent else { continue };
        if !wanted.contains_key(parent) && pass.scope.unit(parent).is_none() {
            let given = clip(unit.row.get("parent_code"));
            let message = format!("There is no unit with the code {given:?}, neither on file nor in this file");
            pass.findings.fault(unit.row.error("parent_code", "import.unknown_parent", message));
        }
    }
}

/// The codes of the file's units, each after the one above it. Those in a cycle, or below one, are named as faults.
fn top_down(pass: &mut Pass, wanted: &HashMap<String, Wanted>) -> Vec<String> {
    let by_id: HashMap<UnitId, &str> = pass.scope.units().map(|row| (row.id, row.code_norm.as_str())).collect();
    let mut below: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut waiting: Vec<&str> = Vec::new();
    let mut left: HashSet<&str> = HashSet::new();
    // The tree as it will be: the file's rows, and what it does not name as it stands.
    let standing = pass.scope.units().filter(|row| !wanted.contains_key(&row.code_norm));
    let kept = standing.map(|row| (row.code_norm.as_str(), row.parent_id.and_then(|id| by_id.get(&id).copied())));
    let named = wanted.iter().map(|(code, unit)| (code.as_str(), unit.parent.as_deref()));
    for (code, parent) in kept.chain(named) {
        left.insert(code);
        match parent {
            Some(parent) if wanted.contains_key(parent) || pass.scope.unit(parent).is_some() => {
                below.entry(parent).or_default().push(code);
            }
            // A root, or one below nothing that exists, which has been said already.
            _ => waiting.push(code),
        }
    }
    let mut order = Vec::with_capacity(wanted.len());
    while let Some(code) = waiting.pop() {
        left.remove(code);
        if wanted.contains_key(code) {
            order.push(code.to_owned());
        }
        waiting.extend(below.remove(code).unwrap_or_default());
    }
    let caught: Vec<&Wanted> = left.into_iter().filter_map(|code| wanted.get(code)).collect();
    for unit in caught {
        let message = "This unit would lie below itself: its line of parents leads back to it and never to a root";
        pass.findings.fault(unit.row.error("parent_code", "unit.cycle", message));
    }
    order
}

/// Every unit that is changed must be the caller's, and every place where something is put.
fn check_reach(pass: &mut Pass, wanted: &HashMap<String, Wanted>) {
    for unit in wanted.values() {
        let parent_id = unit.parent.as_ref().and_then(|parent| pass.scope.unit(parent)).map(|row| row.id);
        let fault = match (&unit.existing, &unit.parent) {
            (Some(existing), _) if !pass.scope.reaches(existing.id) => Some("code"),
            // It stays where it is, perhaps below a unit that is not the caller's.
            (Some(existing), Some(_)) if parent_id.is_some() && existing.parent_id == parent_id => None,
            (Some(existing), None) if existing.parent_id.is_none() => None,
            (_, None) if !pass.scope.is_everywhere() => Some("parent_code"),
            (_, Some(_)) if parent_id.is_some_and(|id| !pass.scope.reaches(id)) => Some("parent_code"),
            _ => None,
        };
        if let Some(column) = fault {
            pass.findings.fault(outside(&unit.row, column));
        }
    }
}

fn apply(
    pass: &mut Pass,
    ground: &mut Ground<'_, '_>,
    mut wanted: HashMap<String, Wanted>,
    order: &[String],
    clean: bool,
) -> Result<(), Ended> {
    let now = At(ground.now());
    // The id and zone of what was placed so far.
    let mut placed: HashMap<String, (UnitId, String)> = HashMap::new();
    for code in order {
        let Some(unit) = wanted.remove(code) else { continue };
        let above = unit.parent.as_ref().and_then(|parent| {
            placed.get(parent).cloned().or_else(|| pass.scope.unit(parent).map(|row| (row.id, row.zone.clone())))
        });
        let parent_id = above.as_ref().map(|(id, _)| *id);
        let row = if let Some(mut row) = unit.existing {
            let what = units::apply(&mut row, &unit.draft, parent_id);
            if what.is_empty() {
                pass.findings.unchanged += 1;
            } else {
                pass.findings.changed += 1;
                if let (true, Some(tx)) = (clean, ground.tx()) {
                    unit::save(tx, &row)?;
                    units::record_changed(tx, &row, &what);
                }
            }
            row
        } else {
            pass.findings.new += 1;
            let above_zone = above.map_or(pass.default_zone.to_owned(), |(_, zone)| zone);
            let row = unit.draft.into_row(parent_id, above_zone, now);
            if let (true, Some(tx)) = (clean, ground.tx()) {
                unit::insert(tx, &row)?;
                units::record_added(tx, &row);
            }
            row
        };
        placed.insert(row.code_norm, (row.id, row.zone));
    }
    Ok(())
}
