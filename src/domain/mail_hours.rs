//! The hours at which people are mailed, on their own wall: from, until, on which days of the week; and the working calendar around them.

mod day_time;
mod holidays;
mod permitted;

pub use day_time::{DayTime, DayTimeError, Weekday};
pub use holidays::{Holiday, Holidays, HolidaysError};
pub use permitted::{Choice, Permitted, Quiet, WorkingCalendar};

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
        /// They lie within hours at which the institution mails nobody.
        Quiet = "hours.quiet": "Nobody is mailed at these hours: choose others",
        /// The time of the one mail a day is not among the permitted hours.
        DigestOutside = "hours.digest_outside": "Choose a time at which mail may come",
    }
}

/// A window that is the same on each of some days of the week. Mail that comes outside it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
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
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
