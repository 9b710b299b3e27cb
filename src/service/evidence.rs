//! Looking at evidence: a reviewer opens a linked post and says whether it is what was asked.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Caller, ServiceError};
use crate::app::App;
use crate::domain::assignment::{AssignmentRefusal, AssignmentState, EvidenceLevel};
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, CompletionId, UnitId};
use crate::domain::kind::Action;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::service::page::{Page, PageRequest};
use crate::store::completion::UncheckedRow;
use crate::store::pace::{self, Step};
use crate::store::tx::NewEntry;
use crate::store::{assignment, completion, member};

/// A linked completion that waits for a reviewer. It names the account and the post, which are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unchecked {
    /// The completion.
    pub completion_id: CompletionId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The campaign's title.
    pub title: String,
    /// The unit that it counts for.
    pub unit_id: UnitId,
    /// What was asked.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// The account's handle.
    pub handle: String,
    /// The address given.
    pub url: Option<String>,
    /// When *Done* was pressed.
    pub completed_at: DateTime<Utc>,
}

impl From<UncheckedRow> for Unchecked {
    fn from(row: UncheckedRow) -> Self {
        Self {
            completion_id: row.id,
            campaign_id: row.campaign_id,
            title: row.title,
            unit_id: row.unit_id,
            action: row.action,
            platform: row.platform,
            handle: row.handle,
            url: row.url,
            completed_at: row.completed_at.0,
        }
    }
}

/// Notes what a reviewer saw. `ok`: the evidence is `checked`, and so is the assignment. Not `ok`: it stays `linked` and done,
/// the log says that it was looked at, and it leaves the list of what waits. A later look may still find it right.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach; `completion.not_linked`, `assignment.not_done`,
/// `assignment.already_checked`.
pub async fn check(app: &App, caller: &Caller, id: CompletionId, ok: bool) -> Result<(), ServiceError> {
    let caller = caller.clone();
    let reviewer = caller.user_id()?;
    app.db
        .write(caller.actor(), move |tx| {
            let missing = || ServiceError::NotFound("the completion");
            let found = completion::find(tx.conn, id)?.ok_or_else(missing)?;
            let row = assignment::lock(tx, found.assignment_id)?.ok_or_else(missing)?;
            caller.check(tx.conn, Act::CheckEvidence, row.unit_id)?;
            // Once more, now that nobody else can move it.
            let found = completion::find(tx.conn, id)?.ok_or_else(missing)?;
            match row.state {
                AssignmentState::Checked => return Err(AssignmentRefusal::AlreadyChecked.into()),
                AssignmentState::Done if found.undone_at.is_none() && !found.suspected => {}
                _ => return Err(AssignmentRefusal::NotDone.into()),
            }
            if found.level != EvidenceLevel::Linked {
                return Err(AssignmentRefusal::NotLinked.into());
            }
            let level = if ok { EvidenceLevel::Checked } else { EvidenceLevel::Linked };
            completion::note_check(tx, id, reviewer, level)?;
            if ok {
                assignment::check(tx, row.id)?;
            }
            let person = member::get(tx.conn, row.member_id)?;
            let entry = NewEntry::new(EventKind::AssignmentChecked).unit(row.unit_id).campaign(row.campaign_id).wave(row.wave_id);
            let entry = entry.assignment(row.id).subject(person.subject_ref);
            tx.record(entry.payload(json!({ "completion_id": id, "ok": ok, "level": level })));
            if ok {
                pace::add(tx, row.wave_id, Step::Checked)?;
            }
            Ok(())
        })
        .await
}

/// Linked completions within the caller's reach that nobody looked at, of one campaign or of all; the oldest first.
///
/// # Errors
/// [`ServiceError::Forbidden`] without a role that checks; [`ServiceError::Invalid`] for a cursor that no page gave.
pub async fn list_unchecked(
    app: &App,
    caller: &Caller,
    campaign_id: Option<CampaignId>,
    page: PageRequest,
) -> Result<Page<Unchecked>, ServiceError> {
    let roots = caller.reach(Act::CheckEvidence)?;
    let after = page.after_id()?;
    let limit = page.rows();
    let rows = app.db.read(move |conn| completion::list_unchecked(conn, roots.as_deref(), campaign_id, after, limit)).await?;
    Ok(Page::of(rows, &page, |row| row.id.to_string()).map(Unchecked::from))
}
