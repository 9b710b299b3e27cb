//! How many people one transaction of an opening wave takes in: as many as fit into the time for which others may be kept waiting.

use std::time::Duration;

/// SQLite has one writer: whoever presses *Done* waits for the chunk that is being written.
const BESIDE_ONE_WRITER: Duration = Duration::from_millis(30);
/// On PostgreSQL only a pause of the campaign waits, and who writes to the same wave.
const BESIDE_MANY: Duration = Duration::from_millis(250);
/// What the first chunk takes in.
const FIRST: u32 = 1_000;
/// Where a chunk costs more than its rows.
const LEAST: u32 = 500;

/// The size of the next chunk, after how long the last one took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stride {
    next: u32,
    most: u32,
    aim: Duration,
}

impl Stride {
    /// Begins small; never takes more than `most`.
    pub fn new(one_writer: bool, most: u32) -> Self {
        Self { next: FIRST.min(most), most, aim: if one_writer { BESIDE_ONE_WRITER } else { BESIDE_MANY } }
    }
    /// People in the next chunk.
    pub const fn next(self) -> u32 {
        self.next
    }
    /// Learns how long a chunk of that size took: the next one is at most twice, at least half as large.
    pub fn learn(&mut self, took: Duration) {
        let fits = self.aim.as_micros() / (took.as_micros() / u128::from(self.next.max(1))).max(1);
        let fits = u32::try_from(fits).unwrap_or(u32::MAX);
        self.next = fits.clamp(self.next / 2, self.next.saturating_mul(2)).max(LEAST).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_follows_the_time_it_takes() {
        let mut stride = Stride::new(true, 20_000);
        assert_eq!(stride.next(), 1_000);
        stride.learn(Duration::from_millis(5));
        assert_eq!(stride.next(), 2_000);
        stride.learn(Duration::from_millis(30));
        assert_eq!(stride.next(), 2_000);
        stride.learn(Duration::from_secs(5));
        assert_eq!(stride.next(), 1_000);
        for _ in 0..9 {
            stride.learn(Duration::from_secs(5));
        }
        assert_eq!(stride.next(), 500);
        for _ in 0..20 {
            stride.learn(Duration::ZERO);
        }
        assert_eq!(stride.next(), 20_000);
    }

    #[test]
    fn what_an_operator_set_is_never_exceeded() {
        let mut stride = Stride::new(false, 3);
        assert_eq!(stride.next(), 3);
        stride.learn(Duration::ZERO);
        assert_eq!(stride.next(), 3);
        stride.learn(Duration::from_secs(9));
        assert_eq!(stride.next(), 3);
    }
}
