//! Handing mails over: into the built-in mailbox together with their settling, or to the relay, each with its typed outcome.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;

use super::prepare::{Mail, Prepared};
use super::{Batch, send_limit, settle, verdict};
use crate::app::App;
use crate::config::Mail as MailConfig;
use crate::domain::actor::Actor;
use crate::domain::id::KeptId;
use crate::domain::outbox::{MailState, back_off};
use crate::mail::compose::compose;
use crate::mail::envelope::Envelope;
use crate::mail::outcome::Outcome;
use crate::mail::smtp::Pool;
use crate::service::ServiceError;
use crate::service::dispatch::Progress;
use crate::store::delivery::{self, KeptMail};
use crate::store::outbox::{self, Claimed, Settlement, Verdict};
use crate::store::types::At;

/// Settlements written in one transaction: a crash makes at most so many delivered mails `unknown`.
const SETTLE_BATCH: usize = 25;
/// The wait of a mail that got no answer while others did, in seconds: the first one, and the longest it doubles to.
const NO_ANSWER_FIRST_S: u32 = 5;
const NO_ANSWER_MAX_S: u32 = 600;

/// A composed mail.
struct Composed {
    claimed: Claimed,
    envelope: Envelope,
    subject: String,
    message_id: String,
    bytes: Vec<u8>,
}

/// Renders and builds a batch off the async threads; one bad row becomes `failed` with its reason.
async fn compose_all(app: &App, prepared: Vec<Prepared>) -> Result<(Vec<Composed>, Vec<Settlement>), ServiceError> {
    let now = app.clock.now();
    let work = move || {
        let (mut composed, mut settled) = (Vec::with_capacity(prepared.len()), Vec::new());
        for Prepared { claimed, mail } in prepared {
            match mail.and_then(|mail| compose_one(*mail, now)) {
                Ok((envelope, subject, message_id, bytes)) => {
                    composed.push(Composed { claimed, envelope, subject, message_id, bytes });
                }
                Err(verdict) => settled.push(Settlement { claimed, verdict }),
            }
        }
        (composed, settled)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ServiceError::Internal(format!("composing ended abnormally: {error}")))
}

fn compose_one(mail: Mail, now: DateTime<Utc>) -> Result<(Envelope, String, String, Vec<u8>), Verdict> {
    let failed = |why: String| verdict(MailState::Failed, why);
    // Fenced, and so first: what makes rendering panic ends here.
    let bytes = compose(&mail.context, &mail.headers, now).map_err(|e| failed(e.to_string()))?;
    let subject = crate::mail::render::render(&mail.context, now).map_err(|e| failed(e.to_string()))?.subject;
    let envelope = Envelope { sender: mail.headers.from.address.clone(), recipient: mail.recipient };
    Ok((envelope, subject, mail.headers.message_id, bytes))
}

/// Keeps a batch in the built-in mailbox and settles it, in one transaction: here nothing can be unknown.
pub(super) async fn keep(app: &App, prepared: Vec<Prepared>) -> Result<Progress, ServiceError> {
    let (composed, mut settlements) = compose_all(app, prepared).await?;
    let now = app.clock.now();
    let mut kept = Vec::with_capacity(composed.len());
    for mail in composed {
        kept.push(KeptMail {
            id: KeptId::new(),
            message_id: mail.message_id,
            mail_from: mail.envelope.sender.to_string(),
            rcpt_to: mail.envelope.recipient.to_string().to_lowercase(),
            subject: mail.subject,
            raw: mail.bytes,
            received_at: At(now),
        });
        settlements.push(Settlement { claimed: mail.claimed, verdict: verdict(MailState::Sent, None) });
    }
    let failed = settlements.iter().filter(|s| s.verdict.state == MailState::Failed).count() as u64;
    let done = app
        .db
        .write(Actor::System, move |tx| {
            delivery::keep(tx, &kept)?;
            Ok::<_, ServiceError>(outbox::settle(tx, &settlements)?)
        })
        .await?;
    Ok(Progress { done: done as u64, failed })
}

