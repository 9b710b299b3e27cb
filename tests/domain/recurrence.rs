//! Recurrences: against a walk over every minute, at the clock's jumps, and after an outage.

use chrono::{DateTime, Datelike, Duration, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use gaung::domain::recurrence::{MissedPolicy, MissedRule, Recurrence};

fn utc(s: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(s, "%Y-%m-%d %H:%M").unwrap().and_utc()
}
fn code(pattern: &str) -> &'static str {
    Recurrence::parse(pattern, Tz::Asia__Jakarta).expect_err(pattern).code()
}
fn instants(pattern: &str, tz: Tz, from: &str, n: usize) -> Vec<String> {
    let recurrence = Recurrence::parse(pattern, tz).unwrap();
    recurrence.after(utc(from)).take(n).map(|o| format!("{} {}", o.at.format("%d %H:%M"), o.local.format("%H:%M"))).collect()
}

/// The oracle: a reader of plain five-field patterns of its own, and a walk along UTC that looks only at what the clock on
/// the wall shows. It never asks what instant a wall-clock time is.
struct Oracle {
    sets: Vec<Vec<u32>>,
    stars: Vec<bool>,
    fixed: bool,
}

impl Oracle {
    fn new(pattern: &str) -> Self {
        let ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
        let fields: Vec<&str> = pattern.split(' ').collect();
        let set = |field: &str, (low, high): (u32, u32)| -> Vec<u32> {
            field
                .split(',')
                .flat_map(|item| {
                    let (range, step) = item.split_once('/').unwrap_or((item, "1"));
                    let (a, b) = match range {
                        "*" => (low, high),
                        r => r.split_once('-').map_or_else(|| (num(r), num(r)), |(a, b)| (num(a), num(b))),
                    };
                    (a..=b).step_by(num(step) as usize)
                })
                .collect()
        };
        Self {
            sets: fields.iter().zip(ranges).map(|(f, r)| set(f, r)).collect(),
            stars: fields.iter().map(|f| *f == "*").collect(),
            fixed: fields[..2].iter().all(|f| !f.contains(['*', '/'])),
        }
    }
    fn matches(&self, t: NaiveDateTime) -> bool {
        let has = |i: usize, v: u32| self.sets[i].contains(&v);
        if !has(0, t.minute()) || !has(1, t.hour()) || !has(3, t.month()) {
            return false;
        }
        let (dom, dow) = (has(2, t.day()), has(4, t.weekday().num_days_from_sunday()));
        if self.stars[2] || self.stars[4] { dom && dow } else { dom || dow }
    }
    fn walk(&self, clock: &[(DateTime<Utc>, NaiveDateTime)]) -> Vec<DateTime<Utc>> {
        let minute = Duration::minutes(1);
        let mut high = clock[0].1 - minute;
        let mut fires = Vec::new();
        for &(at, wall) in clock {
            if !self.fixed {
                if self.matches(wall) {
                    fires.push(at);
                }
            } else if wall > high {
                let mut passed = high + minute;
                while passed <= wall && !self.matches(passed) {
                    passed += minute;
                }
                if passed <= wall {
                    fires.push(at);
                }
            }
            high = high.max(wall);
        }
        fires
    }
}

fn num(s: &str) -> u32 {
    s.parse().unwrap()
}

fn wall_clock(tz: Tz, from: &str, days: i64) -> Vec<(DateTime<Utc>, NaiveDateTime)> {
    let start = utc(from);
    let minutes = (0..days * 1440).map(|m| start + Duration::minutes(m));
    minutes.map(|at| (at, tz.from_utc_datetime(&at.naive_utc()).naive_local())).collect()
}

const PATTERNS: [&str; 14] = [
    "0 9 * * 1-5",
    "30 2 * * *",
    "30 2,14 * * *",
    "30 1,13 * * *",
    "0,30 0,1,2,3,23 * * *",
    "15 0 * * 0,5",
    "45 23 * * *",
    "0 0 1,15 * *",
    "0 0 13 * 5",
    "5-35/15 1-3 * * *",
    "*/15 * * * *",
    "*/20 0-3 * * *",
    "0 */2 * 3,4,10,11 *",
    "10 * * * 0",
];

fn compare(tz: Tz, from: &str, days: i64) {
    let clock = wall_clock(tz, from, days);
    let end = clock[clock.len() - 1].0;
    for pattern in PATTERNS {
        let expected = Oracle::new(pattern).walk(&clock);
        let recurrence = Recurrence::parse(pattern, tz).unwrap();
        let start = clock[0].0 - Duration::minutes(1);
        let found: Vec<_> = recurrence.after(start).map(|o| o.at).take_while(|at| *at <= end).collect();
        assert_eq!(found, expected, "{pattern} in {tz}");
        assert!(expected.len() >= 2 || days < 60, "{pattern} says nothing");
        // From any instant in between, the next one is the same as in the whole walk.
        for (i, at) in expected.iter().enumerate().step_by(1 + expected.len() / 40) {
            assert_eq!(recurrence.next_after(*at).map(|o| o.at).filter(|n| *n <= end), expected.get(i + 1).copied());
            assert_eq!(recurrence.next_after(*at - Duration::seconds(1)).unwrap().at, *at);
        }
        for o in recurrence.after(start).take(50) {
            assert_eq!(tz.from_utc_datetime(&o.at.naive_utc()).naive_local(), o.local);
        }
    }
}

