//! What an operator may set, and where it comes from: the compiled-in default, then `--config FILE`, then `GAUNG__SECTION__KEY`, then flags.
//!
//! `config/default.toml` is the default and the list of keys: a key that is not in it is refused by name, wherever it came from.

mod calendar;
mod check;
mod database_url;
mod derived;
mod dkim_key;
mod layers;
mod ledger;
mod ledger_key;
mod master_secret;
mod operate;
mod pace;
mod retention;
mod secret_text;
mod sections;

use std::path::{Path, PathBuf};

pub use calendar::{Hours, QuietHours};
pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use dkim_key::DkimKey;
pub use layers::DEFAULT_TOML;
pub use ledger::Ledger;
pub use ledger_key::{Seed, create_ledger_key, load_ledger_keys, replace_ledger_keys};
pub use master_secret::{SECRET_FILE, load_or_create_secret};
pub use operate::{Health, Metrics};
pub use retention::Retention;
pub use secret_text::{SecretText, SecretUrl};
pub use sections::{
    Api, Campaign, Config, Consent, ConsentText, Data, Database, Disclosure, Institution, Log, LogFormat, Mail, MailBreaker,
    MailPace, MailTransport, Prepared, Privacy, Secrets, Server, Session, Smtp, TlsMode,
};

/// Values given on the command line. They win over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--database`.
    pub database: Option<SecretUrl>,
    /// `--port`.
    pub port: Option<u16>,
}

/// Why there is no valid configuration. Each names the key or the file, and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("can't read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{origin}, line {line}: {problem}")]
    Syntax {
        /// The file or the variable.
        origin: String,
        /// The line, from 1.
        line: usize,
        /// What TOML's reader says.
        problem: String,
    },
    /// A key that does not exist.
    #[error("{origin}: there is no setting {key}; {hint}")]
    UnknownKey {
        /// The file or the variable.
        origin: String,
        /// The key, with its section.
        key: String,
        /// What there is instead.
        hint: String,
    },
    /// A value of the wrong type. The value itself is not repeated: it may be a secret.
    #[error("{origin}: {key} must be {expected}")]
    WrongType {
        /// The file or the variable.
        origin: String,
        /// The key.
        key: String,
        /// The type it must have.
        expected: &'static str,
    },
    /// A value outside what the key allows.
    #[error("{key}: {problem}")]
    Invalid {
        /// The key.
        key: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The database's URL is none.
    #[error("database.url: {0}")]
    DatabaseUrl(#[from] DatabaseUrlError),
    /// A file that a `*_file` key names, or the generated secret, could not be used.
    #[error("{key}: {}: {problem}", path.display())]
    SecretFile {
        /// The key that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl ConfigError {
    fn invalid(key: &str, problem: impl Into<String>) -> Self {
        Self::Invalid { key: key.to_owned(), problem: problem.into() }
    }
}

impl Config {
    /// The configuration in force: the default, the file, this process's environment and the flags, checked.
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that is wrong.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::load_from(file, std::env::vars_os(), overrides)
    }

    /// As [`Config::load`], with an environment of the caller's.
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that is wrong.
    pub fn load_from(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
        overrides: &Overrides,
    ) -> Result<Self, ConfigError> {
        let mut config = layers::merge(file, environment)?;
        if let Some(dir) = &overrides.data_dir {
            config.data.dir.clone_from(dir);
        }
        if let Some(port) = overrides.port {
            config.server.port = port;
        }
        if let Some(url) = &overrides.database {
            config.database.url = url.clone();
            config.database.url_file = PathBuf::new();
        }
        config.read_secret_files()?;
        config.check()?;
        Ok(config)
    }

    /// The database that is meant.
    ///
    /// # Errors
    /// [`ConfigError::DatabaseUrl`] where the URL is none. A mistyped URL never names a file.
    pub fn database_url(&self) -> Result<DatabaseUrl, ConfigError> {
        Ok(DatabaseUrl::parse(self.database.url.reveal(), &self.data.dir)?)
    }

    /// The signing secret: the one that is set, or the data directory's, which is made if there is none.
    ///
    /// # Errors
    /// [`ConfigError::SecretFile`] where the data directory's can't be read or made.
    pub fn master_secret(&self) -> Result<SecretText, ConfigError> {
        if self.secrets.key.is_empty() { load_or_create_secret(&self.data.dir) } else { Ok(self.secrets.key.clone()) }
    }

    /// Every setting in force as TOML, secrets and passwords in URLs masked.
    #[must_use]
    pub fn masked_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|e| format!("# not shown: {e}\n"))
    }

    /// Every setting in force as JSON, masked alike.
    #[must_use]
    pub fn masked_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
