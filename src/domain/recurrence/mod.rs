//! When a recurring campaign comes due: a five-field pattern read as wall-clock time in a named zone.

mod error;
mod missed;
mod occurrences;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

pub use error::RecurrenceError;
pub use missed::{Fires, HELD_LISTED, MissedPolicy, MissedRule, ON_TIME};
pub use occurrences::Occurrences;

/// The longest pattern, in characters.
pub const MAX_CHARACTERS: usize = 256;
/// Patterns that come due more often than this are refused.
pub const MIN_MINUTES_BETWEEN: u32 = 15;
/// A pattern must come due within this many years of its start.
pub const FIRST_WITHIN_YEARS: u32 = 5;
/// The last year planned for: the zone rules compiled in end with 2099.
pub const LAST_YEAR: i32 = 2099;
/// The first year planned for.
pub const FIRST_YEAR: i32 = 1970;

/// One planned instant of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Occurrence {
    /// The planned instant, on a full minute.
    pub at: DateTime<Utc>,
    /// The wall-clock time at that instant, in the recurrence's zone. Where the pattern's time fell into a gap of the
    /// clock, this is the gap's end.
    pub local: NaiveDateTime,
}

/// A recurrence: minute, hour, day of month, month, day of week (as croner reads them: names, lists, ranges, steps, `L`, `W`,
/// `#`; where both day fields are set, either may match, or both with a `+` before the day of week), in an IANA zone.
///
/// Without `*` or a step in minute and hour the pattern names wall-clock times: each happens once a day, at its first
/// instance where the clock goes back, at the gap's end where the clock jumps over it. With one, it counts along with the clock:
/// times in a gap are left out, times that happen twice come due twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    pattern: String,
    tz: Tz,
    cron: Cron,
    fixed: bool,
    /// Minutes of the day, ascending.
    times: Vec<u32>,
    ends_at: Option<DateTime<Utc>>,
}

