//! From draft to release request and back: submitting, returning, and the second approver's reason in an election freeze.

use serde_json::json;

use super::check::{content_faults, near_identical_texts, time_faults};
use super::references::reference_faults;
use super::{CampaignView, checked_reason, guard, reach};
use crate::app::App;
use crate::domain::campaign::{CampaignRefusal, CampaignState, Step};
use crate::domain::event::EventKind;
use crate::domain::id::CampaignId;
use crate::domain::outbox::MailKind;
use crate::domain::role::Act;
use crate::service::{Caller, ServiceError};
use crate::store::campaign::{self, CampaignRow};
use crate::store::outbox::{self, NewMail};
use crate::store::release::{self, FreezeReasonRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{StoreError, Tx};

/// Asks for a campaign's release; every approver of its unit but the author and the submitter gets a mail.
///
/// # Errors
/// `Invalid` with every fault of [`super::check`]; `Refused` for near-identical texts that are not acknowledged, or when it is
/// no draft; `Conflict` when somebody changed it meanwhile; `NotFound`, `Forbidden`.
pub async fn submit(
    app: &App,
    caller: &Caller,
    id: CampaignId,
    expected_version: i32,
    acknowledge_near_identical: bool,
) -> Result<CampaignView, ServiceError> {
    let by = caller.user_id()?;
    let (reader, config) = (caller.clone(), app.config.clone());
    // Texts are compared outside the write; the version holds the result to this content.
    let read = app.db.read(move |conn| {
        let row = reach(conn, &reader, Act::RunCampaigns, id)?;
        guard(&row, expected_version)?;
        row.state.after(Step::Submit)?;
        Ok::<_, ServiceError>((content_faults(&row.content.0, &config.campaign), near_identical_texts(&row.content.0)))
    });
    let (mut faults, near_identical) = read.await?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            guard(&row, expected_version)?;
            row.state = row.state.after(Step::Submit)?;
            faults.extend(time_faults(&row.content.0, tx.now));
            faults.extend(reference_faults(tx.conn, row.unit_id, id, &row.content.0)?);
            if !faults.is_empty() {
                return Err(ServiceError::Invalid(faults));
            }
            if !near_identical.is_empty() && !acknowledge_near_identical {
                return Err(CampaignRefusal::NearIdenticalVariants.into());
            }
            row.submitted_by = Some(by);
            row.submitted_at = Some(At(tx.now));
            row.note = String::new();
            campaign::save(tx, &mut row)?;
            let asked = ask_approvers(tx, &row)?;
            let payload = json!({
                "content_hash": row.content_hash,
                "approvers_asked": asked,
                "near_identical_acknowledged": near_identical.len(),
            });
            tx.record(NewEntry::new(EventKind::CampaignSubmitted).unit(row.unit_id).campaign(id).payload(payload));
            Ok(row.into())
        })
        .await
}

fn ask_approvers(tx: &mut Tx<'_>, row: &CampaignRow) -> Result<usize, StoreError> {
    let approvers = campaign::approvers(tx.conn, row.unit_id)?.into_iter();
    let others = approvers.filter(|user| *user != row.author_id && Some(*user) != row.submitted_by);
    let mails: Vec<NewMail> = others
        .map(|user| NewMail {
            campaign_id: Some(row.id),
            user_id: Some(user),
            dedupe: Some(format!("release:{}:{}:{user}", row.id, row.content_hash)),
            ..NewMail::new(MailKind::ReleaseRequest)
        })
        .collect();
    outbox::enqueue(tx, &mails)?;
    Ok(mails.len())
}

/// Sends a submitted campaign back to its author with a note; it is a draft again.
///
/// # Errors
/// `Refused` when it is not submitted; `Invalid` for an empty note; `NotFound`, `Forbidden`.
pub async fn return_to_author(app: &App, caller: &Caller, id: CampaignId, note: &str) -> Result<CampaignView, ServiceError> {
    let note = checked_reason("note", note)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::ReleaseCampaigns, id)?;
            row.state = row.state.after(Step::Return)?;
            row.submitted_by = None;
            row.submitted_at = None;
            row.note = note;
            campaign::save(tx, &mut row)?;
            let entry = NewEntry::new(EventKind::CampaignReturned).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "content_hash": row.content_hash })).detail(json!({ "note": row.note })));
            Ok(row.into())
        })
        .await
}

/// Puts on file why a campaign may go out in an election freeze. Bound to its present content.
///
/// # Errors
/// `Refused` for the author, the submitter, or a campaign that is neither submitted nor released; `Invalid` for an empty
/// reason; `NotFound`, `Forbidden`.
pub async fn give_freeze_reason(app: &App, caller: &Caller, id: CampaignId, reason: &str) -> Result<(), ServiceError> {
    let given_by = caller.user_id()?;
    let reason = checked_reason("reason", reason)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            use CampaignState::{Paused, Released, Running, Submitted};
            let row = reach(tx.conn, &caller, Act::ReleaseCampaigns, id)?;
            // After the release it still matters: a held wave may be opened by hand within a freeze.
            if !matches!(row.state, Submitted | Released | Running | Paused) {
                return Err(CampaignRefusal::NotSubmitted.into());
            }
            if given_by == row.author_id || Some(given_by) == row.submitted_by {
                return Err(CampaignRefusal::FreezeReasonNeedsSecondApprover.into());
            }
            let entry = NewEntry::new(EventKind::FreezeReasonGiven).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "content_hash": row.content_hash })).detail(json!({ "reason": reason })));
            let given_at = At(tx.now);
            let given = FreezeReasonRow { campaign_id: id, content_hash: row.content_hash, given_by, reason, given_at };
            Ok(release::save_freeze_reason(tx, &given)?)
        })
        .await
}
