//! Putting a claim on file and changing it. What is wrong with a form is said all at once; a changed fact is confirmed anew.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Claim, ClaimForm, entry, to_change};
use crate::app::App;
use crate::domain::claim::{ClaimState, ClaimStep};
use crate::domain::event::EventKind;
use crate::domain::id::{ClaimId, UnitId, UserId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::refusal::Refusal as _;
use crate::domain::role::Act;
use crate::domain::target::TargetRefusal;
use crate::domain::web_url::{self, WebUrlError};
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::form::Faults;
use crate::service::neutrality::is_blocked_address;
use crate::store::claim::{self, ClaimRow};
use crate::store::types::At;
use crate::store::{Conn, StoreError, unit, user};

/// The longest claim or fact, in characters.
const TEXT_CHARACTERS: usize = 2_000;

/// A form whose fields were found right.
struct Draft {
    claim: String,
    seen_url: Option<String>,
    seen_at: Option<DateTime<Utc>>,
    fact: String,
    source_url: String,
}

/// Reads the words; `fact_stands` where a fact is on file already, which can be changed and not taken away.
fn read(form: &ClaimForm, now: DateTime<Utc>, fact_stands: bool) -> (Faults, Option<Draft>) {
    let mut faults = Faults::default();
    let claim = faults.take("claim", plain_text::paragraphs(&form.claim, TEXT_CHARACTERS), TextError::code);
    let without_fact = !fact_stands && form.fact.trim().is_empty() && form.source_url.trim().is_empty();
    let (fact, source_url) = if without_fact {
        (Some(String::new()), Some(String::new()))
    } else {
        let fact = faults.take("fact", plain_text::paragraphs(&form.fact, TEXT_CHARACTERS), TextError::code);
        (fact, faults.take("source_url", web_url::parse(&form.source_url), WebUrlError::code))
    };
    let seen_url = match form.seen_url.trim() {
        "" => Some(None),
        seen => faults.take("seen_url", web_url::parse(seen), WebUrlError::code).map(Some),
    };
    if form.seen_at.is_some_and(|at| at > now) {
        faults.add("seen_at", "claim.seen_later", "Give the time at which it was seen; that time has not come yet");
    }
    let whole = claim.zip(seen_url).zip(fact.zip(source_url));
    let seen_at = form.seen_at;
    let draft = whole.map(|((claim, seen_url), (fact, source_url))| Draft { claim, seen_url, seen_at, fact, source_url });
    (faults, draft)
}

/// An answer corrects a claim; it does not go to a candidate's or a party's account.
fn neutral(conn: &mut Conn, draft: &Draft, faults: &mut Faults) -> Result<(), StoreError> {
    let blocked = TargetRefusal::Blocked;
    if let Some(seen) = &draft.seen_url
        && is_blocked_address(conn, seen)?
    {
        faults.add("seen_url", blocked.code(), blocked.to_string());
    }
    if is_blocked_address(conn, &draft.source_url)? {
        faults.add("source_url", blocked.code(), blocked.to_string());
    }
    Ok(())
}

/// Who answers must be able to: a unit below the claim's, a user who runs campaigns there.
fn answerer(conn: &mut Conn, form: &ClaimForm, unit_id: UnitId, faults: &mut Faults) -> Result<(), StoreError> {
    if let Some(answering) = form.answer_unit_id
        && !unit::is_within(conn, answering, &[unit_id])?
    {
        faults.add("answer_unit_id", "claim.answer_unit", "The unit that answers is the claim's own unit or one below it");
        return Ok(());
    }
    let Some(id) = form.answer_user_id else { return Ok(()) };
    if !may_answer(conn, id, form.answer_unit_id.unwrap_or(unit_id))? {
        faults.add("answer_user_id", "claim.answer_user", "Choose somebody who runs campaigns in the unit that answers");
    }
    Ok(())
}

fn may_answer(conn: &mut Conn, id: UserId, unit_id: UnitId) -> Result<bool, StoreError> {
    if !user::find(conn, id)?.is_some_and(|user| user.active) {
        return Ok(false);
    }
    let roots: Vec<UnitId> = user::grants(conn, id)?
        .into_iter()
        .filter(|grant| grant.role.may(Act::RunCampaigns))
        .map(|grant| grant.unit_id)
        .collect();
    Ok(!roots.is_empty() && unit::is_within(conn, unit_id, &roots)?)
}

fn checked(
    conn: &mut Conn,
    form: &ClaimForm,
    (unit_id, now, fact_stands): (UnitId, DateTime<Utc>, bool),
) -> Result<Draft, ServiceError> {
    let (mut faults, draft) = read(form, now, fact_stands);
    if let Some(draft) = &draft {
        neutral(conn, draft, &mut faults)?;
    }
    answerer(conn, form, unit_id, &mut faults)?;
    faults.finish(draft)
}

/// What the log commits to.
fn detail(row: &ClaimRow) -> Value {
    json!({ "claim": row.claim, "seen_url": row.seen_url, "fact": row.fact, "source_url": row.source_url })
}

/// Puts a claim on file, with or without its fact.
///
/// # Errors
/// `Invalid` for faults; `NotFound` for a unit where the caller runs no campaigns.
pub async fn file(app: &App, caller: &Caller, form: ClaimForm) -> Result<Claim, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            who.check(tx.conn, Act::RunCampaigns, form.unit_id)?;
            let draft = checked(tx.conn, &form, (form.unit_id, tx.now, false))?;
            let has_fact = !draft.fact.is_empty();
            let mut row = ClaimRow {
                id: ClaimId::new(),
                unit_id: form.unit_id,
                claim: draft.claim,
                seen_url: draft.seen_url,
                fact: draft.fact,
                source_url: draft.source_url,
                filed_at: At(tx.now),
                filed_by: tx.actor.user_id(),
                state: ClaimState::Open,
                seen_at: draft.seen_at.map(At),
                fact_by: tx.actor.user_id().filter(|_| has_fact),
                fact_at: has_fact.then_some(At(tx.now)),
                confirmed_by: None,
                confirmed_at: None,
                answer_unit_id: form.answer_unit_id,
                answer_user_id: form.answer_user_id,
                taken_up_at: None,
                answers: 0,
                is_public: false,
                ended_at: None,
                ended_reason: String::new(),
                version: 1,
            };
            row.state = row.standing().state();
            claim::insert(tx, &row)?;
            let payload = json!({ "claim_id": row.id, "state": row.state, "source_url": row.source_url });
            tx.record(entry(EventKind::ClaimFiled, &row).payload(payload).detail(detail(&row)));
            Ok(row.into())
        })
        .await
}

