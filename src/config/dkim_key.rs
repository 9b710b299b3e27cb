//! A key that signs mail, as the configuration names it: a table in a file, or `domain:selector:file` in one text, as a variable has it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One key that signs mail (DKIM).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Entry")]
pub struct DkimKey {
    /// The domain that answers for the mail.
    pub domain: String,
    /// Which of the domain's keys this is.
    pub selector: String,
    /// The private key, PEM.
    pub key_file: PathBuf,
}

/// The keys of a table in the list.
pub(super) const FIELDS: [&str; 3] = ["domain", "selector", "key_file"];

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Text(String),
    Table { domain: String, selector: String, key_file: PathBuf },
}

impl TryFrom<Entry> for DkimKey {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, Self::Error> {
        match entry {
            Entry::Table { domain, selector, key_file } => Ok(Self { domain, selector, key_file }),
            Entry::Text(text) => {
                let mut parts = text.splitn(3, ':').map(str::trim);
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(domain), Some(selector), Some(file)) if !file.is_empty() => {
                        Ok(Self { domain: domain.to_owned(), selector: selector.to_owned(), key_file: file.into() })
                    }
                    _ => Err(format!("{text:?} is not of the form domain:selector:file")),
                }
            }
        }
    }
}
