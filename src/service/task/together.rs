//! Many completions in one transaction, a statement a kind of row. Only what is plain goes this way: an open assignment, nothing on file
//! for it, nothing wrong with what was said. Whatever else there is to say is said by the way that each goes alone.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::TimeDelta;

use super::complete::{self, Completed, Evidence};
use super::press::Press;
use crate::domain::actor::Actor;
use crate::domain::assignment::{EvidenceLevel, check_open, is_suspected_automation};
use crate::domain::id::{AssignmentId, TaskId};
use crate::service::ServiceError;
use crate::store::completion::{self, CompletionRow};
use crate::store::done_counts::{self, DoneCounts};
use crate::store::task_sheet::{self, TaskSheet};
use crate::store::{Tx, assignment, outbox};

/// What a batch writes.
#[derive(Default)]
struct Batch {
    rows: Vec<CompletionRow>,
    /// The posts given as evidence so far.
    posts: HashSet<String>,
    counts: DoneCounts,
    /// Whether what a task points at may be pointed at.
    targets: HashMap<TaskId, bool>,
}

/// Completes what is plain; says for each press what is on file now, or nothing where it was left as it was.
///
/// # Errors
/// The database's failure, or that of a rule which only the database knows: then nothing was changed.
pub(super) fn complete_all(
    tx: &mut Tx<'_>,
    presses: &[&Press],
    threshold: TimeDelta,
) -> Result<Vec<Option<Completed>>, ServiceError> {
    tx.without_entry("none of these completions was plain");
    let ids: Vec<AssignmentId> = presses.iter().map(|press| press.link.id).collect::<BTreeSet<_>>().into_iter().collect();
    let mut sheets: HashMap<AssignmentId, TaskSheet> =
        task_sheet::lock_open(tx, &ids)?.into_iter().map(|sheet| (sheet.id, sheet)).collect();
    let mut batch = Batch::default();
    let mut completed = Vec::with_capacity(presses.len());
    for press in presses {
        // Taken out: a second press of the same button is looked at alone, and finds the first one's completion.
        completed.push(match sheets.remove(&press.link.id) {
            Some(sheet) => batch.take(tx, press, &sheet, threshold)?,
            None => None,
        });
    }
    batch.write(tx)?;
    Ok(completed)
}

impl Batch {
    /// Takes a press in, if it is plain.
    fn take(
        &mut self,
        tx: &mut Tx<'_>,
        press: &Press,
        sheet: &TaskSheet,
        threshold: TimeDelta,
    ) -> Result<Option<Completed>, ServiceError> {
        let suspected = threshold > TimeDelta::zero() && is_suspected_automation(press.made_at, tx.now, threshold);
        if suspected || !press.link.opens(sheet) || check_open(sheet.state, sheet.expires_at.0, tx.now).is_err() {
            return Ok(None);
        }
        let Ok(evidence) = complete::examine(sheet, &press.done) else { return Ok(None) };
        let row = complete::new_row(tx, sheet, &press.done, &evidence, false);
        if complete::enters_register(sheet, &row) || row.url_key.as_ref().is_some_and(|key| !self.posts.insert(key.clone())) {
            return Ok(None);
        }
        let may_point = match self.targets.get(&sheet.task_id) {
            Some(known) => *known,
            None => {
                let found = complete::check_not_blocked(tx.conn, sheet).is_ok();
                self.targets.insert(sheet.task_id, found);
                found
            }
        };
        if !may_point {
            return Ok(None);
        }
        self.count(tx, sheet, &row, &evidence);
        self.rows.push(row.clone());
        Ok(Some(row.into()))
    }

    fn count(&mut self, tx: &mut Tx<'_>, sheet: &TaskSheet, row: &CompletionRow, evidence: &Evidence) {
        let by = Actor::Member { subject_ref: sheet.subject_ref.clone() };
        tx.record(complete::done_entry(sheet, row, evidence).by(by));
        let moved = self.counts.waves.entry(sheet.wave_id).or_default();
        moved.done += 1;
        moved.linked += i64::from(row.level == EvidenceLevel::Linked);
        *self.counts.units.entry((sheet.wave_id, sheet.unit_id)).or_default() += 1;
    }

    /// Writes it all: completions, assignments, mails that are not needed any more, counters.
    fn write(mut self, tx: &mut Tx<'_>) -> Result<(), ServiceError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let ids: Vec<AssignmentId> = self.rows.iter().map(|row| row.assignment_id).collect();
        completion::insert_all(tx, &self.rows)?;
        assignment::finish_all(tx, &ids)?;
        for (wave_id, cancelled) in outbox::cancel_for_assignments(tx, &ids)? {
            self.counts.waves.entry(wave_id).or_default().mail_cancelled += cancelled;
        }
        Ok(done_counts::add(tx, &self.counts)?)
    }
}
