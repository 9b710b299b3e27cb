//! When mail to a destination, or of a campaign, must stop for a while: too many of the last ones were refused or put off.

use chrono::{DateTime, TimeDelta, Utc};

/// What became of some mails that were handed to the relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken.
    pub delivered: i64,
    /// Put off (4xx).
    pub deferred: i64,
    /// Refused for good (5xx, or a report that says so).
    pub refused: i64,
}

impl Tally {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.delivered + self.deferred + self.refused
    }
    /// Nothing happened.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.total() == 0
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.deferred += other.deferred;
        self.refused += other.refused;
    }
}

/// Why a campaign was paused by the service: so many of its last mails were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tripped {
    /// Refused for good.
    pub refused: i64,
    /// Of so many that were taken or refused.
    pub of: i64,
}

impl From<Tally> for Tripped {
    fn from(tally: Tally) -> Self {
        Self { refused: tally.refused, of: tally.delivered + tally.refused }
    }
}

/// The tally of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// What became of the mails since.
    pub tally: Tally,
}

impl Window {
    /// The window with `more` added; one that is older than `length` begins anew with them.
    #[must_use]
    pub fn with(self, more: Tally, now: DateTime<Utc>, length: TimeDelta) -> Self {
        // After a clock that was set back the window would last for ever.
        if now - self.began_at >= length || now < self.began_at {
            return Self { began_at: now, tally: more };
        }
        let mut tally = self.tally;
        tally += more;
        Self { tally, ..self }
    }
}

/// How much is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So many mails must have gone wrong, at least.
    pub least: i64,
    /// In percent of all mails of the window.
    pub percent: i64,
}

impl Limit {
    /// Whether a destination rests: what it put off counts like what it refused.
    #[must_use]
    pub const fn stops_destination(self, tally: Tally) -> bool {
        self.reached(tally.deferred + tally.refused, tally.total())
    }
    /// Whether a campaign stops: only refusals count, a destination's delays are not its fault.
    #[must_use]
    pub const fn stops_campaign(self, tally: Tally) -> bool {
        self.reached(tally.refused, tally.delivered + tally.refused)
    }
    const fn reached(self, bad: i64, all: i64) -> bool {
        bad >= self.least && bad * 100 >= self.percent * all
    }
}

/// How long a destination rests the `rests`-th time in a row (from 0): doubling from `first`, up to six hours.
#[must_use]
pub fn rest(rests: u32, first: TimeDelta) -> TimeDelta {
    let longest = TimeDelta::hours(6);
    first.checked_mul(1 << rests.min(10)).map_or(longest, |rest| rest.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).unwrap_or_default()
    }
    const fn tally(delivered: i64, deferred: i64, refused: i64) -> Tally {
        Tally { delivered, deferred, refused }
    }

    #[test]
    fn a_window_ends_and_begins_anew() {
        let length = TimeDelta::minutes(15);
        let window = Window { began_at: at(0), tally: tally(5, 0, 0) };
        assert_eq!(window.with(tally(0, 1, 0), at(14), length), Window { began_at: at(0), tally: tally(5, 1, 0) });
        assert_eq!(window.with(tally(0, 1, 0), at(15), length), Window { began_at: at(15), tally: tally(0, 1, 0) });
        assert_eq!(window.with(tally(0, 1, 0), at(-1), length).began_at, at(-1), "the clock was set back");
    }

    #[test]
    fn few_are_never_too_many_and_many_only_as_a_share() {
        let limit = Limit { least: 20, percent: 50 };
        assert!(!limit.stops_destination(tally(0, 10, 9)), "too few to tell");
        assert!(limit.stops_destination(tally(0, 10, 10)));
        assert!(limit.stops_destination(tally(20, 10, 10)));
        assert!(!limit.stops_destination(tally(21, 10, 10)));
        assert!(!limit.stops_campaign(tally(0, 500, 19)), "delays are not the campaign's fault");
        assert!(limit.stops_campaign(tally(20, 500, 20)));
    }

    #[test]
    fn rests_grow_to_six_hours() {
        let first = TimeDelta::minutes(15);
        let minutes: Vec<i64> = [0, 1, 2, 4, 5, 60].iter().map(|n| rest(*n, first).num_minutes()).collect();
        assert_eq!(minutes, [15, 30, 60, 240, 360, 360]);
    }
}
