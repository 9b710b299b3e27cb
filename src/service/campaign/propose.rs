//! A correction takes two persons: one who runs the campaign proposes it, an approver confirms. A drill is the same up to the end: what
//! would be done is counted and how long the two needed, and nothing is stopped, mailed to members or published.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::correct::{checked_text, correct_within, stepped};
use super::{CampaignView, reach};
use crate::app::App;
use crate::domain::campaign::CampaignRefusal;
use crate::domain::correction::ProposalEnd;
use crate::domain::data_request::NoticeTopic;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, ProposalId, UserId};
use crate::domain::role::Act;
use crate::service::{Caller, ServiceError};
use crate::store::campaign::CampaignRow;
use crate::store::notice::{self, Told};
use crate::store::proposal::{self, ProposalRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Tx, campaign, plan_counts, user};

/// A correction that somebody proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposalView {
    /// Its id.
    pub id: ProposalId,
    /// What was wrong and what is right.
    pub text: String,
    /// Whether it is a drill.
    pub drill: bool,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who confirmed it.
    pub confirmed_by: Option<String>,
    /// When it was confirmed or withdrawn.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<ProposalEnd>,
    /// For a drill: how many people would have been asked; none where the group is small.
    pub would_ask: Option<i64>,
    /// Who may confirm it: approvers of the unit other than who proposed it.
    pub confirmers: Vec<String>,
    /// Whether the caller may confirm it.
    pub may_confirm: bool,
}

impl ProposalView {
    /// How long the two needed, in whole seconds.
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        self.ended_at.map(|at| (at - self.proposed_at).num_seconds())
    }
}

fn text_sha256(body: &str) -> String {
    hex::encode(Sha256::digest(body.as_bytes()))
}

/// The approvers of a campaign's unit, but for one person.
fn others(conn: &mut Conn, row: &CampaignRow, proposer: UserId) -> Result<Vec<UserId>, StoreError> {
    Ok(campaign::approvers(conn, row.unit_id)?.into_iter().filter(|id| *id != proposer).collect())
}

fn view(
    conn: &mut Conn,
    caller: &Caller,
    row: &CampaignRow,
    found: ProposalRow,
    small: i64,
) -> Result<ProposalView, ServiceError> {
    let ids = if found.ended_at.is_none() { others(conn, row, found.proposed_by)? } else { Vec::new() };
    let mut confirmers = Vec::with_capacity(ids.len());
    for id in &ids {
        confirmers.push(user::get(conn, *id)?.name);
    }
    let may_confirm = caller.user_id().is_ok_and(|id| ids.contains(&id));
    let confirmed_by = match found.confirmed_by {
        Some(id) => Some(user::get(conn, id)?.name),
        None => None,
    };
    Ok(ProposalView {
        id: found.id,
        text: found.body,
        drill: found.drill,
        proposed_by: user::get(conn, found.proposed_by)?.name,
        proposed_at: found.proposed_at.0,
        confirmed_by,
        ended_at: found.ended_at.map(|at| at.0),
        outcome: found.outcome,
        would_ask: found.asked.filter(|asked| *asked >= small),
        confirmers,
        may_confirm,
    })
}

/// Proposes a correction, or its drill: every other approver of the unit is mailed at once.
///
/// # Errors
/// `campaign.not_correctable`, `correction.proposed`, `correction.nobody_else`; `Invalid` for the text; `NotFound`, `Forbidden`.
pub async fn propose(app: &App, caller: &Caller, id: CampaignId, text: &str, drill: bool) -> Result<ProposalView, ServiceError> {
    let body = checked_text(text)?;
    let (caller, user_id, small) = (caller.clone(), caller.user_id()?, i64::from(app.config.privacy.small_group));
    app.db
        .write(caller.actor(), move |tx| {
            let row = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            stepped(&row)?;
            if proposal::open_of(tx.conn, id)?.is_some() {
                return Err(CampaignRefusal::CorrectionProposed.into());
            }
            let told = others(tx.conn, &row, user_id)?;
            if told.is_empty() {
                return Err(CampaignRefusal::NobodyElse.into());
            }
            let found = ProposalRow {
                id: ProposalId::new(),
                campaign_id: id,
                drill,
                body: body.clone(),
                proposed_by: user_id,
                proposed_at: At(tx.now),
                confirmed_by: None,
                ended_at: None,
                outcome: None,
                asked: None,
            };
            proposal::insert(tx, &found)?;
            let topic = if drill { NoticeTopic::DrillToConfirm } else { NoticeTopic::CorrectionToConfirm };
            for user_id in &told {
                notice::enqueue(tx, Told::User(*user_id), topic, found.id.uuid())?;
            }
            let entry = NewEntry::new(EventKind::CorrectionProposed).unit(row.unit_id).campaign(id);
            let payload = json!({ "proposal": found.id, "drill": drill, "text_sha256": text_sha256(&body), "told": told.len() });
            tx.record(entry.payload(payload).detail(json!({ "text": body })));
            view(tx.conn, &caller, &row, found, small)
        })
        .await
}

