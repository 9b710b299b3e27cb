//! Accounts from a file, a few hundred at a time, each with its topics, its operators and the disclosure to be confirmed.

mod apply;
mod found;
mod row;

use std::io::Read;

use super::ground::Ground;
use super::reader::{CsvTable, RowError};
use super::scope::{clip, outside};
use super::{Ended, Pass};
use crate::domain::account::{AccountRefusal, AccountState};
use crate::domain::id::MemberId;
use crate::domain::refusal::Refusal as _;
use crate::service::account::{Draft, Fields};
use crate::service::form::Faults;
use crate::store::account::AccountRow;
use crate::store::member::MemberRow;
use apply::Change;
use found::Found;
use row::{Names, Wanted};

/// Rows looked up and written at once.
const CHUNK: usize = 500;

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
                chunk.extend(row::read(pass, &mut names, row));
            }
            Some(Err(fault)) => pass.findings.fault(fault),
            None => {}
        }
        if chunk.len() >= CHUNK || (ended && !chunk.is_empty()) {
            settle(pass, ground, &std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)))?;
            pass.progress();
        }
        if ended {
            return Ok(());
        }
    }
}

/// Looks a chunk up, finds what it changes, and changes it.
fn settle(pass: &mut Pass, ground: &mut Ground<'_, '_>, chunk: &[Wanted]) -> Result<(), Ended> {
    let found = Found::load(ground.conn(), chunk)?;
    let mut changes = Vec::new();
    for wanted in chunk {
        let mut faults = Vec::new();
        let change = decide(pass, &found, wanted, &mut faults);
        faults.into_iter().for_each(|fault| pass.findings.fault(fault));
        match change {
            Some(change) if change.is_idle() => pass.findings.unchanged += 1,
            Some(change) => {
                let counter = if change.is_new() { &mut pass.findings.new } else { &mut pass.findings.changed };
                *counter += 1;
                changes.push(change);
            }
            None => {}
        }
    }
    match ground.tx() {
        Some(tx) if pass.findings.is_clean() => apply::apply(tx, changes),
        _ => Ok(()),
    }
}

/// What a row changes; or its faults.
fn decide(pass: &Pass, found: &Found, wanted: &Wanted, faults: &mut Vec<RowError>) -> Option<Change> {
    let person = known(pass, found, wanted, (wanted.person_column, &wanted.person), faults);
    // The person is often named among the operators too; one fault is enough.
    let mut operator = |number: &String| match number == &wanted.person {
        true => person,
        false => known(pass, found, wanted, ("operators", number), faults),
    };
    let operators: Vec<Option<&MemberRow>> = wanted.operators.iter().map(&mut operator).collect();
    let existing = found.account(wanted);
    if let Some(existing) = existing {
        check_existing(pass, wanted, existing, faults);
    }
    let person = person?;
    let operators = operators.into_iter().map(|member| member.map(|member| member.id)).collect::<Option<Vec<MemberId>>>()?;
    let draft = draft(found, wanted, existing, faults)?;
    let operators = operators_of(found, wanted, existing, (person.id, operators));
    let has_unit = wanted.unit_id.is_some() || existing.is_some_and(|e| e.kind == wanted.kind);
    if let Err(refusal) = draft.check(has_unit, operators.is_empty()) {
        faults.push(refused(wanted, refusal));
    }
    if wanted.kind.is_personal() && found.has_another(person.id, wanted, existing) {
        faults.push(refused(wanted, AccountRefusal::SecondOnPlatform));
    }
    if !faults.is_empty() {
        return None;
    }
    let unit_id = wanted.unit_id.or(existing.map(|e| e.unit_id)).unwrap_or(person.unit_id);
    Some(Change::of(found, wanted, (draft, operators), (person, unit_id)))
}

fn known<'a>(
    pass: &Pass,
    found: &'a Found,
    wanted: &Wanted,
    (column, number): (&'static str, &str),
    faults: &mut Vec<RowError>,
) -> Option<&'a MemberRow> {
    match found.member(number) {
        None => {
            let message = format!("There is no member with the employee number {:?}; import the members first", clip(number));
            faults.push(wanted.row.error(column, "import.unknown_member", message));
            None
        }
        Some(member) if !pass.scope.reaches(member.unit_id) => {
            faults.push(outside(&wanted.row, column));
            None
        }
        member => member,
    }
}

fn check_existing(pass: &Pass, wanted: &Wanted, existing: &AccountRow, faults: &mut Vec<RowError>) {
    if !pass.scope.reaches(existing.unit_id) {
        faults.push(outside(&wanted.row, "handle"));
    } else if existing.state == AccountState::Retired {
        faults.push(refused(wanted, AccountRefusal::Retired));
    }
}

/// The fields, with what is on file where a cell is empty.
fn draft(found: &Found, wanted: &Wanted, existing: Option<&AccountRow>, faults: &mut Vec<RowError>) -> Option<Draft> {
    let kept = |cell: &'static str, on_file: Option<&String>| match wanted.row.get(cell) {
        "" => on_file.cloned().unwrap_or_default(),
        given => given.to_owned(),
    };
    let display_name = kept("display_name", existing.map(|e| &e.display_name));
    let language = kept("language", existing.map(|e| &e.language));
    let topics: Vec<&str> = match (wanted.row.get_some("topics"), existing) {
        (Some(cell), _) => cell.split('|').collect(),
        (None, Some(existing)) => found.topics(existing.id).iter().map(String::as_str).collect(),
        (None, None) => Vec::new(),
    };
    let kept_engagement = existing.filter(|e| e.kind == wanted.kind).and_then(|e| e.engagement);
    let mut field_faults = Faults::default();
    let fields = Fields {
        platform: wanted.handle.platform(),
        handle: wanted.row.get("handle"),
        display_name: &display_name,
        language: &language,
        followers: wanted.followers.or(existing.and_then(|e| u32::try_from(e.followers).ok())).unwrap_or_default(),
        topics: &topics,
        engagement: wanted.engagement.or(kept_engagement),
        public_name: wanted.public_name.or(existing.map(|e| e.public_name)).unwrap_or_default(),
    };
    let draft = Draft::read(wanted.kind, fields, &mut field_faults);
    faults.extend(field_faults.into_vec().into_iter().map(|f| wanted.row.error(f.field, f.code, f.message)));
    draft
}

/// The operators besides the person who is asked, each once, in order.
fn operators_of(
    found: &Found,
    wanted: &Wanted,
    existing: Option<&AccountRow>,
    (person, named): (MemberId, Vec<MemberId>),
) -> Vec<MemberId> {
    let mut operators = match existing {
        Some(existing) if wanted.operators.is_empty() && !wanted.kind.is_personal() => found.operators(existing.id).to_vec(),
        _ => named,
    };
    operators.retain(|id| *id != person);
    operators.sort_unstable();
    operators.dedup();
    operators
}

fn refused(wanted: &Wanted, refusal: AccountRefusal) -> RowError {
    let column = match refusal {
        AccountRefusal::EngagementMissing | AccountRefusal::EngagementNotExternal => "engagement",
        AccountRefusal::OperatingUnitMissing => "unit_code",
        AccountRefusal::OperatorsNotInstitution => "operators",
        AccountRefusal::SecondOnPlatform => "platform",
        _ => "handle",
    };
    wanted.row.error(column, refusal.code(), refusal.to_string())
}
