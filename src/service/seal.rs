//! Sealing: entries are numbered into a Merkle tree (RFC 6962), and its size and root are signed as C2SP checkpoints, so that whoever kept
//! one can tell any later change.
//!
//! **Numbering** is one transaction with a compare-and-set on the tree's size: of two that number at once, one wins and the other begins
//! anew. **Signing** comes after it and decides nothing: of a tree of this size there is one root. Before a signature can be seen by
//! anybody it is written into a file outside the database ([`record`]); a database that knows less than that file, or another tree, is
//! never signed for.

mod batch;
pub mod export;
pub mod key;
pub mod mail;
pub mod proof;
mod recheck;
pub mod reconcile;
pub mod record;
pub mod restart;
pub mod serve;
mod sign;
pub mod status;
mod sweep;

pub use recheck::recheck;
pub use status::{Badge, Checkpoint, Status, status};
pub use sweep::{BUSY, sweep, why_not};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use record::Record;

use crate::ledger::tree::Frontier;
use crate::service::error::ServiceError;
use crate::store::seal::{LogRow, Tiles};
use crate::store::{Conn, StoreError, seal};

/// Why nothing is sealed here. Everything else goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// No key.
    #[error("this process has no key of the log: give it the file that ledger.key_file names, as the other replicas have it")]
    NoKey,
    /// Another key.
    #[error("the key in {0} is not the one that the log is signed with: give this replica the same file as the others")]
    OtherKey(String),
    /// The key's file.
    #[error("{0}")]
    BadKey(String),
    /// The record is gone, or was never here.
    #[error(
        "there is no record of what was signed last ({0}), but the database holds signed checkpoints: put the file back; on a new replica, \
         or where the newest checkpoint of the database is known to be the last that was signed, `gaung ledger adopt`"
    )]
    NoRecord(String),
    /// The record's file.
    #[error("the record of what was signed last can't be used: {0}")]
    BadRecord(String),
    /// The record tells of another log.
    #[error("the record tells of the log {recorded}, the database of {here}: one of them is not this installation's")]
    OtherLog {
        /// The record's origin.
        recorded: String,
        /// The database's.
        here: String,
    },
    /// The database is older than what was signed.
    #[error(
        "a tree of {recorded} entries was signed, and the database has {here}: it was restored from an older copy. Put a newer one in \
         place, or begin a new log with `gaung ledger restart`, which names the old one's last checkpoint"
    )]
    Behind {
        /// Entries in the tree that was signed last.
        recorded: u64,
        /// Entries in the database's tree.
        here: u64,
    },
    /// The database has another history.
    #[error(
        "the first {0} entries of the database's tree are not the {0} that were signed: it has another history. Put the right database in \
         place, or begin a new log with `gaung ledger restart`, which names the old one's last checkpoint"
    )]
    Forked(u64),
    /// An entry that has no leaf.
    #[error("the entry {0} can't be sealed: {1}")]
    BadEntry(uuid::Uuid, String),
    /// The tree as stored.
    #[error("the tree in the database contradicts itself: {0}")]
    BadTree(String),
}

impl Stop {
    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::OtherKey(_) => "other_key",
            Self::BadKey(_) => "bad_key",
            Self::NoRecord(_) => "no_record",
            Self::BadRecord(_) => "bad_record",
            Self::OtherLog { .. } => "other_log",
            Self::Behind { .. } => "behind",
            Self::Forked(_) => "forked",
            Self::BadEntry(..) => "bad_entry",
            Self::BadTree(_) => "bad_tree",
        }
    }
}

/// What ends a sweep early.
#[derive(Debug)]
enum Halt {
    /// Nothing is to be sealed.
    Stop(Stop),
    /// The database's failure.
    Store(StoreError),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}
impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
impl From<crate::fault::Injected> for Halt {
    fn from(asked: crate::fault::Injected) -> Self {
        Self::Store(asked.into())
    }
}

impl From<Halt> for ServiceError {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Stop(stop) => Self::Refused { code: stop.code(), message: stop.to_string() },
            Halt::Store(error) => error.into(),
        }
    }
}

/// Work with files, off the async threads.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, Stop> + Send + 'static) -> Result<T, Halt> {
    let ended = tokio::task::spawn_blocking(work).await;
    Ok(ended.map_err(|error| StoreError::Inconsistent(format!("sealing ended abnormally: {error}")))??)
}

/// What the last sweep of this process found, for whoever asks how sealing goes.
#[derive(Debug, Default)]
pub struct Sealing {
    stop: Mutex<Option<Stop>>,
    /// Whether key, record and database were found to fit since this process started.
    fits: AtomicBool,
}

impl Sealing {
    /// A sweep ended so.
    pub(crate) fn note(&self, stop: Option<Stop>) {
        let mut last = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != stop {
            match &stop {
                Some(stop) => tracing::error!(reason = stop.code(), "the log is not sealed: {stop}"),
                None => tracing::info!("the log is sealed again"),
            }
            *last = stop;
        }
    }
    /// Key, record and database fit.
    fn found_to_fit(&self) {
        self.fits.store(true, Ordering::Relaxed);
    }
    /// Whether they did when they were last looked at.
    fn fits(&self) -> bool {
        self.fits.load(Ordering::Relaxed) && self.stop().is_none()
    }
    /// Why nothing is sealed, where that is so.
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether the database's tree goes on from what was signed. `logs` are all logs of the database, the first first.
///
/// # Errors
/// [`Halt::Stop`] says why nothing may be signed.
fn judge(conn: &mut Conn, logs: &[LogRow], record: Option<&Record>, file: &str) -> Result<(), Halt> {
    let Some(log) = logs.last() else {
        // A database that sealed nothing yet is older than any record.
        return record.map_or(Ok(()), |record| Err(Stop::Behind { recorded: record.size(), here: 0 }.into()));
    };
    let Some(record) = record else {
        let signed = seal::latest(conn, log.no)?.is_some() || log.no > 1;
        return if signed { Err(Stop::NoRecord(file.to_owned()).into()) } else { Ok(()) };
    };
    if record.origin() != log.origin {
        // Another log took the recorded one's place: a person decided so.
        let ended = logs.iter().any(|log| log.ended_at.is_some() && log.origin == record.origin());
        let other = Stop::OtherLog { recorded: record.origin().to_owned(), here: log.origin.clone() };
        return if ended { Ok(()) } else { Err(other.into()) };
    }
    let here = u64::try_from(log.size).unwrap_or_default();
    if record.size() > here {
        return Err(Stop::Behind { recorded: record.size(), here }.into());
    }
    let root = if record.size() == here { log.tree().map(|tree| tree.root()) } else { root_at(conn, log, record.size()) };
    if root.map_err(batch::bad_tree)? == record.root() { Ok(()) } else { Err(Stop::Forked(record.size()).into()) }
}

/// The root of a log's first `size` leaves, from its tiles.
///
/// # Errors
/// [`StoreError::Inconsistent`] where a tile is missing; the database's failure.
fn root_at(conn: &mut Conn, log: &LogRow, size: u64) -> Result<[u8; 32], StoreError> {
    Ok(Frontier::of(&Tiles::of(conn, log.no), size)?.root())
}
