//! DKIM (RFC 6376, RFC 8463): a domain answers for a message, so that receivers know it from a forgery. Our own and small, because the
//! one in lettre made signatures that independent verifiers refused.
//!
//! [`Signer::load`] reads the keys at start; [`Signer::sign`] puts one signature for each of them in front of a message. It computes
//! (RSA about a millisecond): call it off the async threads.

mod canonical;
mod key;
pub mod record;
mod sign;
#[cfg(test)]
mod vectors;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use key::{Algorithm, KeyError, PrivateKey};

use crate::config::DkimKey;
use sign::{Signatory, Subject};

/// One key and the name under which it is published.
#[derive(Debug)]
pub struct SigningKey {
    /// `d=`: the domain that answers.
    pub domain: String,
    /// `s=`: which of its keys.
    pub selector: String,
    /// The file it was read from.
    pub path: PathBuf,
    /// The key.
    pub key: PrivateKey,
}

impl SigningKey {
    /// Where its public half is published.
    #[must_use]
    pub fn record_name(&self) -> String {
        record::name(&self.selector, &self.domain)
    }
}

/// Why a key of the configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[error("mail.dkim: {}: {why}", path.display())]
pub struct DkimError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// Signs messages with every key of the configuration; without keys it changes nothing. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Signer(Arc<Vec<SigningKey>>);

impl Signer {
    /// Reads the keys. Reads files: call it once, at start.
    ///
    /// # Errors
    /// [`DkimError`] names the file.
    pub fn load(keys: &[DkimKey]) -> Result<Self, DkimError> {
        let read = |given: &DkimKey| {
            let path = given.key_file.clone();
            let key = read_key(&path).map_err(|why| DkimError { path: path.clone(), why })?;
            Ok(SigningKey { domain: given.domain.clone(), selector: given.selector.clone(), path, key })
        };
        Ok(Self(Arc::new(keys.iter().map(read).collect::<Result<_, _>>()?)))
    }

    /// The keys, in the order of the configuration.
    #[must_use]
    pub fn keys(&self) -> &[SigningKey] {
        &self.0
    }

    /// The message with one signature for each key in front. The same input gives the same bytes.
    ///
    /// # Errors
    /// [`KeyError`] where the library fails to sign.
    pub fn sign(&self, message: Vec<u8>, at: DateTime<Utc>) -> Result<Vec<u8>, KeyError> {
        if self.0.is_empty() {
            return Ok(message);
        }
        let subject = Subject::of(&message);
        let mut signed = Vec::with_capacity(message.len() + self.0.len() * 1_024);
        for SigningKey { domain, selector, key, .. } in self.0.iter() {
            signed.extend_from_slice(subject.signature(Signatory { domain, selector, key }, at.timestamp())?.as_bytes());
        }
        signed.extend_from_slice(&message);
        Ok(signed)
    }
}

/// Larger files are no keys.
const LONGEST_KEY_FILE: u64 = 64 * 1024;

fn read_key(path: &Path) -> Result<PrivateKey, String> {
    let facts = std::fs::metadata(path).map_err(|e| format!("can't be read: {e}"))?;
    if !facts.is_file() || facts.len() > LONGEST_KEY_FILE {
        return Err("is not a file with a key in it".to_owned());
    }
    let pem = std::fs::read(path).map_err(|e| format!("can't be read: {e}"))?;
    let key = PrivateKey::from_pem(&pem).map_err(|e| e.to_string())?;
    if others_may_read(&facts) {
        tracing::warn!(path = %path.display(), "this DKIM key can be read by every user of this machine: chmod 600");
    }
    Ok(key)
}

/// Whether users that are neither the file's owner nor of its group may read it.
#[must_use]
#[cfg(unix)]
pub fn others_may_read(facts: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    facts.permissions().mode() & 0o004 != 0
}

/// Whether users that are neither the file's owner nor of its group may read it: not known here.
#[must_use]
#[cfg(not(unix))]
pub fn others_may_read(_: &std::fs::Metadata) -> bool {
    false
}
