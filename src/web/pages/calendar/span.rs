//! Which month or week is shown, its days, and how days and times are written.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::locale::Locale;
use crate::domain::zone::resolve_local;
use crate::service::calendar::Span;
use crate::web::extract::Fields;
use crate::web::view::View;

/// The years that a calendar is asked for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The month that begins on this day.
    Month(NaiveDate),
    /// The week that begins on this Monday.
    Week(NaiveDate),
}

/// The ISO name of a day's week: `2026-W47`.
pub fn week_of(date: NaiveDate) -> String {
    let week = date.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}

fn read_week(text: &str) -> Option<NaiveDate> {
    let (year, week) = text.split_once("-W")?;
    let year = year.parse().ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_isoywd_opt(year, week.parse().ok()?, Weekday::Mon)
}

fn read_month(text: &str) -> Option<NaiveDate> {
    let (year, month) = text.split_once('-')?;
    let year = year.parse().ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1)
}

fn monday(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into())).unwrap_or(date)
}

/// The instants at which a day begins and ends in a zone.
pub fn day(zone: Tz, date: NaiveDate) -> Span {
    let start = |date: NaiveDate| resolve_local(date.and_time(NaiveTime::MIN), zone);
    (start(date), start(date.succ_opt().unwrap_or(date)))
}

/// A day in full: "Senin, 23 November 2026".
pub fn long(v: &View, date: NaiveDate) -> String {
    let (weekday, month) = (date.weekday().number_from_monday(), date.month());
    let [weekday, month] = [v.s(&format!("mail-weekday-{weekday}")), v.s(&format!("mail-month-{month}"))];
    format!("{weekday}, {} {month} {}", date.day(), date.year())
}

/// A time on the reader's wall: 08.00 or 08:00.
pub fn clock(v: &View, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&v.zone);
    let point = if v.locale == Locale::En { ':' } else { '.' };
    format!("{:02}{point}{:02}", local.hour(), local.minute())
}

impl Shown {
    /// What the address asks for; this month where it asks for nothing that makes sense.
    pub fn read(query: &Fields, today: NaiveDate) -> Self {
        if let Some(first) = read_week(query.get("week")) {
            return Self::Week(first);
        }
        Self::Month(read_month(query.get("month")).or_else(|| today.with_day(1)).unwrap_or(today))
    }
    /// The first day shown: a Monday.
    pub fn first_day(&self) -> NaiveDate {
        match self {
            Self::Month(first) | Self::Week(first) => monday(*first),
        }
    }
    /// How many days are shown: whole weeks.
    pub fn days(&self) -> usize {
        match self {
            Self::Week(_) => 7,
            Self::Month(first) => {
                let last = first.checked_add_months(Months::new(1)).unwrap_or(*first);
                let days = (last - monday(*first)).num_days();
                usize::try_from(days.max(7)).unwrap_or(42).div_ceil(7) * 7
            }
        }
    }
    /// Whether a day belongs to what is asked for, and not to a neighbour that fills up the week.
    pub fn contains(&self, date: NaiveDate) -> bool {
        match self {
            Self::Week(_) => true,
            Self::Month(first) => (date.year(), date.month()) == (first.year(), first.month()),
        }
    }
    /// The instants shown.
    pub fn span(&self, zone: Tz) -> Span {
        let days = u64::try_from(self.days()).unwrap_or(42);
        let last = self.first_day().checked_add_days(Days::new(days - 1)).unwrap_or_else(|| self.first_day());
        (day(zone, self.first_day()).0, day(zone, last).1)
    }
    /// What it is called.
    pub fn title(&self, v: &View) -> String {
        match self {
            Self::Month(first) => format!("{} {}", v.s(&format!("mail-month-{}", first.month())), first.year()),
            Self::Week(first) => v.a("calendar-week-of", "day", long(v, *first)),
        }
    }
    fn moved(&self, ahead: bool) -> Self {
        match self {
            Self::Month(first) => {
                let one = Months::new(1);
                let other = if ahead { first.checked_add_months(one) } else { first.checked_sub_months(one) };
                Self::Month(other.unwrap_or(*first))
            }
            Self::Week(first) => {
                let week = Days::new(7);
                let other = if ahead { first.checked_add_days(week) } else { first.checked_sub_days(week) };
                Self::Week(other.unwrap_or(*first))
            }
        }
    }
    /// The address's query for it.
    pub fn query(&self) -> String {
        match self {
            Self::Month(first) => format!("month={}", first.format("%Y-%m")),
            Self::Week(first) => format!("week={}", week_of(*first)),
        }
    }
    /// The one before.
    pub fn before(&self) -> String {
        self.moved(false).query()
    }
    /// The one after.
    pub fn after(&self) -> String {
        self.moved(true).query()
    }
    /// The same time by month.
    pub fn by_month(&self) -> String {
        let (Self::Month(first) | Self::Week(first)) = self;
        format!("month={}", first.format("%Y-%m"))
    }
    /// The same time by week.
    pub fn by_week(&self) -> String {
        let (Self::Month(first) | Self::Week(first)) = self;
        format!("week={}", week_of(*first))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(query: &str) -> Shown {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        Shown::read(&Fields::parse(query.as_bytes()), today)
    }

    #[test]
    fn months_and_weeks_are_read_and_anything_else_is_this_month() {
        assert_eq!(read("").query(), "month=2026-11");
        assert_eq!(read("month=2027-02").query(), "month=2027-02");
        assert_eq!(read("week=2026-W47").query(), "week=2026-W47");
        for wrong in ["month=2026-13", "month=x", "week=2026-W60", "week=9999999-W01", "month=99999-01", "week=2026"] {
            assert_eq!(read(wrong).query(), "month=2026-11", "{wrong}");
        }
    }

    #[test]
    fn a_month_is_shown_in_whole_weeks() {
        for (month, first, days) in [("2026-11", "2026-10-26", 42), ("2027-02", "2027-02-01", 28), ("2026-10", "2026-09-28", 35)]
        {
            let shown = read(&format!("month={month}"));
            assert_eq!((shown.first_day().to_string().as_str(), shown.days()), (first, days), "{month}");
        }
        assert_eq!(
            (read("month=2026-12").after().as_str(), read("month=2027-01").before().as_str()),
            ("month=2027-01", "month=2026-12")
        );
        assert_eq!(
            (read("week=2026-W53").after().as_str(), read("week=2027-W01").before().as_str()),
            ("week=2027-W01", "week=2026-W53")
        );
    }

    #[test]
    fn a_day_lasts_as_long_as_its_zones_clock_says() {
        let (from, to) = day(Tz::Europe__Berlin, NaiveDate::from_ymd_opt(2026, 3, 29).unwrap());
        assert_eq!((to - from).num_hours(), 23);
        let (from, to) = read("month=2026-11").span(Tz::Asia__Jakarta);
        assert_eq!(
            (from.to_rfc3339().as_str(), to.to_rfc3339().as_str()),
            ("2026-10-25T17:00:00+00:00", "2026-12-06T17:00:00+00:00")
        );
    }
}
