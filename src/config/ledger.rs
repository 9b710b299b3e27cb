//! `[ledger]`: what the sealed log is called, where its key lies, and where what was signed last is kept outside the database.

use std::path::PathBuf;

use serde::Serialize;

use super::{Config, ConfigError};

/// The key's file in the data directory.
const KEY_FILE: &str = "ledger.key";
/// The file in the data directory that keeps the last signed checkpoint.
const RECORD_FILE: &str = "ledger.checkpoint";

/// `[ledger]`
#[derive(Debug, Clone, Serialize, confique::Config)]
pub struct Ledger {
    /// The first line of checkpoints; empty: the host of `institution.base_url` and `/ledger`. Read it through [`Config::ledger_origin`].
    pub origin: String,
    /// The file of the signing keys; empty: in the data directory. Read it through [`Config::ledger_key_file`].
    pub key_file: PathBuf,
    /// The file of the last signed checkpoint; empty: in the data directory. Read it through [`Config::ledger_record_file`].
    pub record_file: PathBuf,
    /// For how many days a key that was replaced goes on signing beside the new one.
    pub key_overlap_days: u32,
    /// After how many hours the log is read anew from its first entry and compared with what was sealed; 0: never.
    pub check_every_h: u32,
}

impl Config {
    /// The first line of this log's checkpoints, for a log that begins now.
    #[must_use]
    pub fn ledger_origin(&self) -> String {
        if !self.ledger.origin.is_empty() {
            return self.ledger.origin.clone();
        }
        let base = url::Url::parse(&self.institution.base_url).ok();
        let host = base.as_ref().and_then(url::Url::host_str).unwrap_or("localhost");
        format!("{host}/ledger")
    }
    /// Where the signing keys lie.
    #[must_use]
    pub fn ledger_key_file(&self) -> PathBuf {
        self.beside(&self.ledger.key_file, KEY_FILE)
    }
    /// Where the last signed checkpoint is kept.
    #[must_use]
    pub fn ledger_record_file(&self) -> PathBuf {
        self.beside(&self.ledger.record_file, RECORD_FILE)
    }
    fn beside(&self, given: &std::path::Path, name: &str) -> PathBuf {
        if given.as_os_str().is_empty() { self.data.dir.join(name) } else { given.to_owned() }
    }

    pub(super) fn check_ledger(&self) -> Result<(), ConfigError> {
        let origin = &self.ledger.origin;
        // C2SP signed-note: a key's name has no space and no plus sign; the origin is its name.
        if origin.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') || origin.len() > 200 {
            let problem = "must be a name such as \"gaung.instansi.go.id/ledger\", without spaces and plus signs";
            return Err(ConfigError::invalid("ledger.origin", problem));
        }
        if self.ledger.key_overlap_days > 3_650 {
            return Err(ConfigError::invalid("ledger.key_overlap_days", "must be at most 3650"));
        }
        if self.ledger.check_every_h > 24 * 365 {
            return Err(ConfigError::invalid("ledger.check_every_h", "must be at most 8760"));
        }
        Ok(())
    }
}