/// The campaign's proposals, the newest first: the one that waits, and those that ended.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn proposals(app: &App, caller: &Caller, id: CampaignId) -> Result<Vec<ProposalView>, ServiceError> {
    let (caller, small) = (caller.clone(), i64::from(app.config.privacy.small_group));
    app.db
        .read(move |conn| {
            let row = reach(conn, &caller, Act::ViewCampaigns, id)?;
            let found = proposal::list_of(conn, id)?;
            found.into_iter().map(|found| view(conn, &caller, &row, found, small)).collect()
        })
        .await
}

fn end(
    tx: &mut Tx<'_>,
    found: &ProposalRow,
    outcome: ProposalEnd,
    by: Option<UserId>,
    asked: Option<i64>,
) -> Result<(), ServiceError> {
    let ended = proposal::end(tx, found.id, outcome, by, asked)?;
    if ended { Ok(()) } else { Err(CampaignRefusal::NoProposal.into()) }
}

/// Confirms what another person proposed: the correction is issued at once; a drill ends here, and both are told how long it took.
///
/// # Errors
/// `correction.no_proposal`, `correction.same_person`, `campaign.not_correctable`; `NotFound`, `Forbidden`.
pub async fn confirm(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignView, ServiceError> {
    let (caller, user_id) = (caller.clone(), caller.user_id()?);
    app.db
        .write_at_length(caller.actor(), move |tx| {
            let row = reach(tx.conn, &caller, Act::ReleaseCampaigns, id)?;
            let found = proposal::open_of(tx.conn, id)?.ok_or(CampaignRefusal::NoProposal)?;
            if found.proposed_by == user_id {
                return Err(CampaignRefusal::SamePerson.into());
            }
            if !found.drill {
                end(tx, &found, ProposalEnd::Issued, Some(user_id), None)?;
                return correct_within(tx, row, &found, user_id);
            }
            stepped(&row)?;
            let asked: i64 = plan_counts::list(tx.conn, id)?.iter().map(|counts| counts.done).sum();
            end(tx, &found, ProposalEnd::Drilled, Some(user_id), Some(asked))?;
            for person in [found.proposed_by, user_id] {
                notice::enqueue(tx, Told::User(person), NoticeTopic::DrillDone, found.id.uuid())?;
            }
            let seconds = (tx.now - found.proposed_at.0).num_seconds();
            let entry = NewEntry::new(EventKind::CorrectionDrilled).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "proposal": found.id, "seconds": seconds, "would_ask": asked })));
            Ok(row.into())
        })
        .await
}

/// Withdraws a proposal: who proposed it, or whoever may confirm it.
///
/// # Errors
/// `correction.no_proposal`; `NotFound`, `Forbidden` for anybody else.
pub async fn withdraw(app: &App, caller: &Caller, id: CampaignId) -> Result<(), ServiceError> {
    let (caller, user_id) = (caller.clone(), caller.user_id()?);
    app.db
        .write(caller.actor(), move |tx| {
            let row = reach(tx.conn, &caller, Act::ViewCampaigns, id)?;
            let found = proposal::open_of(tx.conn, id)?.ok_or(CampaignRefusal::NoProposal)?;
            if found.proposed_by != user_id {
                caller.check(tx.conn, Act::ReleaseCampaigns, row.unit_id)?;
            }
            end(tx, &found, ProposalEnd::Withdrawn, None, None)?;
            let entry = NewEntry::new(EventKind::CorrectionWithdrawn).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "proposal": found.id, "drill": found.drill })));
            Ok(())
        })
        .await
}
