//! The connections to one relay: at most so many at once, each a lane that messages queue for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;

use super::config::{SmtpConfig, SmtpConfigError, TlsMode};
use super::extensions::Extensions;
use super::lane;
use super::parcel::{Job, Parcel, Progress};
use super::session::open;
use super::tls;
use crate::mail::envelope::Envelope;
use crate::mail::outcome::Outcome;

/// The connections to one relay. Share it behind an `Arc`.
pub struct Pool {
    shared: Arc<Shared>,
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
    /// Until when the certificate is valid, where the relay showed one.
    pub certificate_ends: Option<DateTime<Utc>>,
    /// Whether AUTH was asked for and accepted.
    pub authenticated: bool,
}

/// What the lanes of a pool share.
pub(super) struct Shared {
    pub config: SmtpConfig,
    pub tls: Option<TlsConnector>,
    queue: Mutex<Queue>,
    /// A message was queued, or the pool is closing.
    wake: Notify,
    /// A lane ended.
    ended: Notify,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    lanes: usize,
    /// Lanes that wait for a message.
    idle: usize,
    closed: bool,
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
        let (wake, ended) = (Notify::new(), Notify::new());
        Ok(Self { shared: Arc::new(Shared { config, tls, queue: Mutex::default(), wake, ended }) })
    }

    /// The settings it was made with.
    #[must_use]
    pub fn config(&self) -> &SmtpConfig {
        &self.shared.config
    }

    /// Hands one message over; see [`Pool::deliver`]. `message` is complete RFC 5322 bytes.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Outcome {
        self.deliver(Parcel::new(envelope.clone(), message.to_vec())).await
    }

    /// Hands one message over, waiting for a free connection if all are busy. With more senders than connections, messages travel one
    /// behind the other without a pause where the relay allows it.
    ///
    /// Dropping the future leaves the message in doubt, exactly as a crash would, but harms no other message.
    pub async fn deliver(&self, parcel: Parcel) -> Outcome {
        let began = Instant::now();
        let limit = self.shared.config.send_limit;
        let (job, mut heard, progress) = Job::new(parcel, limit.map(|limit| began + limit));
        if !Shared::enqueue(&self.shared, job) {
            return closing();
        }
        if let Some(limit) = limit {
            // Whoever waited longer would begin with no time left to hear the answer, and put its message in doubt.
            tokio::select! {
                biased;
                outcome = &mut heard => return outcome.unwrap_or_else(|_| abandoned(&progress)),
                () = sleep_until(began + limit.mul_f32(0.75)) => {
                    if progress.give_up() {
                        return Outcome::NotSent { why: "no connection became free within the send limit".to_owned() };
                    }
                }
            }
        }
        heard.await.unwrap_or_else(|_| abandoned(&progress))
    }

    /// Opens a connection as a send would, with TLS and AUTH, and closes it: whether mail could go out.
    ///
    /// # Errors
    /// [`Outcome::NotSent`] or [`Outcome::RelayRefused`] with the reason.
    pub async fn probe(&self) -> Result<RelayFacts, Outcome> {
        let config = self.config();
        let connection = open(config, self.shared.tls.as_ref()).await?;
        let facts = RelayFacts {
            greeting: connection.greeting.clone(),
            extensions: connection.extensions.clone(),
            encrypted: connection.encrypted,
            verified: matches!(config.tls, TlsMode::Required | TlsMode::Implicit),
            certificate_ends: connection.wire.certificate_ends,
            authenticated: config.username.is_some(),
        };
        connection.quit().await;
        Ok(facts)
    }

    /// Takes no more messages, and gives back at once those of which nothing was sent yet; those under way go on.
    pub fn turn_away(&self) {
        self.shared.queue().closed = true;
        self.shared.answer_waiting(&closing());
        self.shared.wake.notify_waiters();
    }

    /// Takes no more messages, waits for those under way, and says goodbye on every connection.
    pub async fn close(&self) {
        self.shared.queue().closed = true;
        self.shared.wake.notify_waiters();
        loop {
            let ended = self.shared.ended.notified();
            if self.shared.queue().lanes == 0 {
                return;
            }
            ended.await;
        }
    }
}

