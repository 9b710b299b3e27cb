//! PostgreSQL: where the next claim begins to look. What was taken stays in the index of what waits until the table is cleaned up; a claim
//! that began at the beginning would go through all of it, a million entries where a million mails went out since then.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::waiting::Place;

/// How long what falls due behind the front, of a campaign that goes on for instance, waits for a look from the beginning at most. While
/// nothing else is due it does not wait at all.
const LOOK_BACK: Duration = Duration::from_secs(1);

/// How far the claims of this process have come, in the order in which mails fall due. A hint and no more: where it is wrong, a mail waits
/// for the next look from the beginning.
#[derive(Debug)]
pub struct Front {
    look_back: Duration,
    pending: Mutex<Option<Known>>,
    deferred: Mutex<Option<Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    /// When all before `last` was looked at.
    looked: Instant,
    /// The last that was taken.
    last: Place,
}

/// Which of the two queues.
#[derive(Debug, Clone, Copy)]
pub(super) enum Queue {
    Pending,
    Deferred,
}

impl Default for Front {
    fn default() -> Self {
        Self::looking_back_every(LOOK_BACK)
    }
}

impl Front {
    /// One that looks from the beginning so often.
    #[must_use]
    pub const fn looking_back_every(look_back: Duration) -> Self {
        Self { look_back, pending: Mutex::new(None), deferred: Mutex::new(None) }
    }

    fn queue(&self, queue: Queue) -> MutexGuard<'_, Option<Known>> {
        let known = match queue {
            Queue::Pending => &self.pending,
            Queue::Deferred => &self.deferred,
        };
        // Nothing that may panic runs under the lock.
        known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From where to look; none: from the beginning.
    pub(super) fn start(&self, queue: Queue) -> Option<Place> {
        self.queue(queue).filter(|known| known.looked.elapsed() < self.look_back).map(|known| known.last)
    }

    /// Notes how far a claim came that began to look at `start`; `last` is the last that it took, none where there was not enough for it.
    pub(super) fn came(&self, queue: Queue, start: Option<Place>, last: Option<Place>) {
        let mut known = self.queue(queue);
        match (start, last) {
            (_, None) => *known = None,
            (None, Some(last)) => *known = Some(Known { looked: Instant::now(), last }),
            (Some(start), Some(last)) => {
                // Whoever looked from the beginning meanwhile may have found something before this: that stays known.
                if let Some(known) = known.as_mut().filter(|known| known.last == start) {
                    known.last = last;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::id::MailId;

    fn place(second: i64) -> Place {
        (DateTime::from_timestamp(second, 0).unwrap(), MailId::new())
    }

    #[test]
    fn it_moves_on_with_each_claim_and_is_forgotten_where_nothing_is_left() {
        let front = Front::looking_back_every(Duration::from_secs(60));
        assert_eq!(front.start(Queue::Pending), None);
        let (first, second) = (place(1), place(2));
        front.came(Queue::Pending, None, Some(first));
        front.came(Queue::Pending, Some(first), Some(second));
        assert_eq!((front.start(Queue::Pending), front.start(Queue::Deferred)), (Some(second), None));
        front.came(Queue::Pending, Some(second), None);
        assert_eq!(front.start(Queue::Pending), None);
    }

    #[test]
    fn what_a_look_from_the_beginning_found_is_not_passed_by_who_began_before_it() {
        let front = Front::looking_back_every(Duration::from_secs(60));
        let (far, behind, farther) = (place(100), place(1), place(101));
        front.came(Queue::Pending, None, Some(far));
        front.came(Queue::Pending, None, Some(behind));
        front.came(Queue::Pending, Some(far), Some(farther));
        assert_eq!(front.start(Queue::Pending), Some(behind));
    }
}
