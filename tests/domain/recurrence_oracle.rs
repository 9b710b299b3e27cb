//! Recurrences against brute force: years × zones × patterns, the patterns drawn at random from fixed seeds, the oracle a walk over every
//! minute that asks chrono-tz only what the clock on the wall shows.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use gaung::domain::recurrence::Recurrence;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A reader of five plain fields of its own: lists, ranges, steps, names, 7 for Sunday, `+` for both days.
struct Oracle {
    minutes: [bool; 60],
    hours: [bool; 24],
    days: [bool; 32],
    months: [bool; 13],
    weekdays: [bool; 7],
    /// Whether either day may match: both fields are set, and nothing says "both".
    either: bool,
    /// Wall-clock times: each once.
    fixed: bool,
}

fn number(word: &str, names: &[&str], first: usize) -> usize {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(word)).map(|place| place + first);
    named.unwrap_or_else(|| word.parse().unwrap_or_else(|_| panic!("{word:?} is no number")))
}

fn set<const N: usize>(field: &str, low: usize, high: usize, names: &[&str]) -> [bool; N] {
    let mut found = [false; N];
    for item in field.split(',') {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (from, to) = match (range, range.split_once('-')) {
            ("*" | "?", _) => (low, high),
            (_, Some((a, b))) => (number(a, names, low), number(b, names, low)),
            (one, None) => (number(one, names, low), number(one, names, low)),
        };
        for value in (from..=to).step_by(step.parse().unwrap()) {
            // Only the day of week goes one beyond: 7 is Sunday, too.
            found[if value == N { 0 } else { value }] = true;
        }
    }
    found
}

impl Oracle {
    fn new(pattern: &str) -> Self {
        let fields: Vec<&str> = pattern.split(' ').collect();
        let both = fields[4].starts_with('+');
        let is_set = |field: &str| field != "*" && field != "?";
        Self {
            minutes: set(fields[0], 0, 59, &[]),
            hours: set(fields[1], 0, 23, &[]),
            days: set(fields[2], 1, 31, &[]),
            months: set(fields[3], 1, 12, &MONTHS),
            weekdays: set(fields[4].trim_start_matches('+'), 0, 6, &DAYS),
            either: is_set(fields[2]) && is_set(fields[4]) && !both,
            fixed: !fields[0].contains(['*', '/']) && !fields[1].contains(['*', '/']),
        }
    }
    fn on(&self, day: NaiveDate) -> bool {
        if !self.months[day.month() as usize] {
            return false;
        }
        let (dom, dow) = (self.days[day.day() as usize], self.weekdays[day.weekday().num_days_from_sunday() as usize]);
        if self.either { dom || dow } else { dom && dow }
    }
    fn at(&self, wall: NaiveDateTime) -> bool {
        self.minutes[wall.minute() as usize] && self.hours[wall.hour() as usize] && self.on(wall.date())
    }
    fn walk(&self, clock: &[(DateTime<Utc>, NaiveDateTime)]) -> Vec<DateTime<Utc>> {
        let minute = Duration::minutes(1);
        let mut fires = Vec::new();
        let mut high = clock[0].1 - minute;
        for &(at, wall) in clock {
            let fire = if self.fixed {
                // Every minute of the wall clock that was passed since its highest reading; in a gap these are many.
                let mut passed = high + minute;
                let mut fire = false;
                while passed <= wall && !fire {
                    fire = self.at(passed);
                    passed += minute;
                }
                fire
            } else {
                self.at(wall)
            };
            if fire {
                fires.push(at);
            }
            high = high.max(wall);
        }
        fires
    }
}

/// What the clock on the wall shows, minute by minute.
fn wall_clock(tz: Tz, from: DateTime<Utc>, days: i64) -> Vec<(DateTime<Utc>, NaiveDateTime)> {
    let minutes = (0..days * 1440).map(|m| from + Duration::minutes(m));
    minutes.map(|at| (at, tz.from_utc_datetime(&at.naive_utc()).naive_local())).collect()
}

fn start_of(year: i32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN).and_utc()
}

/// The instants between two years at which the offset changes, found by halving.
fn changes(tz: Tz, from: i32, to: i32) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| {
        let wall = tz.from_utc_datetime(&at.naive_utc()).naive_local();
        wall - at.naive_utc()
    };
    let mut found = Vec::new();
    let mut day = start_of(from);
    while day < start_of(to) {
        let next = day + Duration::days(1);
        if offset(day) != offset(next) {
            let (mut before, mut after) = (day, next);
            while after - before > Duration::minutes(1) {
                let middle = before + Duration::minutes((after - before).num_minutes() / 2);
                if offset(middle) == offset(day) { before = middle } else { after = middle }
            }
            found.push(after);
        }
        day = next;
    }
    found
}