/// The answer to whoever comes while the pool is closing.
pub(super) fn closing() -> Outcome {
    Outcome::NotSent { why: "the relay's connections are being closed".to_owned() }
}

/// The lane that had it came to an abnormal end: nobody can say how far it got, unless none had it yet.
fn abandoned(progress: &Progress) -> Outcome {
    if progress.give_up() {
        return Outcome::NotSent { why: "the relay's connections came to an abnormal end".to_owned() };
    }
    Outcome::Unknown { why: "the connection's task ended abnormally".to_owned() }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole at every instant, so a panic elsewhere cannot have left it half-changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a message and sees to it that a lane comes for it; `false` when the pool is closing.
    fn enqueue(shared: &Arc<Self>, job: Job) -> bool {
        let mut queue = shared.queue();
        if queue.closed {
            return false;
        }
        queue.jobs.push_back(job);
        let more = queue.idle < queue.jobs.len() && queue.lanes < shared.config.connections;
        if more {
            queue.lanes += 1;
        }
        drop(queue);
        if more {
            Place::spawn(shared);
        }
        // The lane that was busy last: the others' connections may come to rest.
        shared.wake.notify_last();
        true
    }

    /// Starts a lane where messages wait and no lane waits for one.
    fn see_to_those_who_wait(self: &Arc<Self>) {
        let mut queue = self.queue();
        let more = !queue.jobs.is_empty() && queue.idle == 0 && queue.lanes < self.config.connections;
        if more {
            queue.lanes += 1;
        }
        drop(queue);
        if more {
            Place::spawn(self);
        }
    }

    /// The next message for a lane. One with a connection waits for it, up to the idle limit; one without has nothing to keep.
    /// `None`: the lane ends.
    pub(super) async fn next(&self, connected: bool) -> Option<Job> {
        loop {
            let woken = self.wake.notified();
            {
                let mut queue = self.queue();
                if let Some(job) = pop(&mut queue) {
                    return Some(job);
                }
                if queue.closed || !connected {
                    return None;
                }
                queue.idle += 1;
            }
            let waiting = Idle(self);
            let came = timeout(self.config.idle_limit, woken).await.is_ok();
            drop(waiting);
            if !came && self.queue().jobs.is_empty() {
                return None;
            }
        }
    }

    /// Whether no further message is to be begun.
    pub(super) fn is_closing(&self) -> bool {
        self.queue().closed
    }

    /// A message that waits at this moment, if there is one.
    pub(super) fn try_next(&self) -> Option<Job> {
        pop(&mut self.queue())
    }

    /// Gives everyone who waits the same answer.
    pub(super) fn answer_waiting(&self, outcome: &Outcome) {
        while let Some(job) = self.try_next() {
            job.answer(outcome.clone());
        }
    }

    /// Takes back a message of which nothing but its envelope was sent: it goes next.
    pub(super) fn put_back(&self, job: Job) {
        self.queue().jobs.push_front(job);
        self.wake.notify_one();
    }
}

/// The first message that its sender still wants sent.
fn pop(queue: &mut Queue) -> Option<Job> {
    while let Some(job) = queue.jobs.pop_front() {
        if job.begin() {
            return Some(job);
        }
    }
    None
}

/// Counts a waiting lane for as long as it waits, however the wait ends.
struct Idle<'a>(&'a Shared);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.queue().idle -= 1;
    }
}

/// A lane's place in the pool: given back however the lane ends.
struct Place(Arc<Shared>);

impl Place {
    /// Starts a lane, which was counted already.
    fn spawn(shared: &Arc<Shared>) {
        let place = Self(Arc::clone(shared));
        tokio::spawn(async move {
            lane::run(&place.0).await;
            let shared = Arc::clone(&place.0);
            drop(place);
            // A message may have come while this lane was ending, and nobody else may be there for it.
            shared.see_to_those_who_wait();
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.queue().lanes -= 1;
        self.0.ended.notify_waiters();
    }
}
