//! How many mails a claim takes: fewer where a batch was not begun before its lease ran short, so that a worker that can't keep up does
//! not claim, put back and claim again what it never sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::OwnedSemaphorePermit;

use super::Lease;

/// What the next claim takes, of what the operator allows at most.
#[derive(Debug)]
pub(super) struct Share {
    next: AtomicU32,
    most: u32,
}

impl Share {
    /// Begins with as many as are allowed.
    pub fn new(most: u32) -> Arc<Self> {
        Arc::new(Self { next: AtomicU32::new(most), most })
    }
    /// For the next claim.
    pub fn next(&self) -> u32 {
        self.next.load(Ordering::Relaxed)
    }
    /// A batch was dealt with: half as many after one that was late, an eighth more after one that was in time.
    fn learn(&self, was_late: bool) {
        let next = |now: u32| if was_late { now / 2 } else { now.saturating_add(now.div_ceil(8)) };
        let _ = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(next(now).clamp(1, self.most.max(1))));
    }
}

/// A batch in a worker's hands: its place among the others and its lease. Dropped when its last mail has been dealt with.
#[derive(Debug)]
pub(super) struct Hold {
    pub lease: Lease,
    late: AtomicBool,
    share: Arc<Share>,
    _place: OwnedSemaphorePermit,
}

impl Hold {
    pub fn new(lease: Lease, share: &Arc<Share>, place: OwnedSemaphorePermit) -> Arc<Self> {
        Arc::new(Self { lease, late: AtomicBool::new(false), share: Arc::clone(share), _place: place })
    }
    /// One of its mails could not be begun in time.
    pub fn was_late(&self) {
        self.late.store(true, Ordering::Relaxed);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.share.learn(self.late.load(Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, Instant};

    use tokio::sync::Semaphore;

    use super::*;

    fn dealt_with(share: &Arc<Share>, late: usize) -> u32 {
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let hold = Hold::new(Lease { taken: Instant::now(), lasts: Duration::from_secs(1) }, share, place);
        (0..late).for_each(|_| hold.was_late());
        drop(hold);
        share.next()
    }

    #[test]
    fn a_late_batch_halves_what_is_claimed_and_batches_in_time_bring_it_back() {
        let share = Share::new(200);
        assert_eq!(dealt_with(&share, 0), 200);
        // However many of its mails were late.
        assert_eq!([dealt_with(&share, 1), dealt_with(&share, 99)], [100, 50]);
        assert_eq!([dealt_with(&share, 0), dealt_with(&share, 0)], [57, 65]);
        let least: Vec<u32> = (0..8).map(|_| dealt_with(&share, 1)).collect();
        assert_eq!(least.last(), Some(&1));
        let back = (0..60).map(|_| dealt_with(&share, 0)).position(|next| next == 200);
        assert_eq!(back, Some(31));
    }
}
