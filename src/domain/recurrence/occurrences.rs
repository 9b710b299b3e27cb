//! The instants of a recurrence in order, day by day, across gaps and overlaps of the clock.

use std::collections::VecDeque;

use chrono::{DateTime, Datelike, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use super::{LAST_YEAR, Occurrence, Recurrence};
use crate::domain::zone;

/// The occurrences after an instant, in order of time. Made by [`Recurrence::after`].
#[derive(Debug, Clone)]
pub struct Occurrences<'a> {
    of: &'a Recurrence,
    after: DateTime<Utc>,
    /// The next local day to look at; `None` when the calendar is done.
    day: Option<NaiveDate>,
    /// Found, but a later local day may still hold an earlier instant (a clock that goes back over midnight).
    pending: Vec<Occurrence>,
    ready: VecDeque<Occurrence>,
}

impl<'a> Occurrences<'a> {
    pub(super) fn new(of: &'a Recurrence, after: DateTime<Utc>) -> Self {
        // One day early: where the clock goes back over midnight, yesterday's times still lie ahead.
        let from = after.max(DateTime::UNIX_EPOCH);
        let day =
            (from.year() <= LAST_YEAR).then(|| of.tz.from_utc_datetime(&from.naive_utc()).date_naive().pred_opt()).flatten();
        Self { of, after, day, pending: Vec::new(), ready: VecDeque::new() }
    }

    /// Looks at one day, and hands over what no later day can precede.
    fn advance(&mut self, day: NaiveDate) {
        if self.of.matches_day(day) {
            for minutes in &self.of.times {
                let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or(NaiveTime::MIN);
                self.collect(day.and_time(time));
            }
        }
        self.day = next_day(self.of, day).filter(|d| d.year() <= LAST_YEAR);
        self.pending.sort_unstable();
        self.pending.dedup_by_key(|o| o.at);
        let safe = match self.day {
            Some(next) => {
                let bound = zone::resolve_local(next.and_time(NaiveTime::MIN), self.of.tz);
                self.pending.partition_point(|o| o.at < bound)
            }
            None => self.pending.len(),
        };
        let after = self.after;
        self.ready.extend(self.pending.drain(..safe).filter(|o| o.at > after));
    }

    fn collect(&mut self, local: NaiveDateTime) {
        let tz = self.of.tz;
        if self.of.fixed {
            let at = zone::resolve_local(local, tz);
            self.pending.push(Occurrence { at, local: tz.from_utc_datetime(&at.naive_utc()).naive_local() });
            return;
        }
        match tz.from_local_datetime(&local) {
            LocalResult::Single(at) => self.pending.push(Occurrence { at: at.to_utc(), local }),
            LocalResult::Ambiguous(first, second) => {
                self.pending.extend([first, second].map(|at| Occurrence { at: at.to_utc(), local }));
            }
            LocalResult::None => {}
        }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Occurrence;
    fn next(&mut self) -> Option<Occurrence> {
        while self.ready.is_empty() {
            self.advance(self.day?);
        }
        let next = self.ready.pop_front()?;
        if self.of.ends_at.is_some_and(|end| next.at > end) {
            self.day = None;
            self.ready.clear();
            return None;
        }
        Some(next)
    }
}

/// The next day worth a look: the day after, or the first of the next month where this month does not match.
fn next_day(of: &Recurrence, day: NaiveDate) -> Option<NaiveDate> {
    if of.matches_month(day) { day.succ_opt() } else { day.with_day(1)?.checked_add_months(Months::new(1)) }
}
