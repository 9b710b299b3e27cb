//! The steps of a claim: confirming its fact, showing it to the public, closing it, taking it up again.

use serde_json::{Value, json};

use super::{Claim, entry, to_change};
use crate::app::App;
use crate::domain::claim::{ClaimRefusal, ClaimState, ClaimStep};
use crate::domain::event::EventKind;
use crate::domain::id::ClaimId;
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::form::Faults;
use crate::store::Tx;
use crate::store::claim::{self, ClaimRow};
use crate::store::types::At;

/// The longest reason, in characters.
const REASON_CHARACTERS: usize = 1_000;

/// One step: who may, whether the state allows it, what it changes, and its entry.
async fn step(
    app: &App,
    caller: &Caller,
    (id, version): (ClaimId, i32),
    (act, step, kind): (Act, ClaimStep, EventKind),
    change: impl FnOnce(&mut Tx<'_>, &mut ClaimRow) -> Result<Option<Value>, ServiceError> + Send + 'static,
) -> Result<Claim, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = to_change(tx.conn, &who, act, (id, version))?;
            row.state.check(step)?;
            let detail = change(tx, &mut row)?;
            claim::save(tx, &mut row)?;
            let mut made = entry(kind, &row).payload(json!({ "claim_id": id, "state": row.state, "answers": row.answers }));
            if let Some(detail) = detail {
                made = made.detail(detail);
            }
            tx.record(made);
            Ok(row.into())
        })
        .await
}

/// Confirms the fact: somebody other than who wrote it has read the source.
///
/// # Errors
/// `claim.own_fact`, `claim.no_fact`, `claim.nothing_to_confirm`, `claim.closed`; `Conflict`, `NotFound`, `Forbidden`.
pub async fn confirm(app: &App, caller: &Caller, id: ClaimId, version: i32) -> Result<Claim, ServiceError> {
    let user_id = caller.user_id()?;
    let how = (Act::ConfirmFacts, ClaimStep::Confirm, EventKind::ClaimConfirmed);
    let confirmed = step(app, caller, (id, version), how, move |tx, row| {
        if row.fact_by == Some(user_id) {
            return Err(ClaimRefusal::OwnFact.into());
        }
        row.confirmed_by = Some(user_id);
        row.confirmed_at = Some(At(tx.now));
        row.state = row.standing().state();
        Ok(Some(json!({ "claim": row.claim, "fact": row.fact, "source_url": row.source_url })))
    });
    confirmed.await
}

/// Shows a claim in the public register once an answer stands, or takes it off again.
///
/// # Errors
/// `claim.no_fact`, `claim.not_confirmed`, `claim.closed` where it is to be shown; `Conflict`, `NotFound`, `Forbidden`.
pub async fn publish(app: &App, caller: &Caller, id: ClaimId, version: i32, public: bool) -> Result<Claim, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = to_change(tx.conn, &who, Act::RunCampaigns, (id, version))?;
            if row.is_public == public {
                tx.without_entry("it is shown, or not, as before");
                return Ok(row.into());
            }
            if public {
                row.state.check(ClaimStep::Publish)?;
            }
            row.is_public = public;
            claim::save(tx, &mut row)?;
            let kind = if public { EventKind::ClaimPublished } else { EventKind::ClaimUnpublished };
            tx.record(entry(kind, &row).payload(json!({ "claim_id": id, "answers": row.answers })));
            Ok(row.into())
        })
        .await
}

/// Closes a claim as answered.
///
/// # Errors
/// `claim.no_answer`, `claim.not_confirmed`, `claim.no_fact`, `claim.closed`; `Conflict`, `NotFound`, `Forbidden`.
pub async fn close(app: &App, caller: &Caller, id: ClaimId, version: i32) -> Result<Claim, ServiceError> {
    let how = (Act::RunCampaigns, ClaimStep::Close, EventKind::ClaimAnswered);
    let closed = step(app, caller, (id, version), how, |tx, row| {
        if row.answers == 0 {
            return Err(ClaimRefusal::NoAnswer.into());
        }
        row.state = ClaimState::Answered;
        row.ended_at = Some(At(tx.now));
        Ok(None)
    });
    closed.await
}

/// Closes a claim without an answer, for a reason. It leaves the public register.
///
/// # Errors
/// `Invalid` for the reason; `claim.closed`; `Conflict`, `NotFound`, `Forbidden`.
pub async fn withdraw(app: &App, caller: &Caller, id: ClaimId, version: i32, reason: &str) -> Result<Claim, ServiceError> {
    let mut faults = Faults::default();
    let reason = faults.take("reason", plain_text::paragraphs(reason, REASON_CHARACTERS), TextError::code);
    let reason = faults.finish(reason)?;
    let how = (Act::RunCampaigns, ClaimStep::Withdraw, EventKind::ClaimWithdrawn);
    let withdrawn = step(app, caller, (id, version), how, move |tx, row| {
        row.state = ClaimState::Withdrawn;
        row.is_public = false;
        row.ended_at = Some(At(tx.now));
        row.ended_reason.clone_from(&reason);
        Ok(Some(json!({ "reason": reason })))
    });
    withdrawn.await
}

/// Takes a closed claim up again: it stands where its fact and its answers put it.
///
/// # Errors
/// `claim.not_closed`; `Conflict`, `NotFound`, `Forbidden`.
pub async fn reopen(app: &App, caller: &Caller, id: ClaimId, version: i32) -> Result<Claim, ServiceError> {
    let how = (Act::RunCampaigns, ClaimStep::Reopen, EventKind::ClaimReopened);
    let reopened = step(app, caller, (id, version), how, |_, row| {
        row.state = row.standing().state();
        row.ended_at = None;
        row.ended_reason = String::new();
        Ok(None)
    });
    reopened.await
}
