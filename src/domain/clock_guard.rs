//! Whether a machine's clock can be trusted with what is planned: it has not jumped, and it agrees with the database's.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How far a replica's clock may be off the database's, which all replicas share.
const OFF: TimeDelta = TimeDelta::seconds(30);
/// A jump stays the same one while its size changes by less.
const SAME: TimeDelta = TimeDelta::seconds(10);

/// What becomes of that which is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It happens.
    Trusted,
    /// It happens by the time that is counted on: the machine's clock jumped, and the database's shows that it was right before.
    Counted {
        /// How far it jumped: forwards, or backwards below zero.
        by: TimeDelta,
    },
    /// The machine's clock is to be believed anew; then it happens.
    Adopt,
    /// Nothing of it happens: the clock jumped, and has not stayed there for long enough to be believed.
    Jumped {
        /// Forwards, or backwards below zero.
        by: TimeDelta,
    },
    /// Nothing of it happens: the machine's clock is so far ahead of the database's, behind below zero.
    Off {
        /// How far.
        by: TimeDelta,
    },
}

/// Judges the clock, look by look.
#[derive(Debug)]
pub struct ClockGuard {
    settle: Duration,
    jumped: Option<(TimeDelta, Duration)>,
}

impl ClockGuard {
    /// A jump is believed when the clock has stayed there for `settle`.
    #[must_use]
    pub const fn new(settle: Duration) -> Self {
        Self { settle, jumped: None }
    }

    /// `now` and `jumped` are what a [`crate::clock::Clock`] says, `running` comes from one that only counts, `shared` is the database's
    /// time where it has its own.
    pub fn look(&mut self, now: DateTime<Utc>, jumped: TimeDelta, running: Duration, shared: Option<DateTime<Utc>>) -> Verdict {
        // A clock that all replicas share decides at once; one machine's alone is given time.
        if let Some(shared) = shared {
            self.jumped = None;
            let is_near = |time: DateTime<Utc>| (time - shared).abs() <= OFF;
            return match (is_near(now), jumped.is_zero()) {
                (true, true) => Verdict::Trusted,
                (true, false) => Verdict::Counted { by: jumped },
                (false, false) if is_near(now + jumped) => Verdict::Adopt,
                (false, _) => Verdict::Off { by: now + jumped - shared },
            };
        }
        if jumped.is_zero() {
            self.jumped = None;
            return Verdict::Trusted;
        }
        match self.jumped {
            Some((by, at)) if (jumped - by).abs() <= SAME => {
                if running.saturating_sub(at) < self.settle {
                    return Verdict::Jumped { by };
                }
                self.jumped = None;
                Verdict::Adopt
            }
            _ => {
                self.jumped = Some((jumped, running));
                Verdict::Jumped { by: jumped }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Adopt, Counted, Jumped, Off, Trusted};
    use super::*;

    const DAY: TimeDelta = TimeDelta::days(1);
    const NONE: TimeDelta = TimeDelta::zero();

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + seconds)
    }
    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn after_a_jump_nothing_happens_until_it_is_put_right_or_has_stayed() {
        let mut guard = ClockGuard::new(s(120));
        assert_eq!(guard.look(at(0), NONE, s(0), None), Trusted);
        assert_eq!(guard.look(at(1), DAY, s(1), None), Jumped { by: DAY });
        assert_eq!(guard.look(at(60), DAY, s(60), None), Jumped { by: DAY });
        // Put right.
        assert_eq!(guard.look(at(61), NONE, s(61), None), Trusted);
        // Again, and it stays, corrected a little.
        let near = DAY + TimeDelta::seconds(10);
        assert_eq!(guard.look(at(62), DAY, s(62), None), Jumped { by: DAY });
        assert_eq!(guard.look(at(181), near, s(181), None), Jumped { by: DAY });
        assert_eq!(guard.look(at(182), near, s(182), None), Adopt);
    }

    #[test]
    fn a_jump_to_somewhere_else_begins_anew() {
        let mut guard = ClockGuard::new(s(120));
        let hour = TimeDelta::hours(-1);
        assert_eq!(guard.look(at(0), DAY, s(0), None), Jumped { by: DAY });
        assert_eq!(guard.look(at(119), hour, s(119), None), Jumped { by: hour });
        assert_eq!(guard.look(at(200), hour, s(200), None), Jumped { by: hour });
        assert_eq!(guard.look(at(239), hour, s(239), None), Adopt);
    }

    #[test]
    fn the_databases_time_says_which_of_the_two_is_right() {
        let mut guard = ClockGuard::new(s(1));
        for n in 0..10_u32 {
            let (now, running) = (at(i64::from(n) * 100), s(u64::from(n) * 100));
            assert_eq!(guard.look(now, NONE, running, Some(now + TimeDelta::seconds(30))), Trusted);
            // It was right before it jumped.
            assert_eq!(guard.look(now, DAY, running, Some(now)), Counted { by: DAY });
            // It was wrong, and was put right.
            assert_eq!(guard.look(now, DAY, running, Some(now + DAY)), Adopt);
            // It is wrong, however evenly it runs.
            let by = TimeDelta::seconds(31);
            assert_eq!(guard.look(now, NONE, running, Some(now - by)), Off { by });
            assert_eq!(guard.look(now, NONE, running, Some(now + by)), Off { by: -by });
            assert_eq!(guard.look(now, DAY, running, Some(now - DAY)), Off { by: DAY + DAY });
        }
    }
}
