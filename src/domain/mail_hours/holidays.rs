//! Days off work: a date, its name, and whether it is settled, read from a file that an operator may replace.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// Indonesia's national holidays: what is in force unless the operator names a file.
const NATIONAL: &str = include_str!("../../../config/holidays/id.toml");
/// The longest name, in characters.
const LONGEST_NAME: usize = 200;
/// So many days are a calendar of decades; more is a mistake.
const MOST: usize = 5_000;

/// A day off work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// What it is called.
    pub name: String,
    /// Whether its date is expected and not yet decreed.
    pub provisional: bool,
}

/// What is wrong with a file of holidays, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct HolidaysError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong; it names the key.
    pub problem: String,
}

/// The days off work that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays(BTreeMap<NaiveDate, Holiday>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    holiday: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    date: Spanned<Datetime>,
    name: Spanned<String>,
    #[serde(default)]
    provisional: bool,
}

impl Holidays {
    /// Indonesia's national holidays, as compiled in.
    #[must_use]
    pub fn national() -> Self {
        // The file is part of the program, and a test reads it.
        Self::parse(NATIONAL).unwrap_or_default()
    }

    /// Reads `[[holiday]]` tables with `date`, `name` and, where the date is not settled, `provisional = true`.
    ///
    /// # Errors
    /// [`HolidaysError`] names the line and the key.
    pub fn parse(text: &str) -> Result<Self, HolidaysError> {
        let line_of = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let fault = |at: usize, problem: String| HolidaysError { line: line_of(at), problem };
        let text = text.trim_start_matches('\u{feff}');
        let file: File = toml::from_str(text)
            .map_err(|error| fault(error.span().map_or(0, |span| span.start), format!("[[holiday]]: {}", error.message())))?;
        if file.holiday.len() > MOST {
            return Err(fault(text.len(), format!("[[holiday]]: more than {MOST} days")));
        }
        let mut days = BTreeMap::new();
        for Entry { date, name, provisional } in file.holiday {
            let at = date.span().start;
            let day = day_of(*date.get_ref())
                .ok_or_else(|| fault(at, format!("holiday.date: {} is no day; write it as 2026-08-17", date.get_ref())))?;
            let said = name.get_ref().trim();
            if said.is_empty() || said.chars().any(char::is_control) || said.chars().count() > LONGEST_NAME {
                let problem = format!("holiday.name: must be one line of 1 to {LONGEST_NAME} characters");
                return Err(fault(name.span().start, problem));
            }
            if days.insert(day, Holiday { name: said.to_owned(), provisional }).is_some() {
                return Err(fault(at, format!("holiday.date: {day} is named twice")));
            }
        }
        Ok(Self(days))
    }

    /// The holiday on a day, if it is one.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<&Holiday> {
        self.0.get(&day)
    }
    /// The last day that is known.
    #[must_use]
    pub fn last(&self) -> Option<NaiveDate> {
        self.0.keys().next_back().copied()
    }
    /// The days from `day` on whose dates are not settled.
    pub fn provisional_from(&self, day: NaiveDate) -> impl Iterator<Item = (NaiveDate, &Holiday)> {
        self.0.range(day..).filter(|(_, holiday)| holiday.provisional).map(|(day, holiday)| (*day, holiday))
    }
}

fn day_of(date: Datetime) -> Option<NaiveDate> {
    let day = date.date.filter(|_| date.time.is_none() && date.offset.is_none())?;
    NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    fn fault(text: &str) -> String {
        Holidays::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_national_holidays_are_those_of_the_decree_and_say_what_is_not_settled() {
        let national = Holidays::parse(NATIONAL).unwrap();
        let of = |year: i32| {
            national
                .0
                .range(NaiveDate::from_ymd_opt(year, 1, 1).unwrap()..)
                .take_while(move |(d, _)| d.to_string().starts_with(&year.to_string()))
                .count()
        };
        assert_eq!((of(2026), of(2027)), (17, 18));
        assert_eq!(national.on(day("2026-03-19")).unwrap().name, "Hari Suci Nyepi (Tahun Baru Saka 1948)");
        assert!(national.on(day("2026-03-20")).is_none(), "joint leave is no national holiday");
        assert!(national.0.iter().all(|(day, holiday)| holiday.provisional == day.to_string().starts_with("2027")));
        assert_eq!(national.provisional_from(day("2027-08-17")).next().unwrap().0, day("2027-08-17"));
        assert_eq!(national.last(), Some(day("2027-12-26")));
    }

    #[test]
    fn a_bad_file_is_told_by_line_and_key() {
        assert_eq!(
            fault("[[holiday]]\ndate = 2026-01-01\nname = \"A\"\n\n[[holiday]]\ndate = 2026-01-01\nname = \"B\"\n"),
            "line 6: holiday.date: 2026-01-01 is named twice"
        );
        assert!(
            fault("[[holiday]]\ndate = 2026-01-01\nnmae = \"A\"\n").starts_with("line 3: [[holiday]]: unknown field `nmae`"),
            "{}",
            fault("[[holiday]]\ndate = 2026-01-01\nnmae = \"A\"\n")
        );
        assert!(fault("[[holiday]]\nname = \"A\"\n").contains("missing field `date`"));
        assert!(fault("[[holiday]]\ndate = 2026-01-01T10:00:00Z\nname = \"A\"\n").starts_with("line 2: holiday.date"));
        assert!(fault("[[holiday]]\ndate = 10:00:00\nname = \"A\"\n").starts_with("line 2: holiday.date"));
        assert!(fault("[[holiday]]\ndate = \"2026-01-01\"\nname = \"A\"\n").starts_with("line 2: "));
        assert!(fault("[[holiday]]\ndate = 2026-02-30\nname = \"A\"\n").starts_with("line 2: "));
        assert!(fault("[[holiday]]\ndate = 2026-01-01\nname = \" \"\n").starts_with("line 3: holiday.name"));
        assert!(fault("[[holiday]]\ndate = 2026-01-01\nname = \"A\"\nprovisional = 1\n").starts_with("line 4: "));
        assert!(fault("x = 1\n").starts_with("line 1: "));
        assert!(fault("[[holiday\n").starts_with("line 1: "));
    }

    #[test]
    fn a_file_without_holidays_is_a_calendar_without_holidays() {
        assert_eq!(Holidays::parse("# none here\n").unwrap(), Holidays::default());
        assert_eq!(
            Holidays::parse("\u{feff}[[holiday]]\ndate = 2026-01-01\nname = \"A\"\n").unwrap().last(),
            Some(day("2026-01-01"))
        );
    }
}
