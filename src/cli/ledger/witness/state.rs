//! What a witness keeps: its key, and for each log the checkpoint that it cosigned last, on the disk before anybody hears of it.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::fault;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::cosign::{AddCheckpoint, Refusal, Seen, may_cosign};
use crate::ledger::note::{KeyKind, Note, Signature, Signer, VerifierKey};

/// A witness for the logs of these keys.
pub struct Witness {
    dir: PathBuf,
    signer: Signer,
    keys: Vec<VerifierKey>,
    /// One request at a time; the file keeps other processes out.
    turn: Mutex<File>,
}

/// Why nothing was cosigned.
#[derive(Debug, thiserror::Error)]
pub enum No {
    /// No key of that log is known here.
    #[error("the log {0} is not known here")]
    UnknownLog(String),
    /// The checkpoint.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The machine.
    #[error("{0}")]
    Broken(String),
}

fn broken(path: &Path) -> impl FnOnce(std::io::Error) -> No {
    let path = path.display().to_string();
    move |why| No::Broken(format!("{path}: {why}"))
}

impl Witness {
    /// Opens a witness's directory, which is made with a new key where it is missing.
    ///
    /// # Errors
    /// [`No::Broken`]: another process has it; its key is none, or has another name than the given one.
    pub fn open(dir: &Path, name: Option<&str>, keys: Vec<VerifierKey>) -> Result<Self, No> {
        fs::create_dir_all(dir).map_err(broken(dir))?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join("lock")).map_err(broken(dir))?;
        lock.try_lock().map_err(|_| No::Broken(format!("{}: another witness uses it", dir.display())))?;
        let path = dir.join("key");
        let signer = match fs::read_to_string(&path) {
            Ok(text) => Signer::from_skey(text.trim_end()).map_err(|e| No::Broken(format!("{}: {e}", path.display())))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(&path, name)?,
            Err(error) => return Err(broken(&path)(error)),
        };
        let other = name.is_some_and(|name| name != signer.key().name()) || signer.key().kind() != KeyKind::Cosignature;
        if other {
            return Err(No::Broken(format!("{}: it is the key of {}", path.display(), signer.key().name())));
        }
        Ok(Self { dir: dir.to_owned(), signer, keys, turn: Mutex::new(lock) })
    }

    /// Its public key.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        self.signer.key()
    }

    /// Where the checkpoint lies that it cosigned last for a log.
    #[must_use]
    pub fn path(&self, origin: &str) -> PathBuf {
        let name = hex::encode(Sha256::digest(origin));
        self.dir.join(format!("{}.checkpoint", name.get(..16).unwrap_or(&name)))
    }

    /// What it cosigned last for a log.
    ///
    /// # Errors
    /// [`No::Broken`] where the file can't be read or holds something else: then nothing is cosigned until a person has looked.
    pub fn seen(&self, origin: &str) -> Result<Option<Seen>, No> {
        let path = self.path(origin);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(broken(&path))?,
        };
        let (checkpoint, note) = Checkpoint::parse(&bytes).map_err(|e| No::Broken(format!("{}: {e}", path.display())))?;
        let own = note.open(std::slice::from_ref(self.key())).is_ok();
        if !own || checkpoint.origin != origin {
            return Err(No::Broken(format!("{}: this witness did not cosign it for {origin}", path.display())));
        }
        Ok(Some(Seen { size: checkpoint.size, root: checkpoint.root }))
    }

    /// Cosigns a checkpoint if it continues what was cosigned last, and keeps it. The cosignature is on the disk when this returns.
    ///
    /// # Errors
    /// [`No`].
    pub fn add(&self, asked: &AddCheckpoint, seconds: u64) -> Result<Signature, No> {
        let origin = &asked.checkpoint.origin;
        let keys: Vec<VerifierKey> = self.keys.iter().filter(|key| key.name() == origin).cloned().collect();
        if keys.is_empty() {
            return Err(No::UnknownLog(origin.clone()));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        may_cosign(asked, self.seen(origin)?, &keys)?;
        let signature = self.signer.sign(&asked.note.text, seconds);
        let mut note = Note::new(asked.note.text.clone());
        let known = |line: &&Signature| keys.iter().any(|key| key.id() == line.id && key.name() == line.name);
        note.signatures.extend(asked.note.signatures.iter().filter(known).cloned());
        note.signatures.push(signature.clone());
        self.keep(&self.path(origin), &note.to_bytes())?;
        Ok(signature)
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> Result<(), No> {
        let draft = path.with_extension("new");
        let written = || {
            let mut file = File::create(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fault::point("witness.before_keep");
            fs::rename(&draft, path)?;
            // A name is on the disk when its directory is.
            File::open(&self.dir)?.sync_all()
        };
        written().map_err(broken(path))?;
        fault::point("witness.kept");
        Ok(())
    }
}

/// A new key, in a file that its owner alone can read.
fn make(path: &Path, name: Option<&str>) -> Result<Signer, No> {
    let none = || No::Broken("there is no key yet: give the witness a name with --name, such as auditor.example/witness".into());
    let name = name.ok_or_else(none)?;
    let signer = Signer::from_seed(name, KeyKind::Cosignature, rand::random()).map_err(|e| No::Broken(e.to_string()))?;
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(format!("{}\n", signer.skey()).as_bytes())?;
        file.sync_all()
    };
    written().map_err(broken(path))?;
    Ok(signer)
}
