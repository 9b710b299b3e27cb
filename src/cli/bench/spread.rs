//! How long single things took: the middle and the slow end.

use std::time::Duration;

use serde::Serialize;

/// Durations, each kept to the microsecond.
#[derive(Debug, Clone, Default)]
pub(super) struct Stopwatch(Vec<u32>);

impl Stopwatch {
    /// Notes one.
    pub fn note(&mut self, took: Duration) {
        self.0.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }
    /// Takes another's in.
    pub fn add(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }
    /// How many were noted.
    pub fn count(&self) -> usize {
        self.0.len()
    }
    /// The middle and the slow end.
    pub fn spread(mut self) -> Spread {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        // The smallest that at least so many of a thousand do not exceed.
        let at = |share: usize| self.0.get((self.0.len() * share).div_ceil(1_000).saturating_sub(1).min(last));
        let ms = |us: Option<&u32>| us.map_or(0.0, |us| f64::from(*us) / 1_000.0);
        Spread { p50_ms: ms(at(500)), p95_ms: ms(at(950)), p99_ms: ms(at(990)), max_ms: ms(self.0.last()) }
    }
}

/// Milliseconds that so many of a hundred did not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Spread {
    /// Half of them.
    pub p50_ms: f64,
    /// 95.
    pub p95_ms: f64,
    /// 99.
    pub p99_ms: f64,
    /// All.
    pub max_ms: f64,
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms", self.p50_ms, self.p99_ms, self.max_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_end_is_seen() {
        let (mut one, mut other) = (Stopwatch::default(), Stopwatch::default());
        for _ in 0..98 {
            one.note(Duration::from_millis(1));
        }
        other.note(Duration::from_millis(50));
        other.note(Duration::from_millis(60));
        one.add(other);
        assert_eq!(one.count(), 100);
        assert_eq!(one.spread(), Spread { p50_ms: 1.0, p95_ms: 1.0, p99_ms: 50.0, max_ms: 60.0 });
        assert_eq!(Stopwatch::default().spread(), Spread { p50_ms: 0.0, p95_ms: 0.0, p99_ms: 0.0, max_ms: 0.0 });
    }
}
