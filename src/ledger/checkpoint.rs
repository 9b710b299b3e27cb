//! Checkpoints: what a log commits to by its signature, as <https://c2sp.org/tlog-checkpoint> lays down: origin, size, root.

use super::note::{NotANote, Note, Signed, Signer, Unbelieved, VerifierKey};
use super::text::{base64, decimal, hash_from_base64};
use super::tree::Hash;

/// A tree's size and root, under a log's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a URL without its scheme, `example.org/ledger`. It is the name of the log's keys too.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// Further lines, which mean nothing here and are signed with the rest.
    pub extensions: Vec<String>,
}

/// A text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NotANote),
    /// Its lines.
    #[error("its text is no checkpoint: a name, a size and a root, each in a line of its own")]
    Lines,
}

/// Why a checkpoint is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// It is none.
    #[error(transparent)]
    Form(#[from] NotACheckpoint),
    /// It is of another log.
    #[error("it is of the log {0}")]
    Origin(String),
    /// Its signatures.
    #[error(transparent)]
    Unbelieved(#[from] Unbelieved),
}

impl Checkpoint {
    /// A checkpoint without further lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// A checkpoint from its text.
    ///
    /// # Errors
    /// [`NotACheckpoint::Lines`].
    pub fn from_text(text: &str) -> Result<Self, NotACheckpoint> {
        let lines = text.strip_suffix('\n').ok_or(NotACheckpoint::Lines)?;
        let mut lines = lines.split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty());
        let (origin, size, root) = (next(), next().and_then(decimal), next().and_then(hash_from_base64));
        let (Some(origin), Some(size), Some(root)) = (origin, size, root) else { return Err(NotACheckpoint::Lines) };
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(NotACheckpoint::Lines);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// The checkpoint with one signature line of each signer. `seconds` (since 1970-01-01T00:00:00Z): see [`Signer::sign`].
    #[must_use]
    pub fn signed<'s>(&self, signers: impl IntoIterator<Item = &'s Signer>, seconds: u64) -> Note {
        let mut note = Note::new(self.text());
        note.signatures = signers.into_iter().map(|signer| signer.sign(&note.text, seconds)).collect();
        note
    }

    /// A checkpoint from a signed note's bytes, with the note. Nothing is checked yet but the form.
    ///
    /// # Errors
    /// [`NotACheckpoint`].
    pub fn parse(bytes: &[u8]) -> Result<(Self, Note), NotACheckpoint> {
        let note = Note::parse(bytes)?;
        Ok((Self::from_text(&note.text)?, note))
    }

    /// A checkpoint from a signed note's bytes, of the log of this origin, signed by at least one of these keys of that name.
    ///
    /// # Errors
    /// [`BadCheckpoint`].
    pub fn open<'k>(bytes: &[u8], origin: &str, keys: &'k [VerifierKey]) -> Result<(Self, Vec<Signed<'k>>), BadCheckpoint> {
        let (checkpoint, note) = Self::parse(bytes)?;
        if checkpoint.origin != origin {
            return Err(BadCheckpoint::Origin(checkpoint.origin));
        }
        let mut signed = note.open(keys)?;
        signed.retain(|signed| signed.by.name() == origin);
        if signed.is_empty() { Err(Unbelieved::NoKnownKey.into()) } else { Ok((checkpoint, signed)) }
    }
}
