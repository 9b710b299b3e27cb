//! Work for all cores of the machine: the results come in order.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::ledger::verify::Many;

/// As many threads as the machine runs at once.
#[derive(Debug, Clone, Copy)]
pub struct Threads(usize);

impl Threads {
    /// For this machine.
    pub fn of_this_machine() -> Self {
        Self(thread::available_parallelism().map_or(1, NonZero::get))
    }
}

impl Threads {
    /// How many.
    pub const fn count(self) -> usize {
        self.0
    }
}

impl Many for Threads {
    fn each<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(count));
        let run = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return;
                }
                let result = work(at);
                done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, result));
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.0.min(count) {
                scope.spawn(run);
            }
            run();
        });
        let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        done.sort_unstable_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whoever_is_first() {
        let slow_first = |at: usize| {
            thread::sleep(std::time::Duration::from_millis(if at == 0 { 20 } else { 0 }));
            at * 2
        };
        assert_eq!(Threads(4).each(50, slow_first), (0..50).map(|at| at * 2).collect::<Vec<_>>());
        assert_eq!(Threads(4).each(0, slow_first), Vec::<usize>::new());
    }
}
