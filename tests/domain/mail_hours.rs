//! Permitted hours: against a walk over every minute that looks only at what the clock on the wall shows.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use gaung::domain::mail_hours::{Choice, DayTime, EVERY_DAY, Holidays, MailHours, Quiet, WorkingCalendar};
use proptest::prelude::*;

const OFFICE: u8 = 0b001_1111;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
fn time(minutes: u16) -> DayTime {
    DayTime::at(minutes).unwrap()
}
fn office(from: u16, until: u16) -> Option<MailHours> {
    Some(MailHours::new(from * 60, until * 60, OFFICE).unwrap())
}
fn next(calendar: &WorkingCalendar, choice: &Choice, at: &str, zone: Tz) -> String {
    calendar.permitted(choice).next(utc(at), zone).unwrap().format("%Y-%m-%d %H:%M:%S").to_string()
}

#[test]
fn mail_waits_for_the_next_permitted_hour() {
    let calendar = WorkingCalendar { on_holidays: true, ..WorkingCalendar::default() };
    let own = Choice { hours: office(8, 17), ..Choice::default() };
    let next = |at: &str, zone| next(&calendar, &own, at, zone);
    // Monday the 23rd of November 2026; Jakarta is seven hours ahead.
    assert_eq!(next("2026-11-23T02:30:00Z", Tz::Asia__Jakarta), "2026-11-23 02:30:00", "09.30: at once");
    assert_eq!(next("2026-11-23T00:59:59Z", Tz::Asia__Jakarta), "2026-11-23 01:00:00", "07.59: at eight");
    assert_eq!(next("2026-11-23T10:00:00Z", Tz::Asia__Jakarta), "2026-11-24 01:00:00", "17.00: tomorrow");
    assert_eq!(next("2026-11-27T12:00:00Z", Tz::Asia__Jakarta), "2026-11-30 01:00:00", "Friday evening: Monday");
    assert_eq!(next("2026-11-23T00:30:00Z", Tz::Asia__Jayapura), "2026-11-23 00:30:00", "09.30 in the east");
}

#[test]
fn one_day_a_week_comes_round_again() {
    let calendar = WorkingCalendar { on_holidays: true, ..WorkingCalendar::default() };
    let mondays = Choice { hours: Some(MailHours::new(0, 1440, 1).unwrap()), ..Choice::default() };
    assert_eq!(next(&calendar, &mondays, "2026-11-23T17:00:00Z", Tz::Asia__Jakarta), "2026-11-29 17:00:00");
}

#[test]
fn the_default_restricts_nothing() {
    let nothing = WorkingCalendar { on_holidays: true, holidays: Holidays::national(), ..WorkingCalendar::default() };
    assert_eq!(next(&nothing, &Choice::default(), "2026-08-16T19:00:30Z", Tz::Asia__Jakarta), "2026-08-16 19:00:30");
}

#[test]
fn holidays_are_skipped_unless_the_member_wants_mail_on_them() {
    let calendar = WorkingCalendar { hours: office(7, 20), holidays: Holidays::national(), ..WorkingCalendar::default() };
    let everyone = Choice::default();
    // The 17th of August 2026 is a Monday: the weekend before it makes three days.
    assert_eq!(next(&calendar, &everyone, "2026-08-14T14:00:00Z", Tz::Asia__Jakarta), "2026-08-18 00:00:00");
    let eager = Choice { on_holidays: true, ..Choice::default() };
    assert_eq!(next(&calendar, &eager, "2026-08-14T14:00:00Z", Tz::Asia__Jakarta), "2026-08-17 00:00:00");
    assert!(!calendar.works_on("2026-08-17".parse().unwrap()));
    assert!(!calendar.works_on("2026-08-16".parse().unwrap()));
    assert!(calendar.works_on("2026-08-18".parse().unwrap()));
}