impl Recurrence {
    /// Reads a pattern. Whether it ever comes due depends on its start: see [`Recurrence::first`].
    ///
    /// # Errors
    /// [`RecurrenceError`] names the field that was wrong.
    pub fn parse(pattern: &str, tz: Tz) -> Result<Self, RecurrenceError> {
        let characters = pattern.chars().count();
        if characters > MAX_CHARACTERS {
            return Err(RecurrenceError::TooLong { characters });
        }
        let fields: Vec<&str> = pattern.split_ascii_whitespace().collect();
        let [minute, hour, day_of_month, month, day_of_week] = *fields.as_slice() else {
            return Err(if fields.is_empty() { RecurrenceError::Empty } else { RecurrenceError::Fields { count: fields.len() } });
        };
        check_fields([minute, hour, day_of_month, month, day_of_week])?;
        let pattern = fields.join(" ");
        let cron = read(&pattern).map_err(|_| RecurrenceError::Pattern { given: pattern.clone() })?;
        let minutes = cron.pattern.minutes.values();
        let hours = cron.pattern.hours.values();
        let times = hours.iter().flat_map(|h| minutes.iter().map(move |m| u32::from(*h) * 60 + u32::from(*m))).collect();
        let fixed = ![minute, hour].iter().any(|field| field.contains(['*', '/']));
        let this = Self { pattern, tz, cron, fixed, times, ends_at: None };
        if let Some(minutes) = this.too_often() {
            return Err(RecurrenceError::TooOften { minutes });
        }
        Ok(this)
    }
    /// The same recurrence, ending with this instant (inclusive).
    #[must_use]
    pub const fn ending(mut self, ends_at: Option<DateTime<Utc>>) -> Self {
        self.ends_at = ends_at;
        self
    }
    /// The pattern, with one space between its fields.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }
    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.tz
    }
    /// Whether each wall-clock time comes due at most once, so that (schedule, local time) is unique.
    #[must_use]
    pub const fn local_times_are_unique(&self) -> bool {
        self.fixed
    }
    /// The first occurrence at or after a start: the check to make before a recurrence is accepted.
    ///
    /// # Errors
    /// Where the end is before the start, start or end is outside the years planned for, or nothing comes due before the end or
    /// within five years.
    pub fn first(&self, starts_at: DateTime<Utc>) -> Result<Occurrence, RecurrenceError> {
        for year in [Some(starts_at), self.ends_at].into_iter().flatten().map(|t| t.year()) {
            if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
                return Err(RecurrenceError::Year { year });
            }
        }
        if self.ends_at.is_some_and(|end| end < starts_at) {
            return Err(RecurrenceError::EndBeforeStart);
        }
        let limit = starts_at.checked_add_months(Months::new(12 * FIRST_WITHIN_YEARS)).unwrap_or(starts_at);
        let before = starts_at.checked_sub_signed(chrono::TimeDelta::nanoseconds(1)).unwrap_or(starts_at);
        match self.next_after(before) {
            Some(first) if first.at <= limit => Ok(first),
            _ if self.ends_at.is_some_and(|end| end <= limit) => Err(RecurrenceError::NeverBeforeEnd),
            _ => Err(RecurrenceError::Never),
        }
    }
    /// The first occurrence later than an instant; `None` after the end, or where nothing follows before the year 2100.
    #[must_use]
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<Occurrence> {
        self.after(instant).next()
    }
    /// All occurrences later than an instant, in order. Taking the next costs no more than a look at each day between.
    #[must_use]
    pub fn after(&self, instant: DateTime<Utc>) -> Occurrences<'_> {
        Occurrences::new(self, instant)
    }
    /// Whether the pattern's month and day fields match a date.
    fn matches_day(&self, day: NaiveDate) -> bool {
        let weekday = croner::Weekday::from_days_from_sunday(day.weekday().num_days_from_sunday());
        self.matches_month(day) && self.cron.pattern.day_match(day.year(), day.month(), day.day(), weekday).unwrap_or(false)
    }
    fn matches_month(&self, day: NaiveDate) -> bool {
        self.cron.pattern.month_match(day.month()).unwrap_or(false)
    }
    /// The shortest distance between two times, in minutes, if it is below what is allowed.
    fn too_often(&self) -> Option<u32> {
        let within = self.times.iter().zip(self.times.iter().skip(1)).map(|(a, b)| b - a).min();
        if let Some(minutes) = within.filter(|m| *m < MIN_MINUTES_BETWEEN) {
            return Some(minutes);
        }
        let (first, last) = (self.times.first()?, self.times.last()?);
        let over_midnight = first + 24 * 60 - last;
        (over_midnight < MIN_MINUTES_BETWEEN && self.has_adjacent_days()).then_some(over_midnight)
    }
    /// Whether two days in a row match, in 28 years: the period after which weekdays and dates repeat.
    fn has_adjacent_days(&self) -> bool {
        let mut yesterday = false;
        NaiveDate::default().iter_days().take(28 * 366).any(|day| {
            let today = self.matches_day(day);
            std::mem::replace(&mut yesterday, today) && today
        })
    }
}

fn read(pattern: &str) -> Result<Cron, croner::errors::CronError> {
    CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build().parse(pattern)
}

/// Reads each field alone, so that the error can name it, and refuses what croner lets pass.
fn check_fields(fields: [&str; 5]) -> Result<(), RecurrenceError> {
    const NAMES: [&str; 5] = ["minute", "hour", "day of month", "month", "day of week"];
    for (i, (field, name)) in fields.into_iter().zip(NAMES).enumerate() {
        let alone: Vec<&str> = (0..5).map(|j| if i == j { field } else { "*" }).collect();
        let plain = field.bytes().all(|b| b.is_ascii_alphanumeric() || b"*/,-#?+".contains(&b));
        let listed = field.split(',').all(|item| !item.is_empty());
        if !plain || !listed || read(&alone.join(" ")).is_err() {
            return Err(RecurrenceError::Field { name, given: field.to_owned() });
        }
    }
    Ok(())
}
