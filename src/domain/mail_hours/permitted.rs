//! When a person may be mailed: their own hours or the institution's, within its quiet hours, on working days.
//!
//! An instant is permitted by what the wall shows there and then: where the clock jumps over a window there is none that day, and where
//! it goes back, an hour that comes twice is permitted, or quiet, twice.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;

use super::holidays::Holidays;
use super::{DayTime, EVERY_DAY, MIDNIGHT, MailHours};
use crate::domain::zone::resolve_local;

/// So many days ahead a permitted one is looked for.
const HORIZON_DAYS: u64 = 400;

/// Hours at which nobody is mailed about tasks, whatever anyone chose. They may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    from: u16,
    until: u16,
}

impl Quiet {
    /// From a time of day until another; none where both are the same.
    #[must_use]
    pub fn new(from: DayTime, until: DayTime) -> Option<Self> {
        let (from, until) = (from.minutes() % MIDNIGHT, until.minutes() % MIDNIGHT);
        (from != until).then_some(Self { from, until })
    }
    /// When they begin and end, in minutes after midnight.
    #[must_use]
    pub const fn bounds(self) -> (u16, u16) {
        (self.from, self.until)
    }
    /// What is not quiet of a window: at most two pieces.
    fn leaves(self, (from, until): (u16, u16)) -> Vec<(u16, u16)> {
        let open =
            if self.from < self.until { vec![(0, self.from), (self.until, MIDNIGHT)] } else { vec![(self.until, self.from)] };
        open.into_iter().map(|(start, end)| (start.max(from), end.min(until))).filter(|(start, end)| start < end).collect()
    }
}

/// The institution's working calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkingCalendar {
    /// When people are mailed who chose no hours of their own; none: at any time.
    pub hours: Option<MailHours>,
    /// When nobody is.
    pub quiet: Option<Quiet>,
    /// Whether mail leaves on holidays like on any other day.
    pub on_holidays: bool,
    /// The days off work.
    pub holidays: Holidays,
}

/// What one person chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Choice {
    /// Their own hours; none: the institution's.
    pub hours: Option<MailHours>,
    /// Everything at once, at this time of their day; none: as it comes.
    pub digest_at: Option<DayTime>,
    /// Whether holidays are days like others to them.
    pub on_holidays: bool,
}

/// The instants at which one person may be mailed about tasks.
#[derive(Debug, Clone)]
pub struct Permitted<'a> {
    /// Windows of a day, in minutes after midnight, in order.
    windows: Vec<(u16, u16)>,
    days: u8,
    holidays: Option<&'a Holidays>,
    digest_at: Option<DayTime>,
}

impl WorkingCalendar {
    /// When a person may be mailed who chose this.
    #[must_use]
    pub fn permitted(&self, choice: &Choice) -> Permitted<'_> {
        let hours = choice.hours.or(self.hours);
        let whole = (0, MIDNIGHT);
        let window = hours.map_or(whole, |hours| (hours.from, hours.until));
        let quiet = |window| self.quiet.map_or_else(|| vec![window], |quiet| quiet.leaves(window));
        let mut windows = quiet(window);
        if windows.is_empty() {
            // Hours that the institution has made quiet since they were chosen must not silence a person for good.
            windows = quiet(whole);
        }
        let days = hours.map_or(EVERY_DAY, |hours| hours.days);
        let keeps_holidays = !(self.on_holidays || choice.on_holidays);
        Permitted { windows, days, holidays: keeps_holidays.then_some(&self.holidays), digest_at: choice.digest_at }
    }
    /// Whether the institution works on a day.
    #[must_use]
    pub fn works_on(&self, day: NaiveDate) -> bool {
        self.permitted(&Choice::default()).is_day(day)
    }
    /// Whether hours leave at least some time that is not quiet.
    #[must_use]
    pub fn leaves_some(&self, hours: MailHours) -> bool {
        self.quiet.is_none_or(|quiet| !quiet.leaves((hours.from, hours.until)).is_empty())
    }
}

impl Permitted<'_> {
    fn is_day(&self, day: NaiveDate) -> bool {
        let chosen = self.days & 1_u8.wrapping_shl(day.weekday().num_days_from_monday()) != 0;
        chosen && self.holidays.is_none_or(|holidays| holidays.on(day).is_none())
    }
    /// Whether mail may come at a time of day, on the days on which it may.
    #[must_use]
    pub fn has_time(&self, time: DayTime) -> bool {
        self.windows.iter().any(|(from, until)| (*from..*until).contains(&time.minutes()))
    }
    /// Whether an instant is permitted.
    #[must_use]
    pub fn permits(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let local = at.with_timezone(&zone);
        let time = u16::try_from(local.hour() * 60 + local.minute()).ok().and_then(DayTime::at);
        time.is_some_and(|time| self.has_time(time)) && self.is_day(local.date_naive())
    }
    /// The first permitted instant from `at` on: `at` itself where it is one, none where none comes within a year.
    #[must_use]
    pub fn next(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        if self.permits(at, zone) {
            return Some(at);
        }
        let today = at.with_timezone(&zone).date_naive();
        let days = (0..=HORIZON_DAYS).filter_map(|away| today.checked_add_days(Days::new(away)));
        days.filter(|day| self.is_day(*day)).find_map(|day| self.first_of(day, at, zone))
    }
    /// The first permitted instant of a day from `at` on.
    fn first_of(&self, day: NaiveDate, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let (start, end) = (wall(day, 0, zone), wall(day, MIDNIGHT, zone));
        if end - start == TimeDelta::days(1) {
            let instants = self.windows.iter().map(|(from, until)| (minutes(*from), minutes(*until)));
            return instants
                .map(|(from, until)| (start + from, start + until))
                .find(|(_, until)| at < *until)
                .map(|(from, _)| from.max(at));
        }
        // The clock changes on this day, so what the wall shows is asked minute by minute.
        let whole = at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at);
        let first = if whole < at { whole + minutes(1) } else { at };
        let steps = (0..).map(|step| first.max(start) + TimeDelta::minutes(step));
        steps.take_while(|at| *at < end).find(|at| self.permits(*at, zone))
    }
    /// When a mail that was made at `made` leaves if nothing else holds it up: the first permitted instant from `now` on, and for who
    /// wants all of a day at once, not before that day's time.
    #[must_use]
    pub fn departs(&self, made: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        match self.digest_at {
            None => self.next(now, zone),
            Some(time) => self.next(self.gathered(made, time, zone)?.max(now), zone),
        }
    }
    /// The first time on a permitted day, from `made` on, at which all of the day is sent at once.
    fn gathered(&self, made: DateTime<Utc>, time: DayTime, zone: Tz) -> Option<DateTime<Utc>> {
        let today = made.with_timezone(&zone).date_naive();
        let days = (0..=HORIZON_DAYS).filter_map(|away| today.checked_add_days(Days::new(away)));
        days.filter(|day| self.is_day(*day)).map(|day| wall(day, time.minutes(), zone)).find(|at| *at >= made)
    }
}

fn minutes(n: u16) -> TimeDelta {
    TimeDelta::minutes(n.into())
}

fn wall(date: NaiveDate, after_midnight: u16, zone: Tz) -> DateTime<Utc> {
    resolve_local(date.and_time(NaiveTime::MIN) + minutes(after_midnight), zone)
}
