//! How pages say an instant: on the reader's wall, with the zone's name, and how far off it is.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::l10n::{Value, say};
use crate::domain::locale::Locale;
use crate::domain::zone::zone_label;

/// "Jum 27 Nov 2026, 17.00 WIB".
#[must_use]
pub fn absolute(locale: Locale, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let text = |text: String| Value::from(text);
    say(
        locale,
        "instant",
        &[
            ("weekday", text(say(locale, &format!("weekday-{}", local.weekday().number_from_monday()), &[]))),
            ("day", text(local.day().to_string())),
            ("month", text(say(locale, &format!("month-{}", local.month()), &[]))),
            ("year", text(local.year().to_string())),
            ("hour", text(format!("{:02}", local.hour()))),
            ("minute", text(format!("{:02}", local.minute()))),
            ("zone", text(zone_label(zone, at))),
        ],
    )
}

/// "27 Nov": a day, where the year is plain.
#[must_use]
pub fn day(locale: Locale, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    format!("{} {}", local.day(), say(locale, &format!("month-{}", local.month()), &[]))
}

/// "17.00": an hour, as the language writes it.
#[must_use]
pub fn hour(locale: Locale, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let point = if locale == Locale::En { ':' } else { '.' };
    format!("{:02}{point}{:02}", local.hour(), local.minute())
}

/// "3 hari lagi" or "5 menit lalu": the largest unit of which there are two, rounded down.
#[must_use]
pub fn relative(locale: Locale, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (away, direction) = if at > now { (at - now, "in") } else { (now - at, "ago") };
    let (unit, count) = if away >= TimeDelta::days(2) {
        ("days", away.num_days())
    } else if away >= TimeDelta::hours(2) {
        ("hours", away.num_hours())
    } else if away >= TimeDelta::minutes(1) {
        ("minutes", away.num_minutes())
    } else {
        return say(locale, &format!("moment-{direction}"), &[]);
    };
    say(locale, &format!("{unit}-{direction}"), &[("n", Value::from(count))])
}

/// "2 hari", "90 menit": a length of time.
#[must_use]
pub fn length(locale: Locale, seconds: i64) -> String {
    let (unit, count) = match seconds {
        s if s >= 2 * 86_400 && s % 86_400 == 0 => ("days", s / 86_400),
        s if s >= 2 * 3_600 && s % 3_600 == 0 => ("hours", s / 3_600),
        s => ("minutes", s / 60),
    };
    say(locale, &format!("length-{unit}"), &[("n", Value::from(count))])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_instant_stands_on_the_readers_wall() {
        let at: DateTime<Utc> = "2026-08-16T23:05:00Z".parse().unwrap();
        assert_eq!(absolute(Locale::Id, at, Tz::Asia__Jayapura), "Sen 17 Agu 2026, 08.05 WIT");
        assert_eq!(absolute(Locale::En, at, Tz::Asia__Jakarta), "Mon 17 Aug 2026, 06:05 WIB");
    }

    #[test]
    fn how_far_off_it_is_says_both_directions() {
        let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let said = |seconds| relative(Locale::En, now + TimeDelta::seconds(seconds), now);
        assert_eq!(said(3 * 86_400), "in 3 days");
        assert_eq!(said(7_200), "in 2 hours");
        assert_eq!(said(60), "in 1 minute");
        assert_eq!(said(59), "in a moment");
        assert_eq!(said(-59), "a moment ago");
        assert_eq!(said(-300), "5 minutes ago");
        assert_eq!(relative(Locale::Id, now + TimeDelta::days(3), now), "3 hari lagi");
        assert_eq!(length(Locale::En, 5_400), "90 minutes");
        assert_eq!(length(Locale::Id, 172_800), "2 hari");
    }
}
