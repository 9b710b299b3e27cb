//! Verifying an export: signatures, every entry, every hash, the root, what was signed before, receipts, witnesses, and the domain's rules.
//! It reads from front to back with flat memory and asks nothing of a network or a database.

pub mod answers;
mod bundle;
pub mod event;
mod ids;
mod known;
mod report;
pub mod rules;
mod walk;

use super::checkpoint::{BadCheckpoint, Checkpoint};
use super::export::{ExportError, Reader, Source};
use super::note::{Signed, VerifierKey};

pub use bundle::{Examined, Wrong, examine};
pub use report::{Contradiction, Fault, Report, Verdict};

/// What whoever verifies brings along.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The log's keys, as known from elsewhere. None: those in the export are taken, and that is said.
    pub keys: Vec<VerifierKey>,
    /// Checkpoints that were kept: a name for each, and its bytes.
    pub checkpoints: Vec<(String, Vec<u8>)>,
    /// Receipts (`.tlog-proof`): a name for each, and its bytes.
    pub proofs: Vec<(String, Vec<u8>)>,
    /// Witnesses that must have cosigned.
    pub witnesses: Vec<VerifierKey>,
}

/// Why nothing can be said about an export: exit code 3.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The export.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// No key was given, and the export names none.
    #[error("no key was given (--vkey), and the export names none")]
    NoKey,
    /// Something that was brought along is not what it should be.
    #[error("{name}: {why}")]
    Given {
        /// Which.
        name: String,
        /// Why.
        why: String,
    },
}

/// Does work many times over, in whatever way is fastest; the results come in order.
pub trait Many: Sync {
    /// Does `work` for every number from 0 to `count` (exclusive).
    fn each<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T>;
}

/// One after the other.
#[derive(Debug, Clone, Copy)]
pub struct InTurn;

impl Many for InTurn {
    fn each<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        (0..count).map(work).collect()
    }
}

/// Verifies an export. `progress` is told how many entries were read so far, now and then.
///
/// # Errors
/// [`Unreadable`] where nothing can be said. What was found wrong is in the report, and no error.
pub fn verify<S: Source + Sync>(
    source: S,
    given: &Given,
    many: &impl Many,
    progress: &dyn Fn(u64),
) -> Result<Report, Unreadable> {
    let reader = match Reader::open(source) {
        Err(ExportError::Checkpoint { path, why }) => return Ok(Report::garbled(&path, &why.to_string())),
        other => other?,
    };
    let mut report = Report::of(reader.checkpoint());
    let own = match reader.keys() {
        Ok(own) => own,
        Err(ExportError::Key { path, why }) => {
            report.fault(None, format!("{path}: {why}"));
            Vec::new()
        }
        Err(other) => return Err(other.into()),
    };
    report.own_keys_only = given.keys.is_empty();
    let keys = if given.keys.is_empty() { own } else { given.keys.clone() };
    if keys.is_empty() && report.faults.is_empty() {
        return Err(Unreadable::NoKey);
    }
    let trusted = Trusted { origin: reader.checkpoint().origin.clone(), keys, witnesses: given.witnesses.clone() };
    match trusted.open(&reader.note().to_bytes()) {
        Ok((_, signed)) => report.signed_by = signed.iter().map(|signed| signed.by.to_string()).collect(),
        Err(why) => report.fault(None, format!("checkpoint: {why}")),
    }
    let known = known::Known::gather(&reader, &trusted, given, &mut report)?;
    let walked = walk::walk(&reader, &known, many, progress, &mut report)?;
    known.judge(&walked, &trusted, &mut report);
    Ok(report)
}

/// Whose signatures count.
pub(crate) struct Trusted {
    origin: String,
    keys: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
}

impl Trusted {
    /// A checkpoint of this log by one of its keys, with who signed it.
    fn open(&self, bytes: &[u8]) -> Result<(Checkpoint, Vec<Signed<'_>>), BadCheckpoint> {
        Checkpoint::open(bytes, &self.origin, &self.keys)
    }
}
