//! Receipts: a proof that one entry is in the log, to be checked offline, in the form of <https://c2sp.org/tlog-proof>.

use super::checkpoint::{BadCheckpoint, Checkpoint, NotACheckpoint};
use super::note::{Note, Signed, VerifierKey};
use super::text::{base64, decimal, from_base64, hash_from_base64};
use super::tree::{Hash, NotProven, verify_inclusion};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that a proof in a tree of 2^63 leaves has.
const MOST_HASHES: usize = 63;

/// An entry's index, the hashes that lead from it to the root, and the checkpoint that names the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Bytes for whoever reads it; not proven by anything. Here: the entry's own bytes, whose hash is the leaf.
    pub extra: Option<Vec<u8>>,
    /// Which entry, counted from 0.
    pub index: u64,
    /// The leaf's sibling first, the root's child last.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

/// A text that is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAProof {
    /// Its own lines.
    #[error("line {0} is not what a .tlog-proof has there")]
    Line(usize),
    /// The checkpoint within.
    #[error("its checkpoint: {0}")]
    Checkpoint(#[from] NotACheckpoint),
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// Its checkpoint is not believed.
    #[error("its checkpoint is not to be believed: {0}")]
    Checkpoint(#[from] BadCheckpoint),
    /// Its hashes.
    #[error(transparent)]
    NotProven(#[from] NotProven),
}

impl Proof {
    /// Its text.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{FIRST_LINE}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", base64(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&base64(hash));
            text.push('\n');
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend(self.checkpoint.to_bytes());
        bytes
    }

    /// A proof from its text. Nothing is checked yet but the form.
    ///
    /// # Errors
    /// [`NotAProof`] names the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAProof> {
        let text = std::str::from_utf8(bytes).map_err(|_| NotAProof::Line(1))?;
        let mut rest = text;
        let mut number = 0;
        let mut next = || -> Result<(&str, usize), NotAProof> {
            number += 1;
            let (line, after) = rest.split_once('\n').ok_or(NotAProof::Line(number))?;
            rest = after;
            Ok((line, number))
        };
        if next()?.0 != FIRST_LINE {
            return Err(NotAProof::Line(1));
        }
        let (mut line, mut at) = next()?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = Some(from_base64(encoded).ok_or(NotAProof::Line(at))?);
            (line, at) = next()?;
        }
        let index = line.strip_prefix("index ").and_then(decimal).ok_or(NotAProof::Line(at))?;
        let mut hashes = Vec::new();
        loop {
            let (line, at) = next()?;
            if line.is_empty() {
                break;
            }
            let hash = hash_from_base64(line).filter(|_| hashes.len() < MOST_HASHES).ok_or(NotAProof::Line(at))?;
            hashes.push(hash);
        }
        let (_, checkpoint) = Checkpoint::parse(rest.as_bytes())?;
        Ok(Self { extra, index, hashes, checkpoint })
    }

    /// Whether the leaf of this hash is in the log of this origin, by the word of at least one of these keys of the log.
    ///
    /// # Errors
    /// [`BadProof`] says why it proves nothing.
    pub fn verify<'k>(
        &self,
        leaf: &Hash,
        origin: &str,
        keys: &'k [VerifierKey],
    ) -> Result<(Checkpoint, Vec<Signed<'k>>), BadProof> {
        let (checkpoint, signed) = Checkpoint::open(&self.checkpoint.to_bytes(), origin, keys)?;
        verify_inclusion(self.index, checkpoint.size, leaf, &self.hashes, &checkpoint.root)?;
        Ok((checkpoint, signed))
    }
}
