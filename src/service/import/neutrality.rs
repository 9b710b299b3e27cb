//! The blocked-target list and the election calendar from files. A file adds and renames; what it does not name stays.

use std::collections::HashMap;
use std::io::Read;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::ground::Ground;
use super::reader::{CsvRow, CsvTable};
use super::scope::clip;
use super::{Ended, Pass};
use crate::domain::event::EventKind;
use crate::domain::handle::{Handle, HandleError};
use crate::domain::id::{BlockedTargetId, FreezeId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::zone::{self, ZoneError};
use crate::service::form::Faults;
use crate::service::neutrality::{LABEL_CHARACTERS, check_span, record_freeze, record_target};
use crate::store::neutrality::{self, BlockedTargetRow, FreezeRow};
use crate::store::types::At;

/// The most rows of such a file; all are held at once.
const MOST: usize = 10_000;

/// Rows that were read whole, each with what it says; a row beyond the most ends the reading.
fn read_all<T>(
    pass: &mut Pass,
    table: &mut CsvTable<impl Read>,
    (first, read): (&'static str, impl Fn(&CsvRow, &mut Faults) -> Option<T>),
) -> Vec<(CsvRow, T)> {
    let mut wanted = Vec::new();
    for next in table.by_ref() {
        match next {
            Err(fault) => pass.findings.fault(fault),
            Ok(row) => {
                pass.findings.rows += 1;
                if wanted.len() >= MOST {
                    pass.findings.fault(row.error(
                        first,
                        "import.too_many_rows",
                        "Such a file has at most 10,000 rows; split it",
                    ));
                    break;
                }
                let mut faults = Faults::default();
                let said = read(&row, &mut faults);
                let clean = faults.is_empty();
                pass.findings.faults_of(&row, faults);
                wanted.extend(said.filter(|_| clean).map(|said| (row, said)));
            }
        }
    }
    wanted
}

fn listed_twice(pass: &mut Pass, row: &CsvRow, column: &'static str, line: u64) {
    let message = format!("Line {line} lists this already; keep one of the two rows");
    pass.findings.fault(row.error(column, "import.listed_twice", message));
}

/// Accounts that no task may point at.
pub(super) fn targets(pass: &mut Pass, ground: &mut Ground<'_, '_>, table: &mut CsvTable<impl Read>) -> Result<(), Ended> {
    let read = |row: &CsvRow, faults: &mut Faults| {
        let platform = faults.take("platform", Platform::parse(&row.get("platform").to_lowercase()), |_| "platform.unknown");
        let label = faults.take("label", plain_text::line(row.get("label"), LABEL_CHARACTERS), TextError::code);
        let handle = faults.take("handle", Handle::parse(row.get("handle"), platform?), HandleError::code);
        Some((platform?, handle?, label?))
    };
    let wanted = read_all(pass, table, ("platform", read));
    let standing = neutrality::list_blocked(ground.conn())?;
    let standing: HashMap<(Platform, String), BlockedTargetRow> =
        standing.into_iter().map(|row| ((row.platform, row.handle_norm.clone()), row)).collect();
    let mut seen: HashMap<(Platform, String), u64> = HashMap::new();
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (row, (platform, handle, label)) in wanted {
        let key = (platform, handle.normalised().to_owned());
        if let Some(line) = seen.insert(key.clone(), row.line()) {
            listed_twice(pass, &row, "handle", line);
            continue;
        }
        match standing.get(&key) {
            Some(known) if known.label == label => pass.findings.unchanged += 1,
            Some(known) => changed.push(BlockedTargetRow { label, ..known.clone() }),
            None => new.push(BlockedTargetRow {
                id: BlockedTargetId::new(),
                platform,
                handle: handle.as_str().to_owned(),
                handle_norm: key.1,
                label,
                added_at: At(ground.now()),
            }),
        }
    }
    pass.findings.new += new.len() as u64;
    pass.findings.changed += changed.len() as u64;
    let (true, Some(tx)) = (pass.findings.is_clean(), ground.tx()) else { return Ok(()) };
    for row in &new {
        neutrality::insert_blocked(tx, row)?;
        record_target(tx, EventKind::TargetBlocked, row);
    }
    for row in &changed {
        neutrality::relabel(tx, row.id, &row.label)?;
        record_target(tx, EventKind::TargetBlocked, row);
    }
    Ok(())
}

/// An instant as people write it: a day, a day and a time, or with its own offset (RFC 3339). A day alone is its beginning, or its end.
fn instant(text: &str, zone: Tz, ends: bool) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let day = if ends { day.checked_add_days(Days::new(1))? } else { day };
        return Some(zone::resolve_local(day.and_hms_opt(0, 0, 0)?, zone));
    }
    let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    Some(zone::resolve_local(local, zone))
}

