//! Everybody's *Done* through one door: what comes in while one transaction is being committed goes into the next one together, so that
//! a thousand presses a second wait for the disk a few dozen times, and the wave's counters are touched once for all of them.
//!
//! Alone or together, each press is answered after the commit that holds it, and by what became of it alone.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::complete::{self, Completed, Done};
use super::link::TaskLink;
use super::together;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::service::ServiceError;
use crate::store::{Manner, StoreError};

/// Presses in one transaction.
const TOGETHER: usize = 100;
/// Transactions side by side on PostgreSQL: one that must wait for a row does not hold everybody up. More would only be smaller, and
/// wait for each other at the wave's counters.
const SIDE_BY_SIDE: usize = 2;

/// Somebody pressed *Done*.
#[derive(Debug, Clone)]
pub(super) struct Press {
    pub link: TaskLink,
    /// When the form was handed out.
    pub made_at: DateTime<Utc>,
    pub done: Done,
}

#[derive(Debug)]
struct Waiting {
    press: Press,
    answer: oneshot::Sender<Result<Completed, ServiceError>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many threads work it off; each stays until nothing waits.
    threads: usize,
}

/// The presses that wait for their transaction.
#[derive(Debug, Default)]
pub struct Presses(Mutex<Queue>);

impl Presses {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that may panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a press; returns when it is committed or refused.
    pub(super) async fn add(app: &App, press: Press) -> Result<Completed, ServiceError> {
        let (answer, answered) = oneshot::channel();
        let most = if app.db.is_sqlite() { 1 } else { SIDE_BY_SIDE };
        let one_more = {
            let mut queue = app.presses.queue();
            queue.waiting.push_back(Waiting { press, answer });
            let one_more = queue.threads < most;
            queue.threads += usize::from(one_more);
            one_more
        };
        if one_more {
            // A thread and no task: who waits for an answer may go away, the others' presses must not go with them.
            let app = app.clone();
            tokio::task::spawn_blocking(move || work_off(&app));
        }
        answered.await.map_err(|_| StoreError::Inconsistent("a completion ended abnormally".into()))?
    }

    /// The next presses; where none wait, the thread that asks is over.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        let many = queue.waiting.len().min(TOGETHER);
        if many == 0 {
            queue.threads -= 1;
            return None;
        }
        Some(queue.waiting.drain(..many).collect())
    }
}

fn work_off(app: &App) {
    while let Some(waiting) = app.presses.next() {
        // Whoever's press panics is answered by the loss of their channel; the others' go on.
        if catch_unwind(AssertUnwindSafe(|| settle(app, waiting))).is_err() {
            tracing::error!("completions ended abnormally");
        }
    }
}

/// Commits presses, together as far as they can be, and answers them.
fn settle(app: &App, waiting: Vec<Waiting>) {
    let threshold = complete::threshold(app);
    let alone = if waiting.len() > 1 { settle_together(app, waiting) } else { waiting };
    for Waiting { press, answer } in alone {
        let result = app.db.write_blocking_in(Manner::by_index(), Actor::System, |tx| complete::one(tx, &press, threshold));
        // Nobody may be left to hear it; the completion is on file.
        let _ = answer.send(result);
    }
}

/// Commits what is plain in one transaction and answers it; gives back what must be looked at alone.
fn settle_together(app: &App, waiting: Vec<Waiting>) -> Vec<Waiting> {
    let threshold = complete::threshold(app);
    let presses: Vec<&Press> = waiting.iter().map(|one| &one.press).collect();
    match app.db.write_blocking_in(Manner::by_index(), Actor::System, |tx| together::complete_all(tx, &presses, threshold)) {
        Ok(completed) => {
            let mut alone = Vec::new();
            for (one, completed) in waiting.into_iter().zip(completed) {
                match completed {
                    Some(completed) => drop(one.answer.send(Ok(completed))),
                    None => alone.push(one),
                }
            }
            alone
        }
        Err(error) => {
            tracing::debug!(%error, presses = waiting.len(), "not together, so one by one");
            waiting
        }
    }
}
