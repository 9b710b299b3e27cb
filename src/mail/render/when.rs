//! How a mail says an instant: on the recipient's wall, with the zone's name, and how far off it is.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::domain::zone::zone_label;
use crate::mail::words::Words;

/// "Jumat, 21 November 2025 pukul 15.00 WIB".
pub fn absolute(words: Words, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let weekday = words.say(&format!("mail-weekday-{}", local.weekday().number_from_monday()));
    let month = words.say(&format!("mail-month-{}", local.month()));
    words.fill(
        "mail-instant",
        &[
            ("weekday", &weekday),
            ("day", &local.day().to_string()),
            ("month", &month),
            ("year", &local.year().to_string()),
            ("hour", &format!("{:02}", local.hour())),
            ("minute", &format!("{:02}", local.minute())),
            ("zone", &zone_label(zone, at)),
        ],
    )
}

/// "Jumat, 21 November 2025".
pub fn day(words: Words, day: NaiveDate) -> String {
    let weekday = words.say(&format!("mail-weekday-{}", day.weekday().number_from_monday()));
    let month = words.say(&format!("mail-month-{}", day.month()));
    let (number, year) = (day.day().to_string(), day.year().to_string());
    words.fill("mail-day", &[("weekday", &weekday), ("day", &number), ("month", &month), ("year", &year)])
}

/// An instant with how far off it is.
pub fn with_distance(words: Words, at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    format!("{} ({})", absolute(words, at, zone), relative(words, at, now))
}

/// "21 Nov 15.00 WIB", for a subject.
pub fn short(words: Words, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let month: String = words.say(&format!("mail-month-{}", local.month())).chars().take(3).collect();
    words.fill(
        "mail-instant-short",
        &[
            ("day", &local.day().to_string()),
            ("month", &month),
            ("hour", &format!("{:02}", local.hour())),
            ("minute", &format!("{:02}", local.minute())),
            ("zone", &zone_label(zone, at)),
        ],
    )
}

/// "2 hari lagi": whole days from two days on, whole hours from two hours on, else minutes. Rounded down, so it never promises too much.
pub fn relative(words: Words, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let left = at - now;
    if left <= TimeDelta::zero() {
        words.say("mail-is-past")
    } else if left >= TimeDelta::days(2) {
        words.count("mail-in-days", left.num_days())
    } else if left >= TimeDelta::hours(2) {
        words.count("mail-in-hours", left.num_hours())
    } else if left >= TimeDelta::minutes(1) {
        words.count("mail-in-minutes", left.num_minutes())
    } else {
        words.say("mail-in-less-than-a-minute")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::locale::Locale;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_is_said_on_the_recipients_wall() {
        let instant = at("2026-08-16T23:05:00Z");
        assert_eq!(absolute(Words::of(Locale::Id), instant, Tz::Asia__Jayapura), "Senin, 17 Agustus 2026 pukul 08.05 WIT");
        assert_eq!(absolute(Words::of(Locale::En), instant, Tz::Asia__Jakarta), "Monday, 17 August 2026 at 06:05 WIB");
        assert_eq!(short(Words::of(Locale::Id), instant, Tz::Asia__Makassar), "17 Agu 07.05 WITA");
    }

    #[test]
    fn how_far_off_is_rounded_down() {
        let now = at("2026-01-01T00:00:00Z");
        let said = |seconds: i64| relative(Words::of(Locale::En), now + TimeDelta::seconds(seconds), now);
        assert_eq!(said(0), "already past");
        assert_eq!(said(59), "in less than a minute");
        assert_eq!(said(60), "in 1 minute");
        assert_eq!(said(7_199), "in 119 minutes");
        assert_eq!(said(7_200), "in 2 hours");
        assert_eq!(said(172_799), "in 47 hours");
        assert_eq!(said(259_199), "in 2 days");
    }
}
