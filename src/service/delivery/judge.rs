//! What the relay's answer means for a mail: sent, to be tried again, failed, or in doubt.

use super::verdict;
use crate::app::App;
use crate::config::Mail as MailConfig;
use crate::domain::outbox::{MailState, back_off};
use crate::mail::outcome::Outcome;
use crate::store::outbox::{Claimed, Verdict};

/// The wait of a mail that got no answer while others did, in seconds: the first one, and the longest it doubles to.
const NO_ANSWER_FIRST_S: u32 = 5;
const NO_ANSWER_MAX_S: u32 = 600;

/// What an outcome means for the mail.
pub(super) fn judge(config: &MailConfig, claimed: &Claimed, outcome: &Outcome, app: &App) -> Verdict {
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
