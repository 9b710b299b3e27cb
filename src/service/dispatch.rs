//! A scheduled dispatch: due waves open, chunk by chunk; deadlines pass; reminders go out; campaigns finish. Each sweep can run
//! any number of times, on any number of replicas, and changes nothing that was done.

mod close;
mod open;
pub(super) mod target;

pub use close::{close_due_waves, finish_campaigns, plan_reminders};
pub use open::{fill_opening_waves, hold_waiting_in_vain, open_due_waves};

use crate::service::ServiceError;
use crate::store::StoreError;

/// How many rows of its kind one run of a sweep takes on at most; the next beat goes on.
const WAVES_A_SWEEP: i64 = 50;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Things moved on.
    pub done: u64,
    /// Things that failed; each was logged, none stopped the sweep.
    pub failed: u64,
}

impl Progress {
    /// Whether nothing happened.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        self.done == 0 && self.failed == 0
    }
}

impl std::ops::Add for Progress {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl std::ops::AddAssign for Progress {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.failed += other.failed;
    }
}

/// One item's result in a sweep: another replica's work is no failure, and one bad item never stops the rest.
fn tally<T>(progress: &mut Progress, what: &str, result: Result<T, ServiceError>, done: impl FnOnce(&T) -> u64) {
    match result {
        Ok(value) => progress.done += done(&value),
        Err(ServiceError::Conflict(_)) => tracing::debug!(what, "somebody else did it"),
        Err(error) => {
            progress.failed += 1;
            tracing::error!(what, %error, cause = ?error, "an item of a sweep failed");
        }
    }
}

/// Stale in a sweep means that another replica was faster.
fn raced<T>(result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Stale) => Ok(None),
        Err(error) => Err(error),
    }
}
