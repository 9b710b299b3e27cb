//! The log against the database: every sealed entry's row still makes the leaf that was sealed, every checkpoint is of this tree, every
//! completion has its entry, and every entry of a completion its row.

use std::ops::ControlFlow;

use serde::Serialize;

use super::key;
use super::recheck::compare;
use crate::app::App;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::tree::Frontier;
use crate::store::StoreError;
use crate::store::seal::{self, LogRow, Unmatched};

/// Entries of one read.
const ENTRIES: u64 = 2_048;
/// Checkpoints of one read.
const CHECKPOINTS: i64 = 1_000;

/// The first thing that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The log's name; none where it is about an entry that is not sealed.
    pub log: Option<String>,
    /// The entry's index in it, or the checkpoint's size; none where there is none.
    pub index: Option<u64>,
    /// What does not agree.
    pub what: String,
}

/// What was compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Sealed entries whose rows were read.
    pub entries: u64,
    /// Checkpoints that were opened and compared with the tree.
    pub checkpoints: u64,
    /// The first that does not agree; none where all do.
    pub finding: Option<Finding>,
}

/// Compares everything, log by log; memory stays flat. Blocks. `tell` hears how many entries of how many were read, and may stop it.
///
/// # Errors
/// The database's failure.
pub fn reconcile(app: &App, mut tell: impl FnMut(u64, u64) -> ControlFlow<()>) -> Result<Reconciled, StoreError> {
    let logs = app.db.read_blocking(seal::logs)?;
    let all: u64 = logs.iter().map(|log| u64::try_from(log.size).unwrap_or_default()).sum();
    let mut done = Reconciled::default();
    for log in &logs {
        one_log(app, log, &mut done, &mut |read| tell(read, all))?;
        if done.finding.is_some() {
            return Ok(done);
        }
    }
    done.finding = app.db.read_blocking(seal::unmatched)?.map(|unmatched| told(&logs, &unmatched));
    if done.finding.is_none() {
        let misnamed = app.db.read_blocking(seal::misnamed)?;
        let what = "its actor's kind in the database is not the one that the actor's reference belongs to".to_owned();
        done.finding = misnamed.map(|row| Finding { what, ..told(&logs, &row) });
    }
    Ok(done)
}

fn one_log(
    app: &App,
    log: &LogRow,
    done: &mut Reconciled,
    tell: &mut impl FnMut(u64) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let found = |index: u64, what: String| Some(Finding { log: Some(log.origin.clone()), index: Some(index), what });
    let size = u64::try_from(log.size).unwrap_or_default();
    let mut tree = Frontier::new();
    let mut checkpoints = Checkpoints { after: 0, rows: Vec::new() };
    while tree.size() < size {
        if tell(done.entries).is_break() {
            return Err(StoreError::Busy);
        }
        // Up to the next checkpoint at most: its root is that of the tree as it then stands.
        let next = checkpoints.next(app, log)?;
        let end = size.min(tree.size() + ENTRIES).min(next.map_or(size, |(next, _)| next.max(tree.size() + 1)));
        let first = tree.size();
        if let Err((index, why)) = app.db.read_blocking(|conn| compare(conn, log, (first, end), &mut tree))? {
            done.finding = found(index, why);
            return Ok(());
        }
        done.entries += end - first;
        if let Some((at, note)) = checkpoints.take(tree.size()) {
            let known = app.db.read_blocking(seal::keys)?;
            let keys = key::verifiers(&log.origin, &known);
            let wrong = match Checkpoint::open(note.as_bytes(), &log.origin, &keys) {
                Ok((checkpoint, _)) if checkpoint.size == at && checkpoint.root == tree.root() => None,
                Ok(_) => Some("the checkpoint of this size is of another tree".to_owned()),
                Err(error) => Some(format!("the checkpoint of this size can't be believed: {error}")),
            };
            done.checkpoints += 1;
            if let Some(wrong) = wrong {
                done.finding = found(at, wrong);
                return Ok(());
            }
        }
    }
    if log.tree()?.root() != tree.root() {
        done.finding = found(size, "the tree's root as stored is not the one that its entries make".into());
    }
    Ok(())
}

/// A log's checkpoints by size, some at a time.
struct Checkpoints {
    after: i64,
    rows: Vec<(u64, String)>,
}

impl Checkpoints {
    /// The next one.
    fn next(&mut self, app: &App, log: &LogRow) -> Result<Option<(u64, &str)>, StoreError> {
        if self.rows.is_empty() {
            let rows = app.db.read_blocking(|conn| seal::checkpoints_after(conn, log.no, self.after, CHECKPOINTS))?;
            self.after = rows.last().map_or(i64::MAX, |row| row.size);
            self.rows = rows.into_iter().rev().map(|row| (u64::try_from(row.size).unwrap_or_default(), row.note)).collect();
        }
        Ok(self.rows.last().map(|(size, note)| (*size, note.as_str())))
    }
    /// The next one, if it is of this size.
    fn take(&mut self, size: u64) -> Option<(u64, String)> {
        self.rows.pop_if(|(next, _)| *next == size)
    }
}

/// What stands alone, in words.
fn told(logs: &[LogRow], unmatched: &Unmatched) -> Finding {
    let leaf = unmatched.leaf_index;
    let log = logs.iter().find(|log| leaf.is_some_and(|leaf| log.index_of(leaf).is_some()));
    let index = log.and_then(|log| u64::try_from(leaf? - log.first_leaf).ok());
    let what = match unmatched.entry {
        Some(entry) => format!("the entry {entry} tells of a completion that has no row"),
        None => format!("the completion {} has no entry in the log", unmatched.id),
    };
    Finding { log: log.map(|log| log.origin.clone()), index, what }
}
