//! The facts behind a batch of mails, read at once; where one row makes no sense, it stands alone and the others go on.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::id::{AssignmentId, MailId, TaskId};
use crate::domain::outbox::MailKind;
use crate::store::correction::{self, CorrectionFacts};
use crate::store::delivery::{self, AssignmentFacts, TaskFacts};
use crate::store::outbox::{Claimed, digest};
use crate::store::{Conn, StoreError};

/// What a batch's mails are about: read at once, and where a row makes no sense, without it.
pub(super) struct Facts {
    people: HashMap<AssignmentId, AssignmentFacts>,
    tasks: HashMap<TaskId, TaskFacts>,
    corrections: HashMap<AssignmentId, CorrectionFacts>,
    /// When the mails were made, of those that leave at one time of the day.
    made: HashMap<MailId, DateTime<Utc>>,
    /// Why a row could not be read.
    unreadable: HashMap<uuid::Uuid, String>,
}

impl Facts {
    /// Reads them.
    pub fn of(conn: &mut Conn, claimed: &[Claimed]) -> Result<Self, StoreError> {
        let ids: Vec<AssignmentId> = claimed.iter().filter_map(|c| c.assignment_id).collect();
        let mut unreadable = HashMap::new();
        let mut people = Vec::with_capacity(ids.len());
        match delivery::assignments(conn, &ids) {
            // One row that makes no sense must not take the others down: each is read by itself.
            Err(StoreError::Inconsistent(_)) => {
                for id in ids {
                    let found = legible(delivery::assignments(conn, &[id]))?;
                    people.extend(found.unwrap_or_else(|why| {
                        unreadable.insert(id.uuid(), why);
                        Vec::new()
                    }));
                }
            }
            found => people = found?,
        }
        let people: HashMap<AssignmentId, AssignmentFacts> = people.into_iter().map(|f| (f.id, f)).collect();
        let mut tasks = HashMap::new();
        for id in people.values().map(|f| f.task_id) {
            if tasks.contains_key(&id) || unreadable.contains_key(&id.uuid()) {
                continue;
            }
            match legible(delivery::task(conn, id))? {
                Ok(task) => drop(tasks.insert(id, task)),
                Err(why) => drop(unreadable.insert(id.uuid(), why)),
            }
        }
        let asked = claimed.iter().filter(|c| c.kind == MailKind::Correction).filter_map(|c| c.assignment_id).collect::<Vec<_>>();
        let corrections = correction::facts(conn, &asked)?.into_iter().map(|f| (f.assignment_id, f)).collect();
        let daily = |claimed: &&Claimed| {
            claimed.assignment_id.and_then(|id| people.get(&id)).is_some_and(|person| person.digest_at.is_some())
        };
        let daily: Vec<MailId> = claimed.iter().filter(daily).map(|claimed| claimed.id).collect();
        let made = digest::made_at(conn, &daily)?;
        Ok(Self { people, tasks, corrections, made, unreadable })
    }

    /// When a mail was made; where that does not matter, `now`.
    pub fn made(&self, claimed: &Claimed, now: DateTime<Utc>) -> DateTime<Utc> {
        self.made.get(&claimed.id).copied().unwrap_or(now)
    }

    /// What the mail corrects.
    pub fn correction(&self, claimed: &Claimed) -> Result<&CorrectionFacts, String> {
        let found = claimed.assignment_id.and_then(|id| self.corrections.get(&id));
        found.ok_or_else(|| "the correction is no longer there".to_owned())
    }

    /// The mail's person and task, or why it can't be told of them.
    pub fn get(&self, claimed: &Claimed) -> Result<(&AssignmentFacts, &TaskFacts), String> {
        let id = claimed.assignment_id.ok_or("the assignment is no longer there")?;
        let because = |id: uuid::Uuid, what: &str| {
            self.unreadable.get(&id).cloned().unwrap_or_else(|| format!("{what} is no longer there"))
        };
        let person = self.people.get(&id).ok_or_else(|| because(id.uuid(), "the assignment"))?;
        let task = self.tasks.get(&person.task_id).ok_or_else(|| because(person.task_id.uuid(), "the task"))?;
        Ok((person, task))
    }
}

/// Tells a row that is gone, or makes no sense, from a database that fails.
pub(super) fn legible<T>(read: Result<T, StoreError>) -> Result<Result<T, String>, StoreError> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(StoreError::Missing(what)) => Ok(Err(format!("{what} is no longer there"))),
        Err(StoreError::Inconsistent(why)) => Ok(Err(format!("what is stored makes no sense: {why}"))),
        Err(error) => Err(error),
    }
}
