//! Delivering mail: claim in one short transaction, render and hand over with none open, settle in another.
//!
//! `prepare` decides about each mail and finds what it says, `compose` makes its bytes, `begin` marks what goes next, `relay` hands it
//! over (or `keep` keeps it in the built-in mailbox), `judge` says what each outcome means.

mod begin;
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

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::outbox::MailState;
use crate::fault;
use crate::mail::transport::Transport;
use crate::service::dispatch::Progress;
use crate::service::{ServiceError, mail_report, measures};
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

/// Takes the next batch under a lease; none when nothing is due, or the service stops, or the relay rests.
async fn claim_next(app: &App) -> Result<Option<Batch>, ServiceError> {
    if app.is_stopping() || app.relay.resting(app.clock.now()).is_some() {
        return Ok(None);
    }
    let lease_s = app.config.mail.lease_s;
    let limit = app.config.mail.batch_size;
    let lease = Lease { taken: Instant::now(), lasts: Duration::from_secs(lease_s.into()) };
    let taken = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&taken);
    let claim = app.db.write(Actor::System, move |tx| {
        let until = tx.now + TimeDelta::seconds(lease_s.into());
        let claimed = outbox::claim(tx, limit, until)?;
        noted.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&claimed);
        Ok::<_, ServiceError>(claimed)
    });
    let claimed = match claim.await {
        Ok(claimed) => claimed,
        Err(error) => {
            // The database may have gone away between committing and saying so. Nothing was sent, so nothing need be in doubt.
            let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
            if !taken.is_empty() {
                settle(app, put_back(app, taken)).await?;
            }
            return Err(error);
        }
    };
    if !claimed.is_empty() {
        fault::point("outbox.claim.committed");
    }
    Ok((!claimed.is_empty()).then_some(Batch { claimed, lease }))
}

/// The settlements that put back a batch of which nothing was sent, so that its lease does not end in doubt where there is none.
fn put_back(app: &App, claimed: Vec<Claimed>) -> Vec<Settlement> {
    let retry_at = app.clock.now() + TimeDelta::seconds(UNREAD_REST_S);
    let why = Some("the mail could not be prepared; the service's log says why".to_owned());
    let verdict = Verdict { state: MailState::Pending, retry_at: Some(retry_at), why };
    claimed.into_iter().map(|claimed| Settlement::new(claimed, verdict.clone())).collect()
}

/// The first wait between two tries to write results down; it doubles ...
const SETTLE_WAIT: Duration = Duration::from_millis(50);
/// ... up to this.
const SETTLE_WAIT_MOST: Duration = Duration::from_secs(2);
/// A service that stops does not wait longer than this for its database.
const SETTLE_WHEN_STOPPING: Duration = Duration::from_secs(15);

/// Writes down what became of claims; returns how many were settled by this call. A database that is busy or away is asked again for
/// as long as the lease lasts: giving up would make delivered mails `unknown`. Asking twice is safe, each row is guarded.
async fn settle(app: &App, settlements: Vec<Settlement>) -> Result<Progress, ServiceError> {
    settle_braked(app, settlements, &health::Brake::default()).await
}

/// As [`settle`]; pulls the brake for what must stop.
async fn settle_braked(app: &App, settlements: Vec<Settlement>, brake: &health::Brake) -> Result<Progress, ServiceError> {
    let failed = settlements.iter().filter(|s| s.verdict.state == MailState::Failed).count() as u64;
    let began = Instant::now();
    let most = Duration::from_secs(app.config.mail.lease_s.into());
    let settlements = Arc::new(settlements);
    let tallies = Arc::new(health::Tallies::of(&settlements));
    let rules = health::rules(&app.config.mail.breaker);
    let mut wait = SETTLE_WAIT;
    fault::point("outbox.settle.before");
    loop {
        let (this, batch, tallies) = (app.clone(), Arc::clone(&settlements), Arc::clone(&tallies));
        let written = app.db.write(Actor::System, move |tx| {
            let n = outbox::settle(tx, &batch)?;
            mail_report::after_settle(tx, &this, &batch)?;
            Ok::<_, ServiceError>((n, tallies.note(tx, &rules)?))
        });
        match written.await {
            Err(ServiceError::Busy { .. })
                if began.elapsed() + wait < if app.is_stopping() { SETTLE_WHEN_STOPPING.min(most) } else { most } =>
            {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(SETTLE_WAIT_MOST);
            }
            Err(error) => return Err(error),
            Ok((n, stopped)) => {
                measures::settled(app, &settlements);
                fault::point("outbox.settle.after");
                brake.pull(&stopped);
                health::stop(app, &stopped).await;
                return Ok(Progress { done: n as u64, failed: failed.min(n as u64) });
            }
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
