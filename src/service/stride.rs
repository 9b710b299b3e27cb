//! How much goes into one transaction: as much as fits into a given time, learned from what went before.

use std::time::Duration;

/// The size of the next chunk, after how long the last one took.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Stride {
    next: u32,
    least: u32,
    most: u32,
    aim: Duration,
}

impl Stride {
    /// Begins with `first`; never takes more than `most`, nor less than `least` where that is more.
    pub fn new(first: u32, (least, most): (u32, u32), aim: Duration) -> Self {
        Self { next: first.min(most), least, most, aim }
    }
    /// How many the next chunk takes in.
    pub const fn next(self) -> u32 {
        self.next
    }
    /// Whether the next chunk is as large as any.
    pub const fn is_widest(self) -> bool {
        self.next >= self.most
    }
    /// Learns how long so many took: the next chunk is at most twice, at least half as large as this one was to be.
    pub fn learn(&mut self, many: u32, took: Duration) {
        let fits = self.aim.as_micros() / (took.as_micros() / u128::from(many.max(1))).max(1);
        let fits = u32::try_from(fits).unwrap_or(u32::MAX);
        self.next = fits.clamp(self.next / 2, self.next.saturating_mul(2)).max(self.least).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_follows_the_time_it_takes() {
        let mut stride = Stride::new(1_000, (500, 20_000), Duration::from_millis(30));
        assert_eq!(stride.next(), 1_000);
        stride.learn(stride.next(), Duration::from_millis(5));
        assert_eq!(stride.next(), 2_000);
        stride.learn(stride.next(), Duration::from_millis(30));
        assert_eq!(stride.next(), 2_000);
        stride.learn(stride.next(), Duration::from_secs(5));
        assert_eq!(stride.next(), 1_000);
        for _ in 0..9 {
            stride.learn(stride.next(), Duration::from_secs(5));
        }
        assert_eq!(stride.next(), 500);
        for _ in 0..20 {
            stride.learn(stride.next(), Duration::ZERO);
        }
        assert_eq!(stride.next(), 20_000);
    }

    #[test]
    fn a_chunk_that_was_not_full_tells_as_much() {
        let mut stride = Stride::new(64, (16, 200), Duration::from_millis(20));
        stride.learn(8, Duration::from_millis(1));
        assert_eq!((stride.next(), stride.is_widest()), (128, false));
        stride.learn(100, Duration::from_millis(5));
        assert_eq!((stride.next(), stride.is_widest()), (200, true));
        for _ in 0..5 {
            stride.learn(3, Duration::from_millis(10));
        }
        assert_eq!(stride.next(), 16);
    }

    #[test]
    fn what_an_operator_set_is_never_exceeded() {
        let mut stride = Stride::new(1_000, (500, 3), Duration::from_millis(250));
        assert_eq!(stride.next(), 3);
        stride.learn(stride.next(), Duration::ZERO);
        assert_eq!(stride.next(), 3);
        stride.learn(stride.next(), Duration::from_secs(9));
        assert_eq!(stride.next(), 3);
    }
}