/// The program and the oracle must agree on every instant of the clock's span, also when asked from the middle of it.
fn compare(pattern: &str, tz: Tz, clock: &[(DateTime<Utc>, NaiveDateTime)]) {
    let recurrence = match Recurrence::parse(pattern, tz) {
        Ok(recurrence) => recurrence,
        Err(error) => {
            assert_eq!(error.code(), "recurrence.too_often", "{pattern}: {error}");
            return;
        }
    };
    let oracle = Oracle::new(pattern);
    assert_eq!(recurrence.local_times_are_unique(), oracle.fixed, "{pattern}");
    let expected = oracle.walk(clock);
    let (start, end) = (clock[0].0 - Duration::minutes(1), clock[clock.len() - 1].0);
    let found: Vec<_> = recurrence.after(start).map(|o| o.at).take_while(|at| *at <= end).collect();
    if found != expected {
        let missing: Vec<_> = expected.iter().filter(|at| !found.contains(at)).take(5).collect();
        let surplus: Vec<_> = found.iter().filter(|at| !expected.contains(at)).take(5).collect();
        panic!("{pattern} in {tz} from {start}: missing {missing:?}, surplus {surplus:?}");
    }
    for (i, at) in expected.iter().enumerate().step_by(1 + expected.len() / 4) {
        assert_eq!(
            recurrence.next_after(*at).map(|o| o.at).filter(|next| *next <= end),
            expected.get(i + 1).copied(),
            "{pattern} {tz}"
        );
        let mut early = recurrence.clone().ending(Some(*at));
        assert_eq!(early.after(start).last().map(|o| o.at), Some(*at), "{pattern} {tz}: it ends with its end");
        early = recurrence.clone().ending(Some(*at - Duration::seconds(1)));
        assert_eq!(early.after(start).count(), i, "{pattern} {tz}: it ends before what is later");
    }
    for occurrence in recurrence.after(start).take_while(|o| o.at <= end) {
        assert_eq!(tz.from_utc_datetime(&occurrence.at.naive_utc()).naive_local(), occurrence.local, "{pattern} {tz}");
    }
}

/// One item of a field: a value, a range, a range with a step.
fn item(low: u32, high: u32) -> impl Strategy<Value = String> {
    let range = move || (low..=high, low..=high).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        4 => (low..=high).prop_map(|a| a.to_string()),
        2 => range().prop_map(|(a, b)| format!("{a}-{b}")),
        1 => (range(), 2..=9u32).prop_map(|((a, b), step)| format!("{a}-{b}/{step}")),
    ]
}

fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        1 => (2..=(high / 2).max(2)).prop_map(|step| format!("*/{step}")),
        4 => prop::collection::vec(item(low, high), 1..=3).prop_map(|items| items.join(",")),
    ]
}

/// Minutes that are a quarter of an hour apart at least, or most patterns would be refused.
fn minute() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..60u32).prop_map(|m| m.to_string()),
        1 => (15..30u32).prop_map(|step| format!("*/{step}")),
        1 => (0..20u32, 20..40u32).prop_map(|(a, step)| format!("{a}-59/{step}")),
        1 => (0..15u32, 15..20u32).prop_map(|(a, gap)| format!("{a},{},{}", a + gap, a + 2 * gap)),
    ]
}

fn hour() -> impl Strategy<Value = String> {
    // The small hours are where clocks change.
    prop_oneof![3 => (0..4u32).prop_map(|h| h.to_string()), 1 => Just("23,0-3".to_owned()), 4 => field(0, 23)]
}

fn month() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just("*".to_owned()),
        3 => field(1, 12),
        1 => (0..11usize, 0..12usize).prop_map(|(a, b)| format!("{}-{}", MONTHS[a.min(b)], MONTHS[a.max(b)].to_lowercase())),
    ]
}

fn weekday() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => Just("*".to_owned()),
        3 => field(0, 6),
        1 => (0..=7u32).prop_map(|d| d.to_string()),
        1 => (1..7usize, 1..7usize).prop_map(|(a, b)| format!("{}-{}", DAYS[a.min(b)].to_lowercase(), DAYS[a.max(b)])),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let day =
        prop_oneof![3 => Just("*".to_owned()), 2 => field(1, 31), 1 => Just("29-31".to_owned()), 1 => Just("1,15".to_owned())];
    (minute(), hour(), day, month(), weekday(), prop::bool::weighted(0.2)).prop_map(
        |(minute, hour, day, month, weekday, both)| {
            let both = if both && weekday != "*" && day != "*" { "+" } else { "" };
            format!("{minute} {hour} {day} {month} {both}{weekday}")
        },
    )
}

/// `n` patterns of this seed, always the same ones.
fn patterns(seed: u8, n: usize) -> Vec<String> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..n).map(|_| pattern().new_tree(&mut runner).expect("a pattern").current()).collect()
}