#[test]
fn quiet_hours_bound_what_a_member_chose() {
    let quiet = Quiet::new(time(21 * 60), time(6 * 60));
    let calendar = WorkingCalendar { quiet, on_holidays: true, ..WorkingCalendar::default() };
    let all_day = Choice { hours: Some(MailHours::new(0, 1440, EVERY_DAY).unwrap()), ..Choice::default() };
    assert_eq!(next(&calendar, &all_day, "2026-11-23T14:00:00Z", Tz::Asia__Jakarta), "2026-11-23 23:00:00", "21.00: at six");
    assert_eq!(next(&calendar, &all_day, "2026-11-23T13:59:59Z", Tz::Asia__Jakarta), "2026-11-23 13:59:59", "20.59: at once");
    // Chosen before the institution made those hours quiet: mailed when it is not, rather than never.
    let night = MailHours::new(22 * 60, 23 * 60, EVERY_DAY).unwrap();
    assert!(!calendar.leaves_some(night));
    let owl = Choice { hours: Some(night), ..Choice::default() };
    assert_eq!(next(&calendar, &owl, "2026-11-23T15:30:00Z", Tz::Asia__Jakarta), "2026-11-23 23:00:00");
    // A quiet noon splits the day.
    let noon = WorkingCalendar { quiet: Quiet::new(time(720), time(780)), on_holidays: true, ..WorkingCalendar::default() };
    assert_eq!(next(&noon, &all_day, "2026-11-23T05:30:00Z", Tz::Asia__Jakarta), "2026-11-23 06:00:00");
    assert!(Quiet::new(time(0), time(0)).is_none() && Quiet::new(time(0), time(1440)).is_none());
}

#[test]
fn who_wants_one_mail_a_day_gets_it_at_that_time_on_a_permitted_day() {
    let calendar = WorkingCalendar { hours: office(7, 20), holidays: Holidays::national(), ..WorkingCalendar::default() };
    let daily = Choice { digest_at: Some(time(8 * 60)), ..Choice::default() };
    let departs = |made: &str, now: &str| {
        let at = calendar.permitted(&daily).departs(utc(made), utc(now), Tz::Asia__Jakarta).unwrap();
        at.format("%Y-%m-%d %H:%M").to_string()
    };
    assert_eq!(departs("2026-11-23T00:30:00Z", "2026-11-23T00:30:00Z"), "2026-11-23 01:00", "07.30: today");
    assert_eq!(departs("2026-11-23T01:00:01Z", "2026-11-23T01:00:01Z"), "2026-11-24 01:00", "a second late: tomorrow");
    assert_eq!(departs("2026-11-22T10:00:00Z", "2026-11-23T04:00:00Z"), "2026-11-23 04:00", "its time has come and gone: now");
    assert_eq!(
        departs("2026-11-22T10:00:00Z", "2026-11-23T14:00:00Z"),
        "2026-11-24 00:00",
        "and outside the hours: next morning"
    );
    assert_eq!(departs("2026-08-14T04:00:00Z", "2026-08-14T04:00:00Z"), "2026-08-18 01:00", "over the weekend and the holiday");
}

/// Zones whose clocks change, one of them by half an hour, one at midnight, one that never does.
const ZONES: [Tz; 8] = [
    Tz::Asia__Jakarta,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::America__Havana,
    Tz::Africa__Casablanca,
    Tz::Pacific__Chatham,
    Tz::America__Santiago,
];

/// The oracle's own reading of the rules.
struct Oracle {
    window: (u32, u32),
    days: u8,
    quiet: Option<(u32, u32)>,
    off: Vec<NaiveDate>,
}

