//! Which connection carries a message: at most so many at once, kept while they behave, renewed before the relay tires of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::body::Payload;
use super::config::{SmtpConfig, SmtpConfigError, TlsMode};
use super::extensions::Extensions;
use super::session::{Connection, open};
use super::tls;
use super::transaction::{Fate, hand_over};
use crate::mail::envelope::Envelope;
use crate::mail::outcome::Outcome;

/// The connections to one relay. Share it behind an `Arc`.
pub struct Pool {
    config: SmtpConfig,
    tls: Option<TlsConnector>,
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

/// What a relay said of itself, for `doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayFacts {
    /// The text of its greeting.
    pub greeting: String,
    /// What it announced, after TLS where there is TLS.
    pub extensions: Extensions,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// Whether the certificate was verified.
    pub verified: bool,
    /// Whether AUTH was asked for and accepted.
    pub authenticated: bool,
}

impl Pool {
    /// Checks the settings and reads the certificate authorities; opens no connection.
    ///
    /// # Errors
    /// [`SmtpConfigError`] names the setting that is wrong.
    pub fn new(config: SmtpConfig) -> Result<Self, SmtpConfigError> {
        config.check()?;
        let tls = match config.tls {
            TlsMode::None => None,
            TlsMode::Opportunistic => Some(tls::unverified()?),
            TlsMode::Required | TlsMode::Implicit => Some(tls::verified(config.ca_file.as_deref())?),
        };
        Ok(Self { slots: Arc::new(Semaphore::new(config.connections)), idle: Mutex::default(), config, tls })
    }

    /// The settings it was made with.
    #[must_use]
    pub const fn config(&self) -> &SmtpConfig {
        &self.config
    }

    /// Hands one message over, waiting for a free connection if all are busy. `message` is complete RFC 5322 bytes.
    ///
    /// Dropping the future leaves the message in doubt, exactly as a crash would, but harms no other message.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Outcome {
        let payload = Payload::frame(message);
        let began = Instant::now();
        let deadline = self.config.send_limit.map(|limit| began + limit);
        // Whoever waited longer would begin with no time left to hear the answer, and put its message in doubt.
        let wait_until = self.config.send_limit.map(|limit| began + limit.mul_f32(0.75));
        let slot = match before(wait_until, Arc::clone(&self.slots).acquire_owned()).await {
            Some(Ok(slot)) => slot,
            Some(Err(_)) => return Outcome::NotSent { why: "the relay's connections are being closed".to_owned() },
            None => return Outcome::NotSent { why: "no connection became free within the send limit".to_owned() },
        };
        if let Some(mut kept) = self.take_idle(deadline).await {
            let verdict = hand_over(&mut kept, envelope, &payload, &self.config.timeouts).await;
            if !verdict.stale {
                self.put_back(kept, verdict.fate, slot);
                return verdict.outcome;
            }
        }
        match before(deadline, open(&self.config, self.tls.as_ref())).await {
            None => Outcome::NotSent { why: "no connection could be opened within the send limit".to_owned() },
            Some(Err(outcome)) => outcome,
            Some(Ok(mut fresh)) => {
                fresh.wire.set_deadline(deadline);
                let verdict = hand_over(&mut fresh, envelope, &payload, &self.config.timeouts).await;
                self.put_back(fresh, verdict.fate, slot);
                verdict.outcome
            }
        }
    }

    /// Opens a connection as a send would, with TLS and AUTH, and closes it: whether mail could go out.
    ///
    /// # Errors
    /// [`Outcome::NotSent`] or [`Outcome::RelayRefused`] with the reason.
    pub async fn probe(&self) -> Result<RelayFacts, Outcome> {
        let connection = open(&self.config, self.tls.as_ref()).await?;
        let facts = RelayFacts {
            greeting: connection.greeting.clone(),
            extensions: connection.extensions.clone(),
            encrypted: connection.encrypted,
            verified: matches!(self.config.tls, TlsMode::Required | TlsMode::Implicit),
            authenticated: self.config.username.is_some(),
        };
        connection.quit().await;
        Ok(facts)
    }

    /// Takes no more messages, waits for those under way, and says goodbye on every connection.
    pub async fn close(&self) {
        let all = u32::try_from(self.config.connections).unwrap_or(u32::MAX);
        let under_way = self.slots.acquire_many(all).await;
        self.slots.close();
        drop(under_way);
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            connection.quit().await;
        }
    }

    /// A kept connection that is still worth a try: young, silent, and back at the start of a transaction.
    async fn take_idle(&self, deadline: Option<Instant>) -> Option<Connection> {
        loop {
            let mut connection = self.idle().pop()?;
            if connection.idle_since.elapsed() > self.config.idle_limit || !connection.wire.is_quiet().await {
                continue;
            }
            connection.wire.set_deadline(deadline);
            if !connection.needs_reset {
                return Some(connection);
            }
            match connection.wire.ask("RSET\r\n", self.config.timeouts.command).await {
                Ok(reply) if reply.is_positive() => {
                    connection.needs_reset = false;
                    return Some(connection);
                }
                _ => {}
            }
        }
    }

    fn put_back(&self, mut connection: Connection, fate: Fate, slot: OwnedSemaphorePermit) {
        connection.wire.set_deadline(None);
        if fate == Fate::Spent {
            return;
        }
        if connection.used >= self.config.messages_per_connection {
            // The farewell must not delay the answer about the message, and until it is over the connection counts.
            tokio::spawn(async move {
                connection.quit().await;
                drop(slot);
            });
            return;
        }
        connection.needs_reset = fate == Fate::NeedsReset;
        connection.idle_since = Instant::now();
        self.idle().push(connection);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        // The list is whole at every instant, so a panic elsewhere cannot have left it half-changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The work's result, or `None` once the deadline has passed.
async fn before<T>(deadline: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(at) => timeout_at(at, work).await.ok(),
        None => Some(work.await),
    }
}
