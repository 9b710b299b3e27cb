//! The composition root: everything a use case, a page or a sweep needs, built once.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::auth::hash_pool::HashPool;
use crate::auth::jwt::ApiTokens;
use crate::auth::limiter::SignInLimits;
use crate::auth::secret::{MasterKey, ShortSecret};
use crate::auth::task_token::TokenSealer;
use crate::clock::SharedClock;
use crate::config::{Config, ConfigError, DatabaseUrl};
use crate::store::db::{Place, PoolOptions};
use crate::store::{Db, StoreError};

/// The application: cheap to clone, shared by every request and every sweep.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The one source of time.
    pub clock: SharedClock,
    /// What the operator set.
    pub config: Arc<Config>,
    /// Seals and opens links.
    pub tokens: Arc<TokenSealer>,
    /// Issues and checks API tokens.
    pub api_tokens: Arc<ApiTokens>,
    /// Hashes passwords, a few at a time.
    pub passwords: Arc<HashPool>,
    /// Slows down guessing.
    pub sign_in_limits: Arc<SignInLimits>,
}

/// Why the application could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signing secret.
    #[error(transparent)]
    Secret(#[from] ShortSecret),
}

impl App {
    /// Builds everything from the configuration; opens the database but does not migrate it.
    ///
    /// # Errors
    /// [`BuildError`] names what is wrong.
    pub fn build(config: Config, clock: SharedClock) -> Result<Self, BuildError> {
        let place = match config.database_url()? {
            DatabaseUrl::Sqlite(path) => Place::Sqlite(path),
            DatabaseUrl::Postgres(url) => Place::Postgres(url),
        };
        let options = PoolOptions {
            size: config.database.pool_size,
            statement_timeout: Duration::from_millis(config.database.statement_timeout_ms.into()),
            busy_timeout: Duration::from_millis(config.database.busy_timeout_ms.into()),
            ..PoolOptions::default()
        };
        let db = Db::open(place, options, clock.clone())?;
        let master = MasterKey::new(config.master_secret()?.reveal())?;
        let ttl = TimeDelta::minutes(config.api.token_ttl_min.into());
        Ok(Self {
            db,
            clock,
            tokens: Arc::new(TokenSealer::new(&master)),
            api_tokens: Arc::new(ApiTokens::new(&master, &config.institution.base_url, ttl)),
            passwords: Arc::new(HashPool::for_this_machine()),
            sign_in_limits: Arc::new(SignInLimits::default()),
            config: Arc::new(config),
        })
    }
}