#[test]
fn equals_a_walk_over_every_minute() {
    compare(Tz::Asia__Jakarta, "2026-01-10 00:00", 365);
    compare(Tz::Europe__Berlin, "2026-01-10 00:00", 365);
    compare(Tz::Australia__Lord_Howe, "2026-01-10 00:00", 365);
}

#[test]
fn equals_the_walk_where_the_clock_jumps_at_midnight() {
    compare(Tz::America__Sao_Paulo, "2018-01-10 00:00", 365);
    compare(Tz::Africa__Cairo, "2024-01-10 00:00", 365);
    // Back from 00:01 to 23:01 of the day before, and a day left out.
    compare(Tz::America__St_Johns, "2010-10-20 00:00", 40);
    compare(Tz::Pacific__Apia, "2011-12-20 00:00", 20);
}

#[test]
fn wall_clock_patterns_move_out_of_the_gap_and_fire_once() {
    let berlin = Tz::Europe__Berlin;
    assert_eq!(instants("30 2,14 * * *", berlin, "2026-03-28 20:00", 2), ["29 01:00 03:00", "29 12:30 14:30"]);
    assert_eq!(instants("0,30 2,3 * * *", berlin, "2026-03-28 20:00", 3), ["29 01:00 03:00", "29 01:30 03:30", "30 00:00 02:00"]);
    assert_eq!(instants("30 2 * * *", berlin, "2026-10-24 20:00", 2), ["25 00:30 02:30", "26 01:30 02:30"]);
    assert_eq!(
        instants("*/30 2 * * *", berlin, "2026-10-24 20:00", 4),
        ["25 00:00 02:00", "25 00:30 02:30", "25 01:00 02:00", "25 01:30 02:30"]
    );
    assert_eq!(instants("*/30 2 * * *", berlin, "2026-03-28 20:00", 1), ["30 00:00 02:00"]);
    assert_eq!(instants("0 9 * * 1-5", Tz::Asia__Jayapura, "2026-07-03 00:00", 2), ["06 00:00 09:00", "07 00:00 09:00"]);
    // At 00:00, a minute before the clock goes back to 23:01 of the day before.
    assert_eq!(instants("*/15 * * * *", Tz::America__St_Johns, "2010-11-07 02:30", 1), ["07 02:45 23:15"]);
    assert!(Recurrence::parse("30 2,14 * * *", berlin).unwrap().local_times_are_unique());
    assert!(!Recurrence::parse("*/30 2 * * *", berlin).unwrap().local_times_are_unique());
}

#[test]
fn refuses_each_bad_pattern_by_its_code() {
    for (pattern, expected) in [
        ("", "recurrence.empty"),
        ("   ", "recurrence.empty"),
        ("0 9 * *", "recurrence.fields"),
        ("0 0 9 * * 1", "recurrence.fields"),
        ("0 0 9 * * 1 2027", "recurrence.fields"),
        ("@daily", "recurrence.fields"),
        ("60 9 * * *", "recurrence.field"),
        ("0 24 * * *", "recurrence.field"),
        ("0 9 0 * *", "recurrence.field"),
        ("0 9 32 * *", "recurrence.field"),
        ("0 9 * 13 *", "recurrence.field"),
        ("0 9 * * 8", "recurrence.field"),
        ("0 9 * * x", "recurrence.field"),
        ("0 9,, * * *", "recurrence.field"),
        (", 9 * * *", "recurrence.field"),
        ("0 9-7 * * *", "recurrence.field"),
        ("0 9 * * \u{17f}UN", "recurrence.field"),
        ("0 @daily * * *", "recurrence.field"),
        ("*/0 9 * * *", "recurrence.field"),
        ("-1 9 * * *", "recurrence.field"),
        ("* * * * *", "recurrence.too_often"),
        ("*/14 * * * *", "recurrence.too_often"),
        ("0,59 * * * *", "recurrence.too_often"),
        ("0,50 0,23 * * *", "recurrence.too_often"),
    ] {
        assert_eq!(code(pattern), expected, "{pattern}");
    }
    assert_eq!(code(&"0,".repeat(200)), "recurrence.too_long");
    for pattern in
        ["0 9 * * MON-FRI", "0 9 L * *", "0 9 15W * *", "0 9 * * 1#2", "0 9 * jan,dec ?", "*/15 * * * *", "0,50 0,23 1 * *"]
    {
        assert!(Recurrence::parse(pattern, Tz::Asia__Jakarta).is_ok(), "{pattern}");
    }
}

