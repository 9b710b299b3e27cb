//! From prepared mails to bytes, off the async threads; one bad row becomes `failed` with its reason.

use chrono::{DateTime, Utc};

use super::prepare::{Mail, Prepared};
use super::verdict;
use crate::app::App;
use crate::domain::outbox::MailState;
use crate::fault;
use crate::mail::compose::compose;
use crate::mail::dkim::Signer;
use crate::mail::envelope::Envelope;
use crate::service::ServiceError;
use crate::store::outbox::{Claimed, Settlement, Verdict};

/// A composed mail.
pub(super) struct Composed {
    pub claimed: Claimed,
    pub envelope: Envelope,
    pub subject: String,
    pub message_id: String,
    pub bytes: Vec<u8>,
}

/// Renders and builds a batch, and makes of each what its way asks for: what can be handed over, and what came to its end without.
pub(super) async fn compose_all<T: Send + 'static>(
    app: &App,
    prepared: Vec<Prepared>,
    finish: fn(Composed) -> T,
) -> Result<(Vec<T>, Vec<Settlement>), ServiceError> {
    let (now, signer) = (app.clock.now(), app.signer.clone());
    let work = move || {
        fault::point("delivery.compose.before");
        let (mut composed, mut settled) = (Vec::with_capacity(prepared.len()), Vec::new());
        for Prepared { claimed, mail } in prepared {
            match mail.and_then(|mail| compose_one(&claimed, *mail, &signer, now)) {
                Ok(mail) => composed.push(finish(mail)),
                Err(verdict) => settled.push(Settlement::new(claimed, verdict)),
            }
        }
        (composed, settled)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ServiceError::Internal(format!("composing ended abnormally: {error}")))
}

fn compose_one(claimed: &Claimed, mail: Mail, signer: &Signer, now: DateTime<Utc>) -> Result<Composed, Verdict> {
    let failed = |why: String| verdict(MailState::Failed, why);
    // Fenced: what makes rendering panic ends here.
    let composed = compose(&mail.context, &mail.headers, signer, now).map_err(|e| failed(e.to_string()))?;
    let envelope = Envelope { sender: mail.envelope_sender, recipient: mail.recipient };
    Ok(Composed {
        claimed: claimed.clone(),
        envelope,
        subject: composed.subject,
        message_id: mail.headers.message_id,
        bytes: composed.bytes,
    })
}
