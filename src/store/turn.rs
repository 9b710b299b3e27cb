//! Who writes next where only one may: in the order of asking. A sweep that writes chunk after chunk would else come back to the
//! writer before anybody who waits for it wakes up.

use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The queue before the one writer.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    taken: bool,
    waiting: VecDeque<SyncSender<()>>,
}

/// The turn; its end calls the next.
#[derive(Debug)]
pub(super) struct Taken(Turn);

impl Turn {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // What it guards is whole at every step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn, this long at most.
    pub fn take(&self, patience: Duration) -> Option<Taken> {
        let called = {
            let mut queue = self.queue();
            if !queue.taken {
                queue.taken = true;
                return Some(Taken(self.clone()));
            }
            let (call, called) = sync_channel(1);
            queue.waiting.push_back(call);
            called
        };
        if called.recv_timeout(patience).is_ok() {
            return Some(Taken(self.clone()));
        }
        // Whoever ends a turn calls under this lock: either the call is there by now, or it never comes.
        let queue = self.queue();
        let late = called.try_recv().is_ok();
        drop(called);
        drop(queue);
        late.then(|| Taken(self.clone()))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        while let Some(next) = queue.waiting.pop_front() {
            // One that gave up does not hear it.
            if next.try_send(()).is_ok() {
                return;
            }
        }
        queue.taken = false;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn one_at_a_time_in_the_order_of_asking() {
        let turn = Turn::default();
        let first = turn.take(LONG).unwrap();
        let came = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..5)
            .map(|n| {
                let (waits, came) = (turn.clone(), Arc::clone(&came));
                let thread = std::thread::spawn(move || {
                    let taken = waits.take(LONG).unwrap();
                    assert_eq!(came.fetch_add(1, Ordering::SeqCst), n);
                    drop(taken);
                });
                while turn.queue().waiting.len() <= n {
                    std::thread::yield_now();
                }
                thread
            })
            .collect();
        assert_eq!(came.load(Ordering::SeqCst), 0);
        drop(first);
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(!turn.queue().taken);
    }

    #[test]
    fn who_gives_up_is_passed_over() {
        let turn = Turn::default();
        let first = turn.take(LONG).unwrap();
        assert!(turn.take(Duration::ZERO).is_none());
        drop(first);
        assert!(turn.take(Duration::ZERO).is_some());
        assert!(turn.take(Duration::ZERO).is_some());
    }
}
