//! The one place that reads the time. Everyone else is given an instant, so that tests and the demonstration drive it by hand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Says what time it is, in UTC, cut to whole microseconds: what both databases can store without loss.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
    /// How far the machine's clock has jumped ahead of [`Clock::now`], behind below zero; zero while the two agree.
    fn jumped(&self) -> TimeDelta {
        TimeDelta::zero()
    }
    /// Takes the machine's clock for the truth, however far it jumped.
    fn adopt(&self) {}
}

/// A clock that many parts of the service share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock as it is at this moment; it may jump.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else must use")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock is corrected by less than this without anybody noticing; more is a jump.
const JUMP_US: i64 = 10_000_000;
/// Two looks at the counter around one at the clock; further apart, something held us up between them.
const HELD_UP_US: i64 = 1_000_000;

/// The machine's clock without its jumps: it follows corrections, and after a jump goes on by what the monotonic clock counts until
/// the new time is [adopted](Clock::adopt). So nobody who looked at the time and found it right does tomorrow's work a moment later.
#[derive(Debug)]
pub struct SteadyClock {
    counted_from: Instant,
    /// The machine's clock less the counter, in microseconds, as it was believed last.
    apart_us: AtomicI64,
}

impl SteadyClock {
    /// Begins with what the machine's clock says now.
    #[must_use]
    pub fn shared() -> SharedClock {
        let clock = Self { counted_from: Instant::now(), apart_us: AtomicI64::new(0) };
        clock.adopt();
        Arc::new(clock)
    }
    /// The machine's clock and the counter at one moment, in microseconds.
    fn look(&self) -> (i64, i64) {
        let count = || i64::try_from(self.counted_from.elapsed().as_micros()).unwrap_or(i64::MAX);
        loop {
            let before = count();
            let machine = SystemClock.now().timestamp_micros();
            // Whoever is stopped between the two would take the pause for a jump.
            if count() - before < HELD_UP_US {
                return (machine, before);
            }
        }
    }
}

/// The time to give out, and how far the machine's clock is ahead of it where that is a jump.
const fn steady(machine: i64, counted: i64, apart: i64) -> (i64, i64) {
    let ahead = machine.saturating_sub(counted.saturating_add(apart));
    if ahead.saturating_abs() <= JUMP_US { (machine, 0) } else { (machine - ahead, ahead) }
}

impl Clock for SteadyClock {
    fn now(&self) -> DateTime<Utc> {
        let (machine, counted) = self.look();
        let (now, ahead) = steady(machine, counted, self.apart_us.load(Ordering::Relaxed));
        if ahead == 0 {
            self.apart_us.store(machine - counted, Ordering::Relaxed);
        }
        DateTime::from_timestamp_micros(now).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
    fn jumped(&self) -> TimeDelta {
        let (machine, counted) = self.look();
        TimeDelta::microseconds(steady(machine, counted, self.apart_us.load(Ordering::Relaxed)).1)
    }
    fn adopt(&self) {
        let (machine, counted) = self.look();
        self.apart_us.store(machine - counted, Ordering::Relaxed);
    }
}

/// A clock that stands still until it is told to move. Clones show the same time.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }
    /// Moves to `at`, forwards or backwards.
    pub fn set(&self, at: DateTime<Utc>) {
        self.0.store(at.timestamp_micros(), Ordering::SeqCst);
    }
    /// Moves on by `by`, which may be negative, and says what time it is then.
    pub fn advance(&self, by: TimeDelta) -> DateTime<Utc> {
        let by_us = by.num_microseconds().unwrap_or(i64::MAX);
        let step = |us: i64| Some(us.saturating_add(by_us));
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step);
        self.now()
    }
    /// This clock, ready to be shared; the original keeps control of it.
    #[must_use]
    pub fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        // Out of chrono's range only after absurd steps: then the clock stays at the end of time rather than failing.
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManualClock({})", self.now().to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_system_clock_has_no_nanoseconds() {
        let now = SystemClock.now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
        assert!(now > DateTime::from_timestamp(1_700_000_000, 0).unwrap());
    }

    #[test]
    fn a_steady_clock_follows_corrections_and_counts_on_after_a_jump() {
        let (s, day) = (1_000_000, 86_400_000_000);
        // The counter began when the clock stood at 500 s.
        let apart = 500 * s;
        assert_eq!(steady(503 * s, 3 * s, apart), (503 * s, 0));
        for correction in [-10 * s, -1, 1, 10 * s] {
            assert_eq!(steady(503 * s + correction, 3 * s, apart), (503 * s + correction, 0), "followed: {correction}");
        }
        for jump in [-day, -10 * s - 1, 10 * s + 1, day] {
            assert_eq!(steady(503 * s + jump, 3 * s, apart), (503 * s, jump), "counted on: {jump}");
        }
    }

    #[test]
    fn a_steady_clock_believes_a_new_time_when_it_is_told_to() {
        let clock = SteadyClock { counted_from: Instant::now(), apart_us: AtomicI64::new(0) };
        // It believes to be in 1970: for it the machine's clock has jumped.
        let ahead = clock.jumped();
        assert!(ahead > TimeDelta::days(10_000), "{ahead}");
        assert_eq!((clock.now() - DateTime::UNIX_EPOCH).num_days(), 0);
        clock.adopt();
        assert_eq!(clock.jumped(), TimeDelta::zero());
        assert!((SystemClock.now() - clock.now()).abs() < TimeDelta::seconds(5));
    }

    #[test]
    fn a_manual_clock_moves_only_when_told_and_its_clones_move_with_it() {
        let start = DateTime::from_timestamp_nanos(1_800_000_000_123_456_789);
        let clock = ManualClock::at(start);
        let shared = clock.shared();
        assert_eq!(shared.now(), start.trunc_subsecs(6));
        assert_eq!(shared.now(), shared.now());
        clock.advance(TimeDelta::hours(2));
        assert_eq!(shared.now(), start.trunc_subsecs(6) + TimeDelta::hours(2));
        clock.set(start - TimeDelta::days(1));
        assert_eq!(shared.now(), (start - TimeDelta::days(1)).trunc_subsecs(6));
        clock.advance(TimeDelta::MAX);
        assert_eq!(shared.now(), DateTime::<Utc>::MAX_UTC);
    }
}