/// Zones and years where something happens: half-hour shifts, gaps at midnight, the southern hemisphere, Ramadan, offsets that changed for
/// good, days left out, leap years.
const PLACES: [(Tz, i32, i32); 22] = [
    (Tz::Asia__Jakarta, 2026, 2027),
    (Tz::Asia__Jayapura, 2028, 2029),
    (Tz::Australia__Lord_Howe, 2025, 2027),
    (Tz::America__Sao_Paulo, 2017, 2020),
    (Tz::Africa__Cairo, 2023, 2026),
    (Tz::Asia__Beirut, 2022, 2025),
    (Tz::America__Santiago, 2022, 2025),
    (Tz::Pacific__Auckland, 2024, 2026),
    (Tz::Pacific__Apia, 2011, 2013),
    (Tz::Asia__Pyongyang, 2015, 2019),
    (Tz::America__St_Johns, 2009, 2012),
    (Tz::America__Havana, 2024, 2026),
    (Tz::Antarctica__Troll, 2024, 2026),
    (Tz::Africa__Casablanca, 2024, 2027),
    (Tz::Asia__Tehran, 2021, 2023),
    (Tz::Asia__Gaza, 2023, 2027),
    (Tz::Pacific__Kiritimati, 1994, 1996),
    (Tz::America__Caracas, 2007, 2017),
    (Tz::Asia__Kathmandu, 1985, 1987),
    (Tz::America__Nuuk, 2023, 2025),
    (Tz::Europe__Dublin, 2024, 2026),
    (Tz::America__New_York, 2024, 2029),
];

/// Days looked at around each change.
const AROUND: i64 = 5;

fn around_each_change(tz: Tz, (from, to): (i32, i32), patterns: &[String]) -> usize {
    let found = changes(tz, from, to);
    for at in &found {
        let clock = wall_clock(tz, *at - Duration::days(AROUND / 2) - Duration::minutes(at.timestamp() / 60 % 1440), AROUND);
        patterns.iter().for_each(|pattern| compare(pattern, tz, &clock));
    }
    found.len()
}

#[test]
fn equals_brute_force_around_every_change_of_the_clock() {
    let patterns = patterns(1, 60);
    let mut seen = 0;
    for (tz, from, to) in PLACES {
        let n = around_each_change(tz, (from, to), &patterns);
        assert!(n > 0 || tz.name().starts_with("Asia/Ja"), "nothing happens in {tz}");
        seen += n;
    }
    assert!(seen > 80, "{seen} changes");
}

#[test]
fn equals_brute_force_over_whole_years() {
    for ((tz, from, _), seed) in PLACES.into_iter().zip(2..) {
        let clock = wall_clock(tz, start_of(from), 366);
        patterns(seed, 5).iter().for_each(|pattern| compare(pattern, tz, &clock));
    }
}

#[test]
fn equals_brute_force_over_leap_years_and_a_century_that_has_none() {
    // 2000 was a leap year; days are what differs, so one zone without changes will do, and one with.
    for tz in [Tz::Asia__Jakarta, Tz::Europe__Berlin] {
        let clock = wall_clock(tz, start_of(1999), 366 + 366);
        for pattern in ["0 9 29 2 *", "0 9 29 * +1", "30 0 29-31 2,3 *", "0 12 1,15 * 5", "0 6 */10 * *", "0 6 31 * 0"] {
            compare(pattern, tz, &clock);
        }
    }
}

#[test]
fn the_patterns_are_the_same_each_time_and_of_every_sort() {
    let drawn = patterns(1, 400);
    assert_eq!(drawn, patterns(1, 400));
    assert_ne!(drawn, patterns(2, 400));
    let read: Vec<_> = drawn.iter().filter_map(|p| Recurrence::parse(p, Tz::UTC).ok()).collect();
    assert!(read.len() > 200, "{} of 400 are accepted", read.len());
    assert!(read.iter().any(Recurrence::local_times_are_unique) && !read.iter().all(Recurrence::local_times_are_unique));
    for sort in ['+', '/', '-', ','] {
        assert!(read.iter().any(|r| r.pattern().contains(sort)), "{sort}");
    }
    // The oracle itself can tell: a pattern an hour off is found out.
    let clock = wall_clock(Tz::Europe__Berlin, start_of(2026), 120);
    assert_ne!(Oracle::new("30 2 * * *").walk(&clock), Oracle::new("30 3 * * *").walk(&clock));
}

/// Every zone there is, around every change since 1973 (the last year in which a zone kept odd seconds), and a year of each.
#[test]
#[ignore = "takes minutes: cargo test --release --test suite recurrence_oracle -- --ignored --nocapture"]
fn equals_brute_force_in_every_zone() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let windows = std::sync::atomic::AtomicUsize::new(0);
    let order = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((n, tz)) = Some(next.fetch_add(1, order)).and_then(|n| Some((n, *chrono_tz::TZ_VARIANTS.get(n)?)))
                {
                    let mut drawn = patterns(u8::try_from(n % 251).unwrap(), 12);
                    drawn.push("30 2,14 * * *".into());
                    drawn.push("0,30 0,1,23 * * *".into());
                    windows.fetch_add(around_each_change(tz, (1973, 2038), &drawn), order);
                    let clock = wall_clock(tz, start_of(1990 + i32::try_from(n % 40).unwrap()), 366);
                    drawn.iter().take(3).for_each(|pattern| compare(pattern, tz, &clock));
                }
            });
        }
    });
    println!("{} zones, {} changes, 14 patterns around each", chrono_tz::TZ_VARIANTS.len(), windows.load(order));
}