/// Stretches of the election calendar.
pub(super) fn freezes(pass: &mut Pass, ground: &mut Ground<'_, '_>, table: &mut CsvTable<impl Read>) -> Result<(), Ended> {
    let default_zone = zone::parse(pass.default_zone).unwrap_or(Tz::UTC);
    let read = |row: &CsvRow, faults: &mut Faults| {
        let label = faults.take("label", plain_text::line(row.get("label"), LABEL_CHARACTERS), TextError::code);
        let zone = match row.get_some("zone") {
            None => Some(default_zone),
            Some(name) => faults.take("zone", zone::parse(name), ZoneError::code),
        };
        let mut at = |column: &'static str, ends| {
            let read = instant(row.get(column), zone?, ends);
            if read.is_none() {
                let given = clip(row.get(column));
                faults.add(column, "freeze.time", format!("{given:?} is no time; write 2027-02-11, or 2027-02-11 07:00"));
            }
            read
        };
        let (starts_at, ends_at) = (at("starts_at", false), at("ends_at", true));
        let (starts_at, ends_at) = (starts_at?, ends_at?);
        check_span(faults, starts_at, ends_at);
        Some((label?, starts_at, ends_at))
    };
    let wanted = read_all(pass, table, ("label", read));
    let standing = neutrality::list_freezes(ground.conn())?;
    let mut seen: HashMap<(String, DateTime<Utc>, DateTime<Utc>), u64> = HashMap::new();
    let mut new = Vec::new();
    for (row, (label, starts_at, ends_at)) in wanted {
        if let Some(line) = seen.insert((label.clone(), starts_at, ends_at), row.line()) {
            listed_twice(pass, &row, "label", line);
            continue;
        }
        if standing.iter().any(|z| z.label == label && z.starts_at.0 == starts_at && z.ends_at.0 == ends_at) {
            pass.findings.unchanged += 1;
            continue;
        }
        let added_at = At(ground.now());
        new.push(FreezeRow { id: FreezeId::new(), label, starts_at: At(starts_at), ends_at: At(ends_at), added_at });
    }
    pass.findings.new += new.len() as u64;
    let (true, Some(tx)) = (pass.findings.is_clean(), ground.tx()) else { return Ok(()) };
    for row in &new {
        neutrality::insert_freeze(tx, row)?;
        record_freeze(tx, row);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_alone_is_its_beginning_or_its_end() {
        let jakarta: Tz = "Asia/Jakarta".parse().unwrap();
        let at = |text, ends| instant(text, jakarta, ends).map(|at| at.to_rfc3339());
        assert_eq!(at("2027-02-11", false).unwrap(), "2027-02-10T17:00:00+00:00");
        assert_eq!(at("2027-02-14", true).unwrap(), "2027-02-14T17:00:00+00:00");
        assert_eq!(at(" 2027-02-11 07:00 ", true).unwrap(), "2027-02-11T00:00:00+00:00");
        assert_eq!(at("2027-02-11T07:00+09:00", true).unwrap_or_default(), "");
        assert_eq!(at("2027-02-11T07:00:00+09:00", true).unwrap(), "2027-02-10T22:00:00+00:00");
        assert_eq!(at("11/02/2027", false), None);
    }
}
