//! An export of the log: a directory that is a static log by <https://c2sp.org/tlog-tiles>, with the older checkpoints and the keys beside it.
//!
//! ```text
//! checkpoint                the newest signed checkpoint
//! checkpoints/<size>        older ones, each named by its size in 20 digits
//! tile/<level>/<number>     the tree's hashes; at its right edge with .p/<width>
//! tile/entries/<number>     the entries themselves
//! vkey                      the keys that sign, one a line, the newest first
//! README.txt                what this is, for people
//! ```

mod reader;
mod writer;

use std::io;

pub use reader::Reader;
pub use writer::Writer;

use super::checkpoint::NotACheckpoint;
use super::note::BadKey;
use super::tile::BadTile;

/// The newest checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// The directory of the older ones.
pub const CHECKPOINTS: &str = "checkpoints";
/// The keys.
pub const VKEY: &str = "vkey";
/// The explanation.
pub const README: &str = "README.txt";

/// The path of an older checkpoint: digits enough for every size, so that the order of names is the order of sizes.
#[must_use]
pub fn checkpoint_path(size: u64) -> String {
    format!("{CHECKPOINTS}/{size:020}")
}

/// Where an export is read from. Paths are relative, with `/` between their parts.
pub trait Source {
    /// A file's bytes; `None` where there is no such file.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;
    /// The names in a directory, sorted; none where there is no such directory.
    ///
    /// # Errors
    /// What the system says.
    fn names(&self, dir: &str) -> io::Result<Vec<String>>;
}

/// Where an export is written to.
pub trait Place: Source {
    /// Writes a file as a whole: whoever reads sees the former one or this one. Its directory is made where it is missing.
    ///
    /// # Errors
    /// What the system says.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;
    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// What the system says.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Returns when everything that was written is on the disk.
    ///
    /// # Errors
    /// What the system says.
    fn settle(&self) -> io::Result<()>;
}

impl<S: Source + ?Sized> Source for &S {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        (**self).read(path)
    }
    fn names(&self, dir: &str) -> io::Result<Vec<String>> {
        (**self).names(dir)
    }
}

impl<P: Place + ?Sized> Place for &P {
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        (**self).write(path, bytes)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        (**self).remove(path)
    }
    fn settle(&self) -> io::Result<()> {
        (**self).settle()
    }
}

/// What is wrong with an export, or with what is to be written into it.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The system's word.
    #[error("{path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// The system's word.
        why: io::Error,
    },
    /// A file that must be there is not.
    #[error("{0} is missing")]
    Missing(String),
    /// A tile has another form.
    #[error("{path}: {why}")]
    Tile {
        /// The file.
        path: String,
        /// What.
        why: BadTile,
    },
    /// A file that should be a checkpoint is none.
    #[error("{path}: {why}")]
    Checkpoint {
        /// The file.
        path: String,
        /// Why.
        why: NotACheckpoint,
    },
    /// A line that should be a key is none.
    #[error("{path}: {why}")]
    Key {
        /// The file.
        path: String,
        /// Why.
        why: BadKey,
    },
    /// An entry is larger than a bundle can hold.
    #[error("entry {0} has more than 65,535 bytes")]
    TooLarge(u64),
    /// The checkpoint is not of the tree that was written.
    #[error("the directory holds another log: its {size} entries do not make the root that the checkpoint names")]
    OtherTree {
        /// How many entries it holds.
        size: u64,
    },
    /// The checkpoint is of another size than what was written.
    #[error("the checkpoint is of {checkpoint} entries, but {written} were written")]
    OtherSize {
        /// The checkpoint's.
        checkpoint: u64,
        /// What was written.
        written: u64,
    },
}

impl ExportError {
    fn io(path: &str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |why| Self::Io { path, why }
    }
}