#[test]
fn refuses_what_never_comes_due() {
    let first = |pattern: &str, from: &str, to: Option<&str>| {
        let recurrence = Recurrence::parse(pattern, Tz::Asia__Jakarta).unwrap().ending(to.map(utc));
        recurrence.first(utc(from)).map(|o| o.at).map_err(|e| e.code())
    };
    assert_eq!(first("0 9 31 2,4,6 *", "2026-01-01 00:00", None), Err("recurrence.never"));
    assert_eq!(first("0 9 30 2 *", "2026-01-01 00:00", None), Err("recurrence.never"));
    assert_eq!(first("0 9 29 2 *", "2026-01-01 00:00", None), Ok(utc("2028-02-29 02:00")));
    assert_eq!(first("0 9 29 2 +1", "2026-01-01 00:00", None), Err("recurrence.never"));
    assert_eq!(first("0 9 29 2 +1", "2040-01-01 00:00", None), Ok(utc("2044-02-29 02:00")));
    assert_eq!(first("0 9 * * *", "2026-01-01 02:00", None), Ok(utc("2026-01-01 02:00")));
    assert_eq!(first("0 9 * * *", "2026-01-02 00:00", Some("2026-01-01 00:00")), Err("recurrence.end_before_start"));
    assert_eq!(first("0 9 * * *", "2026-01-01 03:00", Some("2026-01-02 01:59")), Err("recurrence.never_before_end"));
    assert_eq!(first("0 9 * * *", "2026-01-01 03:00", Some("2026-01-02 02:00")), Ok(utc("2026-01-02 02:00")));
    assert_eq!(first("0 9 * * *", "9999-01-01 00:00", None), Err("recurrence.year"));
    assert_eq!(first("0 9 * * *", "2026-01-01 00:00", Some("9999-01-01 00:00")), Err("recurrence.year"));
    let daily = Recurrence::parse("0 9 * * *", Tz::Asia__Jakarta).unwrap();
    assert_eq!(daily.next_after(utc("2099-12-31 12:00")), None);
    assert_eq!(daily.next_after(utc("2150-01-01 00:00")), None);
    assert_eq!(daily.next_after(DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(daily.next_after(DateTime::<Utc>::MIN_UTC).map(|o| o.at), Some(utc("1969-12-31 02:00")));
}

#[test]
fn after_an_outage_the_policy_says_what_happens() {
    // Twelve due times, 00:30 to 06:00, while the service was down.
    let recurrence = Recurrence::parse("*/30 * * * *", Tz::UTC).unwrap();
    let due = |policy, grace_minutes, cap| {
        let rule = MissedRule { policy, grace: TimeDelta::minutes(grace_minutes), cap };
        let fires = recurrence.due(utc("2026-05-01 00:00"), utc("2026-05-01 06:10"), rule);
        assert_eq!(fires.fire.len() + fires.held.len(), 12);
        assert_eq!(fires.last().unwrap().at, utc("2026-05-01 06:00"));
        fires.fire.iter().map(|o| o.at.format("%H:%M").to_string()).collect::<Vec<_>>()
    };
    assert!(due(MissedPolicy::None, 120, 9).is_empty());
    assert_eq!(due(MissedPolicy::Latest, 120, 9), ["06:00"]);
    assert!(due(MissedPolicy::Latest, 5, 9).is_empty());
    assert_eq!(due(MissedPolicy::All, 120, 9), ["04:30", "05:00", "05:30", "06:00"]);
    assert_eq!(due(MissedPolicy::All, 120, 2), ["05:30", "06:00"]);
    assert_eq!(due(MissedPolicy::All, 600, 99).len(), 12);
}

#[test]
fn on_time_is_on_time_and_nothing_is_due_twice() {
    let recurrence = Recurrence::parse("*/30 * * * *", Tz::UTC).unwrap();
    let rule = MissedRule { policy: MissedPolicy::None, grace: TimeDelta::zero(), cap: 0 };
    let due = |last: &str, now: &str| recurrence.due(utc(last), utc(now), rule);
    assert_eq!(due("2026-05-01 00:00", "2026-05-01 00:30").fire.len(), 1);
    assert_eq!(due("2026-05-01 00:00", "2026-05-01 00:31").fire.len(), 1);
    assert_eq!(due("2026-05-01 00:00", "2026-05-01 00:32").held.len(), 1);
    assert_eq!(due("2026-05-01 00:30", "2026-05-01 00:31"), Default::default());
    assert_eq!(due("2026-05-02 00:00", "2026-05-01 00:00"), Default::default());
    let year = due("2025-05-01 00:00", "2026-05-01 00:00");
    assert_eq!((year.fire.len(), year.held.len(), year.held_unlisted), (1, 1_000, 365 * 48 - 1_001));
    assert_eq!(year.held[999].at, utc("2026-04-30 23:30"));
}
