//! The hours at which a member wants to be mailed, on their own wall: from, until, on which days of the week.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::zone::resolve_local;

/// The shortest window, in minutes.
const SHORTEST: u16 = 60;
/// A day's end, in minutes.
const MIDNIGHT: u16 = 24 * 60;
/// Every day of the week.
pub const EVERY_DAY: u8 = 0b111_1111;

crate::refusals! {
    /// Why hours are refused.
    pub enum MailHoursRefusal {
        /// It ends before it begins, or at once.
        TooShort = "hours.too_short": "Leave at least one hour between the two times",
        /// No day is left.
        NoDay = "hours.no_day": "Choose at least one day",
    }
}

/// A window that is the same on each of some days of the week. Mail that comes outside it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct MailHours {
    /// From so many minutes after midnight.
    from: u16,
    /// Until so many minutes after midnight; at most 1440.
    until: u16,
    /// The days, Monday in the lowest bit.
    days: u8,
}

impl MailHours {
    /// A window of at least one hour, on at least one day.
    ///
    /// # Errors
    /// [`MailHoursRefusal`].
    pub fn new(from: u16, until: u16, days: u8) -> Result<Self, MailHoursRefusal> {
        if until > MIDNIGHT || until < from.saturating_add(SHORTEST) {
            return Err(MailHoursRefusal::TooShort);
        }
        if days & EVERY_DAY == 0 {
            return Err(MailHoursRefusal::NoDay);
        }
        Ok(Self { from, until, days: days & EVERY_DAY })
    }
    /// When it begins, in minutes after midnight.
    #[must_use]
    pub const fn from(self) -> u16 {
        self.from
    }
    /// When it ends, in minutes after midnight.
    #[must_use]
    pub const fn until(self) -> u16 {
        self.until
    }
    /// The days, Monday in the lowest bit.
    #[must_use]
    pub const fn days(self) -> u8 {
        self.days
    }
    /// Whether a day of the week is among them; Monday is 0.
    #[must_use]
    pub const fn has(self, day: u32) -> bool {
        self.days & (1_u8.wrapping_shl(day)) != 0
    }
    /// The first instant from `at` on that lies within the hours: `at` itself where it does.
    #[must_use]
    pub fn next(self, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let today = at.with_timezone(&zone).date_naive();
        (0..=7)
            .filter_map(|away| today.checked_add_days(Days::new(away)))
            .filter(|date| self.has(date.weekday().num_days_from_monday()))
            .map(|date| (wall(date, self.from, zone), wall(date, self.until, zone)))
            .find(|(_, until)| at < *until)
            .map_or(at, |(from, _)| from.max(at))
    }
}

fn wall(date: NaiveDate, minutes: u16, zone: Tz) -> DateTime<Utc> {
    resolve_local(date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes.into()), zone)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const OFFICE: u8 = 0b001_1111;

    #[test]
    fn mail_waits_for_the_next_permitted_hour() {
        let hours = MailHours::new(8 * 60, 17 * 60, OFFICE).unwrap();
        let next = |at: &str, zone| hours.next(at.parse().unwrap(), zone).to_rfc3339();
        // Monday the 23rd of November 2026; Jakarta is seven hours ahead.
        assert_eq!(next("2026-11-23T02:30:00Z", Tz::Asia__Jakarta), "2026-11-23T02:30:00+00:00", "09.30: at once");
        assert_eq!(next("2026-11-23T00:59:59Z", Tz::Asia__Jakarta), "2026-11-23T01:00:00+00:00", "07.59: at eight");
        assert_eq!(next("2026-11-23T10:00:00Z", Tz::Asia__Jakarta), "2026-11-24T01:00:00+00:00", "17.00: tomorrow");
        assert_eq!(next("2026-11-27T12:00:00Z", Tz::Asia__Jakarta), "2026-11-30T01:00:00+00:00", "Friday evening: Monday");
        assert_eq!(next("2026-11-23T00:30:00Z", Tz::Asia__Jayapura), "2026-11-23T00:30:00+00:00", "09.30 in the east");
    }

    #[test]
    fn one_day_a_week_comes_round_again() {
        let mondays = MailHours::new(0, MIDNIGHT, 1).unwrap();
        let at: DateTime<Utc> = "2026-11-23T17:00:00Z".parse().unwrap();
        assert_eq!(mondays.next(at, Tz::Asia__Jakarta).to_rfc3339(), "2026-11-29T17:00:00+00:00");
    }

    #[test]
    fn a_night_without_an_hour_does_not_lose_the_mail() {
        // 02:00 to 03:00 does not exist on that night in Berlin; the window moves with the clock.
        let hours = MailHours::new(2 * 60, 3 * 60, EVERY_DAY).unwrap();
        let at: DateTime<Utc> = "2026-03-28T12:00:00Z".parse().unwrap();
        assert!(hours.next(at, Tz::Europe__Berlin) > at);
    }

    #[test]
    fn windows_have_a_length_and_a_day() {
        let refused = |from, until, days| MailHours::new(from, until, days).unwrap_err();
        assert_eq!(refused(600, 659, 1), MailHoursRefusal::TooShort);
        assert_eq!(refused(600, 600, 1), MailHoursRefusal::TooShort);
        assert_eq!(refused(900, 600, 1), MailHoursRefusal::TooShort);
        assert_eq!(refused(0, MIDNIGHT + 1, 1), MailHoursRefusal::TooShort);
        assert_eq!(refused(0, MIDNIGHT, 0), MailHoursRefusal::NoDay);
        assert_eq!(refused(0, MIDNIGHT, 0b1000_0000), MailHoursRefusal::NoDay);
        assert_eq!(refused(u16::MAX, MIDNIGHT, 1), MailHoursRefusal::TooShort);
    }
}
