//! The built-in mailbox: a batch is kept and settled in one transaction, so here nothing can be unknown.

use std::sync::Arc;

use super::claiming::claim_next;
use super::compose::compose_all;
use super::prepare::prepare;
use super::settling::settle;
use super::{BATCHES_A_RUN, Batch, put_back, verdict};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::KeptId;
use crate::domain::outbox::MailState;
use crate::service::dispatch::Progress;
use crate::service::{ServiceError, measures};
use crate::store::delivery::{self, KeptMail};
use crate::store::outbox::{self, Settlement};
use crate::store::types::At;

/// Keeps what is due, batch by batch.
pub(super) async fn run(app: &App) -> Result<Progress, ServiceError> {
    let mut progress = Progress::default();
    for _ in 0..BATCHES_A_RUN {
        let Some(batch) = claim_next(app, app.config.mail.batch_size).await? else { break };
        progress += keep(app, batch).await?;
    }
    Ok(progress)
}

async fn keep(app: &App, batch: Batch) -> Result<Progress, ServiceError> {
    let prepared = match prepare(app, &batch.claimed).await {
        Ok(prepared) => prepared,
        Err(error) => {
            settle(app, put_back(app, batch.claimed)).await?;
            return Err(error);
        }
    };
    let (composed, mut settlements) = compose_all(app, prepared, |mail| mail).await?;
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
        settlements.push(Settlement::new(mail.claimed, verdict(MailState::Sent, None)));
    }
    let failed = settlements.iter().filter(|s| s.verdict.state == MailState::Failed).count() as u64;
    let settlements = Arc::new(settlements);
    let batch = Arc::clone(&settlements);
    let done = app
        .db
        .write(Actor::System, move |tx| {
            delivery::keep(tx, &kept)?;
            Ok::<_, ServiceError>(outbox::settle(tx, &batch)?)
        })
        .await?;
    measures::settled(app, &settlements);
    Ok(Progress { done: done as u64, failed })
}
