//! What a witness is asked and what it answers, and when it may cosign: <https://c2sp.org/tlog-witness>, <https://c2sp.org/tlog-cosignature>.

use super::checkpoint::{BadCheckpoint, Checkpoint, NotACheckpoint};
use super::note::{Note, VerifierKey};
use super::text::{base64, decimal, hash_from_base64};
use super::tree::{Hash, NotProven, verify_consistency};

/// The most proof lines that a request may have.
const MOST_HASHES: usize = 63;

/// The body of `POST /add-checkpoint`: the size that the witness is thought to know, the proof from there, the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the older tree.
    pub old: u64,
    /// The consistency proof from the older tree to the checkpoint.
    pub hashes: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The note that it came in.
    pub note: Note,
}

/// A body that is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARequest {
    /// Its own lines.
    #[error("line {0} is not what a request to a witness has there")]
    Line(usize),
    /// The checkpoint within.
    #[error("its checkpoint: {0}")]
    Checkpoint(#[from] NotACheckpoint),
}

impl AddCheckpoint {
    /// The body for a checkpoint in its note.
    #[must_use]
    pub fn body(old: u64, hashes: &[Hash], note: &Note) -> Vec<u8> {
        let mut text = format!("old {old}\n");
        for hash in hashes {
            text.push_str(&base64(hash));
            text.push('\n');
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend(note.to_bytes());
        bytes
    }

    /// A request from its body.
    ///
    /// # Errors
    /// [`NotARequest`] names the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotARequest> {
        let text = std::str::from_utf8(bytes).map_err(|_| NotARequest::Line(1))?;
        let (first, mut rest) = text.split_once('\n').ok_or(NotARequest::Line(1))?;
        let old = first.strip_prefix("old ").and_then(decimal).ok_or(NotARequest::Line(1))?;
        let mut hashes = Vec::new();
        loop {
            let at = hashes.len() + 2;
            let (line, after) = rest.split_once('\n').ok_or(NotARequest::Line(at))?;
            rest = after;
            if line.is_empty() {
                break;
            }
            hashes.push(hash_from_base64(line).filter(|_| hashes.len() < MOST_HASHES).ok_or(NotARequest::Line(at))?);
        }
        let (checkpoint, note) = Checkpoint::parse(rest.as_bytes())?;
        Ok(Self { old, hashes, checkpoint, note })
    }
}

/// The tree that a witness cosigned last for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How many entries.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

/// Why a witness does not cosign. The status codes of its HTTP answers are in the specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: the older tree is larger than the newer.
    #[error("the older size is larger than the checkpoint's")]
    Backwards,
    /// 403: no trusted key signed it.
    #[error("the checkpoint is not to be believed: {0}")]
    Unbelieved(BadCheckpoint),
    /// 409: the witness knows another size than the request names.
    #[error("the last checkpoint cosigned here has {0} entries")]
    OtherSize(u64),
    /// 409: two roots for one size. The log shows different trees to different people.
    #[error("another root for the same {0} entries was cosigned here before: the log has been forked")]
    Fork(u64),
    /// 422: the proof does not hold.
    #[error("the proof of consistency does not hold: {0}")]
    Inconsistent(NotProven),
}

/// Whether a witness that saw `seen` last may cosign what is asked: signed by a key of the log, and a continuation of what it saw.
///
/// # Errors
/// [`Refusal`], in the order that the specification gives.
pub fn may_cosign(asked: &AddCheckpoint, seen: Option<Seen>, keys: &[VerifierKey]) -> Result<Seen, Refusal> {
    let next = Seen { size: asked.checkpoint.size, root: asked.checkpoint.root };
    Checkpoint::open(&asked.note.to_bytes(), &asked.checkpoint.origin, keys).map_err(Refusal::Unbelieved)?;
    if asked.old > next.size {
        return Err(Refusal::Backwards);
    }
    let known = seen.map_or(0, |seen| seen.size);
    if asked.old != known {
        return Err(Refusal::OtherSize(known));
    }
    let Some(seen) = seen else {
        return if asked.hashes.is_empty() { Ok(next) } else { Err(Refusal::Inconsistent(NotProven::Length)) };
    };
    if seen.size == next.size && seen.root != next.root {
        return Err(Refusal::Fork(seen.size));
    }
    verify_consistency((seen.size, &seen.root), (next.size, &next.root), &asked.hashes).map_err(Refusal::Inconsistent)?;
    Ok(next)
}
