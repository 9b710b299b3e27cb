//! The working calendar: how far it reaches, and what in it is not settled.

use chrono::{Days, NaiveDate};

use super::Check;
use crate::clock::SteadyClock;
use crate::config::Config;
use crate::domain::mail_hours::WorkingCalendar;

const CHECK: &str = "holidays";
/// A calendar that ends within so many days needs its next year.
const ENOUGH_DAYS: u64 = 60;

/// The calendar as of today.
pub fn look(config: &Config) -> Check {
    match config.working_calendar() {
        Ok(calendar) => {
            let today = SteadyClock::shared().now().with_timezone(&config.institution.default_zone).date_naive();
            judge(&calendar, today)
        }
        Err(error) => Check::bad(CHECK, error.to_string(), "correct the file, or empty mail.holidays_file"),
    }
}

fn judge(calendar: &WorkingCalendar, today: NaiveDate) -> Check {
    let used = if calendar.on_holidays { "not used: mail.hours.on_holidays is true" } else { "no task mail leaves on them" };
    let replace = "write the decreed dates into a copy of config/holidays/id.toml and name it in mail.holidays_file";
    let Some(last) = calendar.holidays.last() else {
        return Check::good(CHECK, format!("none are known; {used}"));
    };
    let mut detail = format!("until {last}; {used}");
    let expected: Vec<String> = calendar.holidays.provisional_from(today).map(|(day, _)| day.to_string()).collect();
    if let Some(first) = expected.first() {
        detail = format!("{detail}; {} ahead are not decreed yet, the first on {first}", expected.len());
    }
    let ends_soon = today.checked_add_days(Days::new(ENOUGH_DAYS)).is_none_or(|soon| last < soon);
    let check = Check::good(CHECK, detail);
    match (ends_soon, expected.is_empty()) {
        (true, _) => check.advise(format!("the calendar ends within {ENOUGH_DAYS} days: {replace}")),
        (false, false) => check.advise(replace),
        (false, true) => check,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::mail_hours::Holidays;

    fn seen(file: &str, today: &str) -> (String, String) {
        let calendar = WorkingCalendar { holidays: Holidays::parse(file).unwrap(), ..WorkingCalendar::default() };
        let check = judge(&calendar, today.parse().unwrap());
        (check.detail, check.advice)
    }

    #[test]
    fn what_ends_soon_or_is_not_decreed_is_said() {
        let file = "[[holiday]]\ndate = 2026-12-25\nname = \"Natal\"\n";
        assert_eq!(seen(file, "2026-10-26"), ("until 2026-12-25; no task mail leaves on them".to_owned(), String::new()));
        assert!(seen(file, "2026-10-27").1.starts_with("the calendar ends within 60 days"));
        assert!(seen(file, "2027-10-27").1.starts_with("the calendar ends within 60 days"));
        let provisional = format!("{file}provisional = true\n");
        let (detail, advice) = seen(&provisional, "2026-01-01");
        assert!(detail.ends_with("1 ahead are not decreed yet, the first on 2026-12-25"), "{detail}");
        assert!(advice.starts_with("write the decreed dates"), "{advice}");
        assert_eq!(seen("", "2026-01-01").0, "none are known; no task mail leaves on them");
    }
}