/// Puts the draft into the row; gives the names of what changed.
fn apply(row: &mut ClaimRow, draft: Draft, form: &ClaimForm) -> Vec<&'static str> {
    let changed: Vec<&'static str> = [
        ("claim", row.claim != draft.claim),
        ("seen_url", row.seen_url != draft.seen_url),
        ("seen_at", row.seen_at.map(|at| at.0) != draft.seen_at),
        ("fact", row.fact != draft.fact),
        ("source_url", row.source_url != draft.source_url),
        ("answer_unit", row.answer_unit_id != form.answer_unit_id),
        ("answer_user", row.answer_user_id != form.answer_user_id),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    row.claim = draft.claim;
    row.seen_url = draft.seen_url;
    row.seen_at = draft.seen_at.map(At);
    row.fact = draft.fact;
    row.source_url = draft.source_url;
    row.answer_unit_id = form.answer_unit_id;
    row.answer_user_id = form.answer_user_id;
    changed
}

/// Changes a claim. What was confirmed is confirmed anew where the claim, the fact or its source says something else; what was released
/// with the earlier words keeps them.
///
/// # Errors
/// `Invalid` for faults; `claim.closed`; `Conflict` when `version` is not the current one; `NotFound` outside the caller's reach.
pub async fn change(app: &App, caller: &Caller, id: ClaimId, version: i32, form: ClaimForm) -> Result<Claim, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = to_change(tx.conn, &who, Act::RunCampaigns, (id, version))?;
            row.state.check(ClaimStep::Edit)?;
            if form.unit_id != row.unit_id {
                return Err(ServiceError::field(
                    "unit_id",
                    "claim.unit_stays",
                    "A claim stays with its unit; let another unit answer it",
                ));
            }
            let draft = checked(tx.conn, &form, (row.unit_id, tx.now, !row.fact.is_empty()))?;
            let changed = apply(&mut row, draft, &form);
            if changed.is_empty() {
                tx.without_entry("the claim is as before");
                return Ok(row.into());
            }
            let unsettles = ["claim", "fact", "source_url"].iter().any(|field| changed.contains(field));
            if unsettles && !row.fact.is_empty() {
                row.fact_by = tx.actor.user_id();
                row.fact_at = Some(At(tx.now));
                row.confirmed_by = None;
                row.confirmed_at = None;
            }
            row.state = row.standing().state();
            claim::save(tx, &mut row)?;
            let payload = json!({ "claim_id": id, "changed": changed, "state": row.state });
            tx.record(entry(EventKind::ClaimChanged, &row).payload(payload).detail(detail(&row)));
            Ok(row.into())
        })
        .await
}
