//! Delivering mail: claim in one short transaction, render and hand over with none open, settle in another.
//!
//! `claiming` takes a batch as large as `share` says, `prepare` decides about each mail and finds what it says, `compose` makes its
//! bytes, `begin` marks what goes next, `relay` hands it over (or `keep` keeps it in the built-in mailbox), `judge` says what each
//! outcome means, `settling` writes that down. A relay's worker writes with one hand, `writer`, so that these share transactions.

mod begin;
mod claiming;
mod compose;
mod facts;
pub(in crate::service) mod health;
mod judge;
mod keep;
mod last;
mod pace;
pub(in crate::service) use last::{last_mail_at, takes};
mod prepare;
pub(in crate::service) use prepare::variants_for;
mod relay;
mod settling;
mod share;
mod writer;

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
const BATCHES_A_RUN: u32 = 400;
/// Lost claims that one run gives up on at most.
const RESCUES_A_RUN: u32 = 1_000;
/// How long a batch waits that could not be read, in seconds.
const UNREAD_REST_S: i64 = 15;

/// The lease of a batch in this worker's hands, measured on the monotonic clock: a process that was frozen for longer must not send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lease {
    pub taken: Instant,
    pub lasts: Duration,
}

impl Lease {
    /// Whether there is still time to hand a mail over and settle it.
    pub fn may_start(self, send_limit: Duration) -> bool {
        self.taken.elapsed() + send_limit < self.lasts
    }
}

/// A batch in this worker's hands.
#[derive(Debug)]
pub(super) struct Batch {
    pub claimed: Vec<Claimed>,
    pub lease: Lease,
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
    match &app.transport {
        Transport::Mailbox => keep::run(app).await,
        Transport::Smtp(pool) => relay::run(app, pool).await,
    }
}

/// The settlements that put back a batch of which nothing was sent, so that its lease does not end in doubt where there is none.
fn put_back(app: &App, claimed: Vec<Claimed>) -> Vec<Settlement> {
    let retry_at = app.clock.now() + TimeDelta::seconds(UNREAD_REST_S);
    let why = Some("the mail could not be prepared; the service's log says why".to_owned());
    let verdict = Verdict { state: MailState::Pending, retry_at: Some(retry_at), why };
    claimed.into_iter().map(|claimed| Settlement::new(claimed, verdict.clone())).collect()
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
