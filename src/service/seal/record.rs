//! What was signed last, kept outside the database: one signed checkpoint in one file. It is on the disk before anybody can see the
//! signature, so that a database that comes back from a copy cannot lead to a second history under the same name.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Stop;
use crate::config::Config;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::{Note, VerifierKey};
use crate::ledger::tree::Hash;

/// The last signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    checkpoint: Checkpoint,
    note: Note,
}

impl Record {
    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }
    /// The tree's size.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.checkpoint.size
    }
    /// The tree's root hash.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.checkpoint.root
    }
    /// The signed note, as it stands in the file.
    #[must_use]
    pub fn note(&self) -> String {
        String::from_utf8_lossy(&self.note.to_bytes()).into_owned()
    }
    /// Whether one of these keys signed it.
    #[must_use]
    pub fn is_by(&self, keys: &[VerifierKey]) -> bool {
        self.note.open(keys).is_ok()
    }
}

/// The file, to be held while it is read and written: processes that share it take turns.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _lock: File,
}

/// Where the record lies.
#[must_use]
pub fn path(config: &Config) -> PathBuf {
    config.ledger_record_file()
}

/// Reads the record; none where there is none.
///
/// # Errors
/// [`Stop::BadRecord`] where it can't be read or is no checkpoint.
pub fn read(path: &Path) -> Result<Option<Record>, Stop> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| bad(path, e))?,
    };
    let (checkpoint, note) = Checkpoint::parse(&bytes).map_err(|e| bad(path, e))?;
    Ok(Some(Record { checkpoint, note }))
}

fn bad(path: &Path, why: impl std::fmt::Display) -> Stop {
    Stop::BadRecord(format!("{}: {why}", path.display()))
}

impl Held {
    /// Takes the file for itself; waits while another process has it.
    ///
    /// # Errors
    /// [`Stop::BadRecord`] where there is no place for it.
    pub fn take(path: &Path) -> Result<Self, Stop> {
        let taken = || {
            if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                std::fs::create_dir_all(dir)?;
            }
            let lock = OpenOptions::new().write(true).create(true).truncate(false).open(beside(path, "lock"))?;
            lock.lock()?;
            Ok::<_, std::io::Error>(lock)
        };
        Ok(Self { path: path.to_owned(), _lock: taken().map_err(|e| bad(path, e))? })
    }

    /// Reads it.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(&self) -> Result<Option<Record>, Stop> {
        read(&self.path)
    }

    /// Puts a signed checkpoint in the place of what it holds: on the disk when this returns, and never half.
    ///
    /// # Errors
    /// [`Stop::BadRecord`]; then it holds what it held.
    pub fn write(&self, note: &str) -> Result<(), Stop> {
        let written = || {
            let draft = beside(&self.path, "new");
            let mut file = File::create(&draft)?;
            file.write_all(note.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.path)?;
            // A name is on the disk when its directory is.
            let dir = self.path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(dir)?.sync_all()
        };
        written().map_err(|e| bad(&self.path, e))
    }

    /// Keeps what it holds under another name beside it, where nothing overwrites it.
    ///
    /// # Errors
    /// [`Stop::BadRecord`].
    pub fn keep_old(&self, record: &Record) -> Result<PathBuf, Stop> {
        let name: String = record.origin().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let kept = beside(&self.path, &format!("{name}-{}", record.size()));
        std::fs::write(&kept, record.note()).map_err(|e| bad(&kept, e))?;
        Ok(kept)
    }
}

/// A file of the same name with an ending more.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}
