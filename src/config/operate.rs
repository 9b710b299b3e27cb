//! `[health]` and `[metrics]`: what makes an installation count as ready, and who may read its figures.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::{Config, ConfigError, SecretText};

/// A token that is guessed opens the figures.
const SHORTEST_TOKEN: usize = 16;

/// `[health]`
#[derive(Debug, Clone, Serialize, confique::Config)]
pub struct Health {
    /// For how long the oldest due mail may have waited, in seconds; 0: for however long.
    pub queue_lag_s: u32,
    /// Free space beside the SQLite file, in MiB; 0: none is asked for.
    pub least_free_mib: u32,
}

/// `[metrics]`
#[derive(Debug, Clone, Serialize, confique::Config)]
pub struct Metrics {
    /// An address with its port; empty: none is listened on. Read it through [`Config::metrics_listen`].
    pub listen: String,
    /// Who carries it may read the figures at the pages' port.
    pub token: SecretText,
    /// A file that holds it.
    pub token_file: PathBuf,
}

impl Config {
    /// Where the figures are served on a port of their own, if anywhere.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] where the address is none.
    pub fn metrics_listen(&self) -> Result<Option<SocketAddr>, ConfigError> {
        match self.metrics.listen.as_str() {
            "" => Ok(None),
            address => address.parse().map(Some).map_err(|_| {
                ConfigError::invalid("metrics.listen", "must be an address with its port, such as \"127.0.0.1:9464\"")
            }),
        }
    }

    pub(super) fn check_operate(&self) -> Result<(), ConfigError> {
        self.metrics_listen()?;
        let length = self.metrics.token.reveal().len();
        if (1..SHORTEST_TOKEN).contains(&length) {
            let problem =
                format!("has {length} bytes; at least {SHORTEST_TOKEN} random ones are needed (`openssl rand -hex 16`)");
            return Err(ConfigError::invalid("metrics.token", problem));
        }
        Ok(())
    }
}
