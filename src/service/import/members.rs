//! Members from a file, a few hundred at a time, so that a million rows need no more memory than a thousand.

use std::collections::HashMap;
use std::io::Read;

use super::ground::Ground;
use super::reader::{CsvRow, CsvTable};
use super::scope::outside;
use super::seen::Seen;
use super::{Ended, Pass};
use crate::app::App;
use crate::domain::address_change::AddressAsker;
use crate::domain::id::UnitId;
use crate::service::address_change::{self, NewAddress};
use crate::service::erase;
use crate::service::form::Faults;
use crate::service::member::{self as members, Draft, Fields};
use crate::store::member::{self, MemberRow};

/// Rows looked up and written at once.
const CHUNK: usize = 500;

/// A row whose fields were found right.
struct Wanted {
    row: CsvRow,
    draft: Draft,
    unit_id: UnitId,
}

/// What a chunk changes.
#[derive(Default)]
struct Changes {
    addresses: Vec<(MemberRow, NewAddress)>,
    new: Vec<MemberRow>,
    changed: Vec<(MemberRow, Vec<&'static str>)>,
}

/// What the file has named so far.
#[derive(Default)]
struct Names {
    employee_nos: Seen,
    emails: Seen,
}

/// Reads every row; changes rows where `ground` is a write and no fault was found yet.
pub(super) fn run(pass: &mut Pass, ground: &mut Ground<'_, '_>, table: &mut CsvTable<impl Read>) -> Result<(), Ended> {
    let mut names = Names::default();
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        let next = table.next();
        let ended = next.is_none();
        match next {
            Some(Ok(row)) => {
                pass.findings.rows += 1;
                chunk.extend(read(pass, &mut names, row));
            }
            Some(Err(fault)) => pass.findings.fault(fault),
            None => {}
        }
        if chunk.len() >= CHUNK || (ended && !chunk.is_empty()) {
            settle(pass, ground, std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)))?;
            pass.progress();
        }
        if ended {
            return Ok(());
        }
    }
}

fn read(pass: &mut Pass, names: &mut Names, row: CsvRow) -> Option<Wanted> {
    let mut faults = Faults::default();
    let fields = Fields {
        employee_no: row.get("employee_no"),
        name: row.get("name"),
        email: row.get("email"),
        locale: row.get("locale"),
        zone: row.get("zone"),
    };
    let draft = Draft::read(fields, &mut faults);
    let mut clean = faults.is_empty();
    pass.findings.faults_of(&row, faults);
    let unit_id = match pass.scope.named(&row) {
        Ok(unit_id) => Some(unit_id),
        Err(fault) => {
            pass.findings.fault(fault);
            None
        }
    };
    let draft = draft?;
    let keys = [
        ("employee_no", names.employee_nos.before(draft.employee_no.normalised(), row.line())),
        ("email", names.emails.before(draft.email.normalised(), row.line())),
    ];
    for (column, before) in keys {
        if let Some(line) = before {
            let message = format!("Line {line} lists this already; keep one of the two rows");
            pass.findings.fault(row.error(column, "import.listed_twice", message));
            clean = false;
        }
    }
    if clean { Some(Wanted { draft, unit_id: unit_id?, row }) } else { None }
}

/// Looks a chunk up, finds what it changes, and changes it.
fn settle(pass: &mut Pass, ground: &mut Ground<'_, '_>, chunk: Vec<Wanted>) -> Result<(), Ended> {
    let numbers: Vec<String> = chunk.iter().map(|w| w.draft.employee_no.normalised().to_owned()).collect();
    let emails: Vec<String> = chunk.iter().map(|w| w.draft.email.normalised().to_owned()).collect();
    let found = member::list_by_keys(ground.conn(), &numbers, &emails)?;
    let by_number: HashMap<&str, &MemberRow> = found.iter().map(|row| (row.employee_no_norm.as_str(), row)).collect();
    let by_email: HashMap<&str, &MemberRow> = found.iter().map(|row| (row.email_norm.as_str(), row)).collect();
    let now = ground.now();
    let mut changes = Changes::default();
    for wanted in chunk {
        let Wanted { row, draft, unit_id } = wanted;
        let existing = by_number.get(draft.employee_no.normalised()).copied();
        let holder = by_email.get(draft.email.normalised()).copied();
        if holder.is_some_and(|holder| existing.is_none_or(|existing| existing.id != holder.id)) {
            let message = "Another member has this address; addresses are the same in upper and lower case";
            pass.findings.fault(row.error("email", "member.email_taken", message));
            continue;
        }
        let Some(existing) = existing else {
            let zone = pass.scope.zone(unit_id).unwrap_or(pass.default_zone);
            changes.new.push(draft.into_row(unit_id, zone, pass.default_locale, now));
            continue;
        };
        if !pass.scope.reaches(existing.unit_id) {
            pass.findings.fault(outside(&row, "employee_no"));
            continue;
        }
        let mut after = existing.clone();
        let mut what = draft.apply(&mut after, unit_id);
        if let Some(wanted) = address_change::held_back(existing, &mut after, &mut what) {
            changes.addresses.push((existing.clone(), wanted));
            pass.findings.changed += u64::from(what.is_empty());
            if what.is_empty() {
                continue;
            }
        }
        if what.is_empty() {
            pass.findings.unchanged += 1;
        } else {
            changes.changed.push((after, what));
        }
    }
    let addresses: Vec<&str> = changes.new.iter().map(|row| row.email_norm.as_str()).collect();
    pass.came_back += erase::came_back(&pass.app, ground.conn(), &addresses)?;
    pass.findings.new += changes.new.len() as u64;
    pass.findings.changed += changes.changed.len() as u64;
    if pass.findings.is_clean() { apply(&pass.app, ground, changes) } else { Ok(()) }
}

fn apply(app: &App, ground: &mut Ground<'_, '_>, changes: Changes) -> Result<(), Ended> {
    let Some(tx) = ground.tx() else { return Ok(()) };
    member::insert_many(tx, &changes.new)?;
    for row in &changes.new {
        tx.record(members::added(row));
    }
    let (rows, whats): (Vec<MemberRow>, Vec<Vec<&'static str>>) = changes.changed.into_iter().unzip();
    member::save_profiles(tx, &rows)?;
    let addresses: Vec<&str> = changes.new.iter().chain(&rows).map(|row| row.email_norm.as_str()).collect();
    erase::revive(tx, app, &addresses)?;
    for (row, what) in rows.iter().zip(&whats) {
        tx.record(members::changed(row, what));
    }
    for (person, wanted) in changes.addresses {
        address_change::ask(tx, &person, wanted, AddressAsker::Import)?;
    }
    Ok(tx.flush()?)
}
