//! How busy the database's connections are: who waits for one, and for how long writes wait until they may begin.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A shorter wait is none.
const NO_WAIT: Duration = Duration::from_millis(1);

/// What is counted of one pool. Cheap to clone: clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Load(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    waiting: AtomicU64,
    waits: AtomicU64,
    wait_us: AtomicU64,
    refusals: AtomicU64,
    lock_waits: AtomicU64,
    lock_wait_us: AtomicU64,
    entries: AtomicU64,
}

/// Somebody waits for a connection.
pub(super) struct Waiting<'a> {
    counts: &'a Counts,
    since: Instant,
}

impl Load {
    /// Somebody asks for a connection.
    pub fn ask(&self) -> Waiting<'_> {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting { counts: &self.0, since: Instant::now() }
    }
    /// None came in time.
    pub fn refused(&self) {
        self.0.refusals.fetch_add(1, Ordering::Relaxed);
    }
    /// A write began that was asked for at `since`.
    pub fn began(&self, since: Instant) {
        note(&self.0.lock_waits, &self.0.lock_wait_us, since.elapsed());
    }
    /// A write was committed with so many log entries.
    pub fn appended(&self, entries: u64) {
        self.0.entries.fetch_add(entries, Ordering::Relaxed);
    }
    /// What was counted so far.
    pub fn told(&self, (connections, idle): (u32, u32)) -> PoolLoad {
        let counts = &self.0;
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        PoolLoad {
            connections,
            in_use: connections.saturating_sub(idle),
            waiting: get(&counts.waiting),
            waits: get(&counts.waits),
            wait_ms: get(&counts.wait_us) / 1_000,
            refusals: get(&counts.refusals),
            lock_waits: get(&counts.lock_waits),
            lock_wait_ms: get(&counts.lock_wait_us) / 1_000,
            entries: get(&counts.entries),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        note(&self.counts.waits, &self.counts.wait_us, self.since.elapsed());
    }
}

fn note(waits: &AtomicU64, wait_us: &AtomicU64, waited: Duration) {
    if waited >= NO_WAIT {
        waits.fetch_add(1, Ordering::Relaxed);
        wait_us.fetch_add(u64::try_from(waited.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// How busy one pool is and was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolLoad {
    /// Connections.
    pub connections: u32,
    /// Those in use.
    pub in_use: u32,
    /// Threads that wait for one now.
    pub waiting: u64,
    /// How often somebody waited.
    pub waits: u64,
    /// For how long in all.
    pub wait_ms: u64,
    /// How often none came in time.
    pub refusals: u64,
    /// How often a write waited until it could begin, for a connection or for SQLite's lock.
    pub lock_waits: u64,
    /// For how long in all.
    pub lock_wait_ms: u64,
    /// Log entries that were committed.
    pub entries: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_counted_while_they_last_and_after() {
        let load = Load::default();
        let waiting = load.ask();
        assert_eq!(load.told((1, 1)).waiting, 1);
        std::thread::sleep(Duration::from_millis(3));
        drop(waiting);
        drop(load.ask());
        let told = load.told((4, 1));
        assert_eq!((told.waiting, told.waits, told.in_use), (0, 1, 3), "{told:?}");
        assert!(told.wait_ms >= 3, "{told:?}");
    }
}
