//! How fast mail goes to one destination: a rate, and a ramp for a sender that the destination does not know yet.

use chrono::{DateTime, TimeDelta, Utc};

/// A day, over which a ramp's step is spread.
const DAY: TimeDelta = TimeDelta::days(1);

/// The time between two mails to one destination; none: as fast as it goes. `per_minute` of 0 is no limit. `warm_up` says how many mails
/// a day a destination gets on its first day, its second, and so on; after the last one only the rate counts.
#[must_use]
pub fn interval(per_minute: u32, warm_up: &[u32], known_since: DateTime<Utc>, now: DateTime<Utc>) -> Option<TimeDelta> {
    let rate = (per_minute > 0).then(|| TimeDelta::minutes(1) / i32::try_from(per_minute).unwrap_or(i32::MAX));
    let day = usize::try_from((now - known_since).num_days().max(0)).unwrap_or(usize::MAX);
    let ramp = warm_up.get(day).map(|n| DAY / i32::try_from(*n).unwrap_or(i32::MAX).max(1));
    // The slower of the two.
    rate.max(ramp)
}

/// The slots of `count` mails that come after `next_slot`: when each may leave, and when the one after them may.
#[must_use]
pub fn slots(
    next_slot: DateTime<Utc>,
    now: DateTime<Utc>,
    interval: TimeDelta,
    count: usize,
) -> (Vec<DateTime<Utc>>, DateTime<Utc>) {
    let mut next = next_slot.max(now);
    let mut slots = Vec::with_capacity(count);
    for _ in 0..count {
        slots.push(next);
        next += interval;
    }
    (slots, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap_or_default()
    }

    #[test]
    fn the_slower_of_rate_and_ramp_counts_and_the_ramp_ends() {
        let day = 24 * 3_600;
        let interval = |per_minute, warm_up: &[u32], days: i64| {
            interval(per_minute, warm_up, at(0), at(days * day + 5)).map(|i| i.num_milliseconds())
        };
        assert_eq!(interval(0, &[], 0), None);
        assert_eq!(interval(60, &[], 0), Some(1_000));
        assert_eq!(interval(60, &[100, 200], 0), Some(864_000));
        assert_eq!(interval(60, &[100, 200], 1), Some(432_000));
        assert_eq!(interval(60, &[100, 200], 2), Some(1_000));
        assert_eq!(interval(1, &[1_000_000], 0), Some(60_000), "a ramp never makes faster");
        assert_eq!(interval(0, &[0], 0), Some(day * 1_000), "no day is without any mail");
    }

    #[test]
    fn slots_follow_each_other_and_none_lies_in_the_past() {
        let (found, next) = slots(at(-100), at(0), TimeDelta::seconds(10), 3);
        assert_eq!((found, next), (vec![at(0), at(10), at(20)], at(30)));
        let (found, _) = slots(at(30), at(5), TimeDelta::seconds(10), 2);
        assert_eq!(found, [at(30), at(40)]);
    }
}
