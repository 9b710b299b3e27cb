//! The composition root: everything a use case, a page or a sweep needs, built once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;

use crate::auth::address_hash::AddressHasher;
use crate::auth::hash_pool::HashPool;
use crate::auth::jwt::ApiTokens;
use crate::auth::limiter::SignInLimits;
use crate::auth::return_path::ReturnPaths;
use crate::auth::secret::{MasterKey, ShortSecret};
use crate::auth::task_token::TokenSealer;
use crate::clock::SharedClock;
use crate::config::{Config, ConfigError, DatabaseUrl, MailTransport, Prepared};
use crate::domain::mail_hours::WorkingCalendar;
use crate::mail::dkim::{DkimError, Signer};
use crate::mail::smtp::{Password, Pool, SmtpConfig, SmtpConfigError, Timeouts, TlsMode};
use crate::mail::transport::{RelayGate, Transport};
use crate::meter::Meter;
use crate::service::campaign::LiveCounts;
use crate::service::delivery::send_limit;
use crate::service::seal::Sealing;
use crate::service::task::Presses;
use crate::store::db::{Place, PoolOptions};
use crate::store::outbox::Front;
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
    /// When people may be mailed about tasks.
    pub calendar: Arc<WorkingCalendar>,
    /// Seals and opens links.
    pub tokens: Arc<TokenSealer>,
    /// Marks envelope senders, and tells by the mark which mail came back.
    pub return_paths: Arc<ReturnPaths>,
    /// Hashes the addresses of erased people.
    pub address_hashes: Arc<AddressHasher>,
    /// Issues and checks API tokens.
    pub api_tokens: Arc<ApiTokens>,
    /// Hashes passwords, a few at a time.
    pub passwords: Arc<HashPool>,
    /// Slows down guessing.
    pub sign_in_limits: Arc<SignInLimits>,
    /// How mail leaves.
    pub transport: Transport,
    /// Signs every mail with the institution's keys.
    pub signer: Signer,
    /// What this process counts and times.
    pub meter: Arc<Meter>,
    /// Whether the relay is resting.
    pub relay: Arc<RelayGate>,
    /// How far this process's claims have come.
    pub front: Arc<Front>,
    /// The campaigns that somebody looks at.
    pub live: Arc<LiveCounts>,
    /// Completions that wait for their transaction.
    pub presses: Arc<Presses>,
    /// How sealing goes in this process.
    pub sealing: Arc<Sealing>,
    stopping: Arc<AtomicBool>,
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
    /// A key that signs mail.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The relay's settings.
    #[error("mail.smtp: {0}")]
    Smtp(#[from] SmtpConfigError),
}

impl App {
    /// Builds everything from the configuration; opens the database but does not migrate it.
    ///
    /// # Errors
    /// [`BuildError`] names what is wrong.
    pub fn build(config: Config, clock: SharedClock) -> Result<Self, BuildError> {
        let db = database(&config, clock.clone())?;
        let master = MasterKey::new(config.master_secret()?.reveal())?;
        let ttl = TimeDelta::minutes(config.api.token_ttl_min.into());
        Ok(Self {
            db,
            clock,
            tokens: Arc::new(TokenSealer::new(&master)),
            return_paths: Arc::new(ReturnPaths::new(&master)),
            address_hashes: Arc::new(AddressHasher::new(&master)),
            api_tokens: Arc::new(ApiTokens::new(&master, &config.institution.base_url, ttl)),
            passwords: Arc::new(HashPool::for_this_machine()),
            sign_in_limits: Arc::new(SignInLimits::default()),
            transport: transport(&config)?,
            signer: Signer::load(&config.mail.dkim)?,
            relay: Arc::default(),
            front: Arc::default(),
            live: Arc::default(),
            meter: Arc::new(meter(&config)),
            presses: Arc::default(),
            sealing: Arc::default(),
            stopping: Arc::default(),
            calendar: Arc::new(config.working_calendar()?),
            config: Arc::new(config),
        })
    }

    /// Asks every sweep to come to an end: what is in hand is finished or put back.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Transport::Smtp(pool) = &self.transport {
            pool.turn_away();
        }
    }
    /// Whether the service is coming to an end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// What counts: destinations that the operator gave limits of their own are told apart from the first mail on.
fn meter(config: &Config) -> Meter {
    let named = config.mail.pace.destinations.iter().filter_map(|line| line.split_whitespace().next());
    Meter::new(named.map(str::to_owned), config.privacy.small_group)
}

/// The database by this configuration; does not migrate it.
///
/// # Errors
/// [`BuildError`] names what is wrong.
pub fn database(config: &Config, clock: SharedClock) -> Result<Db, BuildError> {
    let place = match config.database_url()? {
        DatabaseUrl::Sqlite(path) => Place::Sqlite(path),
        DatabaseUrl::Postgres(url) => Place::Postgres(url),
    };
    let options = PoolOptions {
        size: config.database.pool_size,
        prepared: match config.database.prepared_statements {
            Prepared::Auto => None,
            Prepared::Always => Some(true),
            Prepared::Never => Some(false),
        },
        statement_timeout: Duration::from_millis(config.database.statement_timeout_ms.into()),
        busy_timeout: Duration::from_millis(config.database.busy_timeout_ms.into()),
        ..PoolOptions::default()
    };
    Ok(Db::open(place, options, clock)?)
}

/// How mail leaves by this configuration; opens no connection.
///
/// # Errors
/// [`SmtpConfigError`] names the setting that is wrong.
pub fn transport(config: &Config) -> Result<Transport, SmtpConfigError> {
    if config.mail.transport == MailTransport::Mailbox {
        return Ok(Transport::Mailbox);
    }
    let smtp = &config.mail.smtp;
    let mut relay = SmtpConfig::new(&smtp.host, smtp.port, tls_mode(smtp.tls), &config.hello_name());
    if !smtp.username.is_empty() {
        relay.username = Some(smtp.username.clone());
        relay.password = Some(Password::new(smtp.password.reveal().to_owned()));
    }
    relay.ca_file = (!smtp.ca_file.as_os_str().is_empty()).then(|| smtp.ca_file.clone());
    relay.connections = usize::try_from(smtp.connections).unwrap_or(4);
    relay.messages_per_connection = smtp.messages_per_connection;
    let short = Duration::from_secs(smtp.timeout_s.into());
    relay.timeouts = Timeouts {
        connect: short,
        tls: short,
        greeting: short,
        command: short,
        mail: short,
        rcpt: short,
        data: short,
        data_block: short,
        data_end: Duration::from_secs(smtp.data_timeout_s.into()),
    };
    relay.send_limit = Some(send_limit(Duration::from_secs(config.mail.lease_s.into())));
    Ok(Transport::Smtp(Arc::new(Pool::new(relay)?)))
}

const fn tls_mode(mode: crate::config::TlsMode) -> TlsMode {
    match mode {
        crate::config::TlsMode::None => TlsMode::None,
        crate::config::TlsMode::Opportunistic => TlsMode::Opportunistic,
        crate::config::TlsMode::Required => TlsMode::Required,
        crate::config::TlsMode::Implicit => TlsMode::Implicit,
    }
}
