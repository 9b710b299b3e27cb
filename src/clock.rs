//! The one place that reads the time. Everyone else is given an instant, so that tests and the demonstration drive it by hand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Says what time it is, in UTC, cut to whole microseconds: what both databases can store without loss.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock that many parts of the service share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock. It may step; nothing that must be ordered relies on it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The system clock, ready to be shared.
    #[must_use]
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else must use")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
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
