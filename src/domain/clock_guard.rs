//! Whether a machine's clock can be trusted with what is planned: it runs evenly, and it agrees with the database's.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock is corrected by less than this without anybody noticing; more is a jump.
const JUMP: TimeDelta = TimeDelta::seconds(10);
/// How far a replica's clock may be off the database's, which all replicas share.
const OFF: TimeDelta = TimeDelta::seconds(30);

/// Why nothing that is planned may happen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It jumped by so much, and has not run evenly for long enough since.
    Jumped {
        /// Forwards, or backwards below zero.
        by: TimeDelta,
    },
    /// It is so far ahead of the database's; behind below zero.
    Off {
        /// How far.
        by: TimeDelta,
    },
}

/// Compares the clock with one that cannot be set, and with the database's.
#[derive(Debug)]
pub struct ClockGuard {
    settle: Duration,
    last: Option<(DateTime<Utc>, Duration)>,
    jumped: Option<(TimeDelta, Duration)>,
}

impl ClockGuard {
    /// After a jump the clock is trusted again when it has run evenly for `settle`.
    #[must_use]
    pub const fn new(settle: Duration) -> Self {
        Self { settle, last: None, jumped: None }
    }

    /// Looks at the clock: `now` by the clock, `running` by one that only counts, `shared` by the database's where it has its own.
    pub fn look(&mut self, now: DateTime<Utc>, running: Duration, shared: Option<DateTime<Utc>>) -> Option<Distrust> {
        if let Some((then, ran)) = self.last.replace((now, running)) {
            let passed = TimeDelta::from_std(running.saturating_sub(ran)).unwrap_or(TimeDelta::MAX);
            let by = (now - then).checked_sub(&passed).unwrap_or(TimeDelta::MAX);
            if by.abs() > JUMP {
                self.jumped = Some((by, running));
            }
        }
        // A clock that all replicas share decides at once; one machine's alone is given time.
        if let Some(by) = shared.map(|shared| now - shared).filter(|by| by.abs() > OFF) {
            return Some(Distrust::Off { by });
        }
        let (by, at) = self.jumped?;
        if running.saturating_sub(at) < self.settle {
            return Some(Distrust::Jumped { by });
        }
        self.jumped = None;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + seconds)
    }
    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_clock_that_runs_evenly_is_trusted_also_after_a_long_sleep_and_small_corrections() {
        let mut guard = ClockGuard::new(s(120));
        for (now, running) in [(0, 0), (1, 1), (3_600, 3_600), (3_605, 3_601), (3_598, 3_602)] {
            assert_eq!(guard.look(at(now), s(running), None), None, "{now}");
        }
    }

    #[test]
    fn after_a_jump_it_must_run_evenly_for_a_while() {
        let mut guard = ClockGuard::new(s(120));
        assert_eq!(guard.look(at(0), s(0), None), None);
        let day = TimeDelta::days(1);
        let ahead = Some(Distrust::Jumped { by: day });
        assert_eq!(guard.look(at(86_401), s(1), None), ahead);
        assert_eq!(guard.look(at(86_460), s(60), None), ahead);
        // Put right: the time begins anew.
        assert_eq!(guard.look(at(61), s(61), None), Some(Distrust::Jumped { by: -day }));
        assert_eq!(guard.look(at(180), s(180), None), Some(Distrust::Jumped { by: -day }));
        assert_eq!(guard.look(at(181), s(181), None), None);
        assert_eq!(guard.look(at(182), s(182), None), None);
        // A jump that stays is the new truth in the end.
        assert!(guard.look(at(3_782), s(183), None).is_some());
        assert_eq!(guard.look(at(3_902), s(303), None), None);
    }

    #[test]
    fn a_clock_that_differs_from_the_databases_is_not_trusted_however_evenly_it_runs() {
        let mut guard = ClockGuard::new(s(1));
        for n in 0..10_u32 {
            let now = at(i64::from(n) * 100);
            let by = TimeDelta::seconds(31);
            assert_eq!(guard.look(now, s(u64::from(n) * 100), Some(now - by)), Some(Distrust::Off { by }));
            assert_eq!(guard.look(now, s(u64::from(n) * 100), Some(now + by)), Some(Distrust::Off { by: -by }));
            assert_eq!(guard.look(now, s(u64::from(n) * 100), Some(now + TimeDelta::seconds(29))), None);
        }
    }
}
