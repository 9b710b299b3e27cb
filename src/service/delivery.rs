//! Delivering mail: claim in one short transaction, render and hand over with none open, settle in another.

mod facts;
mod prepare;
pub(in crate::service) use prepare::variants_for;
mod send;

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::outbox::MailState;
use crate::mail::transport::Transport;
use crate::service::ServiceError;
use crate::service::dispatch::Progress;
use crate::store::outbox::{self, Claimed, Lost, Settlement, Verdict};

/// Batches one run takes on at most; the next beat goes on.
const BATCHES_A_RUN: u32 = 200;
/// Lost claims that one run gives up on at most.
const RESCUES_A_RUN: u32 = 1_000;
/// How long a batch waits that could not be read, in seconds.
const UNREAD_REST_S: i64 = 15;

/// A batch in this worker's hands. The lease is measured on the monotonic clock: a process that was frozen for longer must not send.
#[derive(Debug)]
pub(super) struct Batch {
    pub claimed: Vec<Claimed>,
    pub taken: Instant,
    pub lease: Duration,
}

impl Batch {
    /// Whether there is still time to hand a mail over and settle it under the lease.
    pub fn may_start(&self, send_limit: Duration) -> bool {
        self.taken.elapsed() + send_limit < self.lease
    }
}

/// How long one hand-over may take, so that its answer comes while the lease still counts.
#[must_use]
pub fn send_limit(lease: Duration) -> Duration {
    lease.mul_f32(0.8)
}

/// Delivers what is due, batch by batch, until nothing is, or the service stops, or the relay rests.
///
/// # Errors
/// [`ServiceError`] when the database fails; a mail's own failure is its settled state.
pub async fn deliver_due_mail(app: &App) -> Result<Progress, ServiceError> {
    let mut progress = Progress::default();
    for _ in 0..BATCHES_A_RUN {
        if app.is_stopping() || app.relay.resting(app.clock.now()).is_some() {
            break;
        }
        let lease_s = app.config.mail.lease_s;
        let limit = app.config.mail.batch_size;
        let taken = Instant::now();
        let claimed = app
            .db
            .write(Actor::System, move |tx| {
                let until = tx.now + TimeDelta::seconds(lease_s.into());
                Ok::<_, ServiceError>(outbox::claim(tx, limit, until)?)
            })
            .await?;
        if claimed.is_empty() {
            break;
        }
        let batch = Batch { claimed, taken, lease: Duration::from_secs(lease_s.into()) };
        progress += deliver(app, batch).await?;
    }
    Ok(progress)
}

async fn deliver(app: &App, batch: Batch) -> Result<Progress, ServiceError> {
    let prepared = match prepare::prepare(app, &batch.claimed).await {
        Ok(prepared) => prepared,
        Err(error) => {
            put_back(app, batch.claimed).await;
            return Err(error);
        }
    };
    match &app.transport {
        Transport::Mailbox => send::keep(app, prepared).await,
        Transport::Smtp(pool) => send::hand_over(app, pool, &batch, prepared).await,
    }
}

/// Puts back a batch of which nothing was sent, so that its lease does not end in doubt where there is none.
async fn put_back(app: &App, claimed: Vec<Claimed>) {
    let retry_at = app.clock.now() + TimeDelta::seconds(UNREAD_REST_S);
    let why = Some("the mail could not be prepared; the service's log says why".to_owned());
    let verdict = Verdict { state: MailState::Pending, retry_at: Some(retry_at), why };
    let settlements = claimed.into_iter().map(|claimed| Settlement { claimed, verdict: verdict.clone() }).collect();
    if let Err(error) = settle(app, settlements).await {
        tracing::error!(%error, cause = ?error, "claimed mail could not be put back; its lease decides");
    }
}

/// Tries to write a batch of results down before it is given up.
const SETTLE_TRIES: u32 = 6;
/// The first wait between two tries; it doubles.
const SETTLE_WAIT: Duration = Duration::from_millis(50);

/// Writes down what became of claims; returns how many were settled by this call. A busy database is asked again: giving up would
/// make delivered mails `unknown`.
async fn settle(app: &App, settlements: Vec<Settlement>) -> Result<Progress, ServiceError> {
    let failed = settlements.iter().filter(|s| s.verdict.state == MailState::Failed).count() as u64;
    let mut tries = 0;
    loop {
        let batch = settlements.clone();
        match app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(outbox::settle(tx, &batch)?)).await {
            Err(ServiceError::Busy { .. }) if tries + 1 < SETTLE_TRIES => {
                tokio::time::sleep(SETTLE_WAIT * 2_u32.pow(tries)).await;
                tries += 1;
            }
            Err(error) => return Err(error),
            Ok(n) => return Ok(Progress { done: n as u64, failed: failed.min(n as u64) }),
        }
    }
}

/// A final verdict without a retry.
fn verdict(state: MailState, why: impl Into<Option<String>>) -> Verdict {
    Verdict { state, retry_at: None, why: why.into() }
}

/// Gives up on claims whose worker died. With a relay they become `unknown`, which a person resolves; with the built-in mailbox, where
/// keeping and settling are one transaction, they simply wait again.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn rescue_lost_claims(app: &App) -> Result<Progress, ServiceError> {
    let lost = if matches!(app.transport, Transport::Mailbox) { Lost::NotHandedOver } else { Lost::Unknown };
    let n = app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(outbox::rescue(tx, RESCUES_A_RUN, lost)?)).await?;
    if n > 0 {
        tracing::warn!(mails = n, ?lost, "leases ran out: a worker died with these mails in hand");
    }
    Ok(Progress { done: n as u64, failed: 0 })
}