impl Oracle {
    fn permits(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let wall = at.with_timezone(&zone);
        let minute = wall.hour() * 60 + wall.minute();
        let is_quiet =
            self.quiet.is_some_and(
                |(from, until)| {
                    if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until }
                },
            );
        (self.window.0..self.window.1).contains(&minute)
            && !is_quiet
            && self.days >> wall.weekday().num_days_from_monday() & 1 == 1
            && !self.off.contains(&wall.date_naive())
    }
    fn next(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        if self.permits(at, zone) {
            return Some(at);
        }
        let minute = at.with_second(0).unwrap();
        (1..=60 * 24 * 40).map(|n| minute + TimeDelta::minutes(n)).find(|at| self.permits(*at, zone))
    }
}

/// An instant near a change of the clock as often as anywhere else.
fn instants() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let near = prop::sample::select(vec![
        "2026-03-29T00:00:00Z",
        "2026-10-25T00:00:00Z",
        "2026-03-08T06:00:00Z",
        "2026-11-01T05:00:00Z",
        "2026-10-03T15:30:00Z",
        "2026-04-04T15:00:00Z",
        "2026-02-15T02:00:00Z",
        "2026-03-22T02:00:00Z",
        "2026-04-04T14:00:00Z",
        "2026-09-06T04:00:00Z",
    ]);
    let around = (near, -200_000_i64..200_000).prop_map(|(at, s)| utc(at) + TimeDelta::seconds(s));
    let anywhere = (0_i64..730 * 86_400).prop_map(|s| utc("2026-01-01T00:00:00Z") + TimeDelta::seconds(s));
    (prop::sample::select(ZONES.to_vec()), prop_oneof![around, anywhere])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_next_permitted_instant_is_the_first_that_a_walk_finds(
        (zone, at) in instants(),
        (from, length) in (0_u16..1380, 60_u16..1441),
        days in 1_u8..128,
        quiet in prop::option::of((0_u16..1440, 0_u16..1440)),
        off in prop::collection::vec(0_i64..20, 0..4),
        eager in any::<bool>(),
    ) {
        let until = from.saturating_add(length).min(1440);
        let hours = MailHours::new(from, until, days).unwrap();
        let today = at.with_timezone(&zone).date_naive();
        let off: Vec<NaiveDate> = off.into_iter().map(|n| today + TimeDelta::days(n)).collect();
        let mut file: Vec<String> = off.iter().map(|day| format!("[[holiday]]\ndate = {day}\nname = \"off\"\n")).collect();
        file.sort();
        file.dedup();
        let quiet = quiet.filter(|(from, until)| from != until);
        let calendar = WorkingCalendar {
            quiet: quiet.and_then(|(from, until)| Quiet::new(time(from), time(until))),
            holidays: Holidays::parse(&file.concat()).unwrap(),
            ..WorkingCalendar::default()
        };
        prop_assume!(calendar.leaves_some(hours));
        let oracle = Oracle {
            window: (from.into(), until.into()),
            days,
            quiet: quiet.map(|(from, until)| (from.into(), until.into())),
            off: if eager { Vec::new() } else { off },
        };
        let choice = Choice { hours: Some(hours), digest_at: None, on_holidays: eager };
        prop_assert_eq!(calendar.permitted(&choice).next(at, zone), oracle.next(at, zone));
    }

    #[test]
    fn a_daily_mail_leaves_once_its_time_has_come_and_at_a_permitted_one(
        (zone, made) in instants(), minute in 0_u16..1440, late in 0_i64..200_000, days in 1_u8..128,
    ) {
        let hours = MailHours::new(0, 1440, days).unwrap();
        let calendar = WorkingCalendar { on_holidays: true, ..WorkingCalendar::default() };
        let choice = Choice { hours: Some(hours), digest_at: Some(time(minute)), on_holidays: false };
        let permitted = calendar.permitted(&choice);
        let now = made + TimeDelta::seconds(late);
        let at = permitted.departs(made, now, zone).unwrap();
        prop_assert!(at >= now && permitted.permits(at, zone));
        // Asked again at that instant, it leaves.
        prop_assert_eq!(permitted.departs(made, at, zone), Some(at));
    }
}