/// Hands a batch to the relay over its connections and settles results as they come.
pub(super) async fn hand_over(
    app: &App,
    pool: &Arc<Pool>,
    batch: &Batch,
    prepared: Vec<Prepared>,
) -> Result<Progress, ServiceError> {
    let (composed, settled) = compose_all(app, prepared).await?;
    let mut progress = if settled.is_empty() { Progress::default() } else { settle(app, settled).await? };
    let limit = send_limit(batch.lease);
    let sends = futures_util::stream::iter(composed).map(|mail| send_one(app, pool, batch, limit, mail));
    let mut results = sends.buffer_unordered(pool.config().connections.max(1)).ready_chunks(SETTLE_BATCH);
    while let Some(settlements) = results.next().await {
        progress += settle(app, settlements).await?;
    }
    Ok(progress)
}

async fn send_one(app: &App, pool: &Pool, batch: &Batch, limit: Duration, mail: Composed) -> Settlement {
    let now = app.clock.now();
    let resting = app.relay.resting(now);
    // Not begun, so nobody can have it: back to pending, as if it had not been claimed.
    if app.is_stopping() || resting.is_some() || !batch.may_start(limit) {
        let retry_at = resting.map_or(now, |(until, _)| until);
        return Settlement {
            claimed: mail.claimed,
            verdict: Verdict { state: MailState::Pending, retry_at: Some(retry_at), why: None },
        };
    }
    let outcome = pool.send(&mail.envelope, &mail.bytes).await;
    let rests_until = match &outcome {
        Outcome::RelayRefused { why } => Some(app.relay.failed(app.clock.now(), why)),
        Outcome::NotSent { why } => app.relay.stumbled(mail.claimed.id, app.clock.now(), why),
        Outcome::Delivered { .. } | Outcome::TempFail { .. } | Outcome::PermFail { .. } | Outcome::Unknown { .. } => {
            app.relay.answered();
            None
        }
    };
    if let Some(until) = rests_until {
        tracing::warn!(%until, why = outcome.reason(), "the relay failed as a whole; mail rests");
    }
    let verdict = judge(&app.config.mail, &mail.claimed, &outcome, app);
    Settlement { claimed: mail.claimed, verdict }
}

/// What an outcome means for the mail.
fn judge(config: &MailConfig, claimed: &Claimed, outcome: &Outcome, app: &App) -> Verdict {
    let now = app.clock.now();
    let reason = outcome.reason();
    let entropy = claimed.id.uuid().as_u128() as u32;
    match outcome {
        Outcome::Delivered { .. } => verdict(MailState::Sent, reason),
        Outcome::PermFail { .. } => verdict(MailState::Failed, reason),
        Outcome::Unknown { .. } => verdict(MailState::Unknown, reason),
        // It says nothing about the recipient, so it costs no attempt.
        Outcome::NotSent { .. } | Outcome::RelayRefused { .. } => {
            let tries = u32::try_from(claimed.attempt).unwrap_or_default();
            let alone = now + back_off(tries, NO_ANSWER_FIRST_S, NO_ANSWER_MAX_S, entropy);
            let until = app.relay.resting(now).map_or(alone, |(until, _)| until);
            Verdict { state: MailState::Pending, retry_at: Some(until), why: Some(reason) }
        }
        Outcome::TempFail { .. } => {
            let attempt = u32::try_from(claimed.deferrals).unwrap_or_default() + 1;
            if attempt >= config.max_attempts {
                return verdict(MailState::Failed, format!("given up after {attempt} attempts: {reason}"));
            }
            let wait = back_off(attempt, config.backoff_first_s, config.backoff_max_s, entropy);
            Verdict { state: MailState::Deferred, retry_at: Some(now + wait), why: Some(reason) }
        }
    }
}
