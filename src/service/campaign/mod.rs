//! Campaigns: written as one document, released by a second person, run and watched. Here: what the steps share.

mod check;
mod correct;
mod dashboard;
mod edit;
mod freeze;
mod live;
mod materialise;
mod named;
mod overview;
mod progress;
mod propose;
mod references;
mod release;
mod renew;
mod review;
mod run;
mod submit;
mod wave;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Caller, ServiceError};
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, ScheduleId, UnitId, UserId};
use crate::domain::role::Act;
use crate::ledger::content_hash::content_hash;
use crate::store::campaign::{self, CampaignListRow, CampaignRow};
use crate::store::{Conn, StoreError};

pub use check::{CampaignCheck, ContentLook, NearIdentical, check, faults_of, look_at, near_identical_texts};
pub use correct::{CORRECTION_CHARS, CorrectionView, WouldCorrect, correction, would_correct};
pub use dashboard::{CascadeWave, Dashboard, Evidence, Stuck, dashboard, planned_cascade};
pub use edit::{ListCampaigns, create, edit, get, get_to_edit, list};
pub use freeze::FreezeOverlap;
pub use live::{BEAT, Counts, LiveCounts, follow};
pub use named::{AccountName, LastEdit, account_names, accounts_named, last_edit};
pub use overview::{CampaignLine, overview};
pub use progress::{CampaignProgress, MailCounts, Outcome, UnitCounts, WaveProgress, counts, view};
pub use propose::{
    ProposalView, confirm as confirm_correction, proposals, propose as propose_correction, withdraw as withdraw_correction,
};
pub use release::release;
pub use renew::renewed;
pub use review::{ReleasedBefore, Review, Waiting, review, waiting};
pub use run::{cancel, pause, pause_for_mail, resume};
pub use submit::{give_freeze_reason, return_to_author, submit};
pub(in crate::service) use wave::falls_into_freeze;
pub use wave::{open_held_wave, skip_wave};

pub(super) use check::content_faults;
pub(super) use edit::new_slug;
pub(super) use freeze::overlaps;
pub(super) use materialise::{opening, plan_of};
pub(super) use references::{claim_refusal, reference_faults};

/// A campaign as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignView {
    /// The campaign's id.
    pub id: CampaignId,
    /// The sponsoring unit.
    pub unit_id: UnitId,
    /// The name in public addresses.
    pub slug: String,
    /// Where it stands.
    pub state: CampaignState,
    /// What it says and asks.
    pub content: CampaignContent,
    /// The hash that a release names: of the unit and the content.
    pub content_hash: String,
    /// Who wrote it.
    pub author_id: UserId,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was released.
    pub released_at: Option<DateTime<Utc>>,
    /// When its first wave opened.
    pub started_at: Option<DateTime<Utc>>,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// The approver's note on the last return; empty when there is none.
    pub note: String,
    /// The schedule that made it.
    pub schedule_id: Option<ScheduleId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Grows with each change; give it back with an edit.
    pub version: i32,
}

impl From<CampaignRow> for CampaignView {
    fn from(row: CampaignRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            slug: row.slug,
            state: row.state,
            content: row.content.0,
            content_hash: row.content_hash,
            author_id: row.author_id,
            submitted_by: row.submitted_by,
            submitted_at: row.submitted_at.map(Into::into),
            released_at: row.released_at.map(Into::into),
            started_at: row.started_at.map(Into::into),
            paused_at: row.paused_at.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
            note: row.note,
            schedule_id: row.schedule_id,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// A campaign in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignSummary {
    /// The campaign's id.
    pub id: CampaignId,
    /// The sponsoring unit.
    pub unit_id: UnitId,
    /// The name in public addresses.
    pub slug: String,
    /// The title.
    pub title: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Who wrote it.
    pub author_id: UserId,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was released.
    pub released_at: Option<DateTime<Utc>>,
    /// When its first wave opened.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// The schedule that made it.
    pub schedule_id: Option<ScheduleId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// Its version.
    pub version: i32,
}

impl From<CampaignListRow> for CampaignSummary {
    fn from(row: CampaignListRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            slug: row.slug,
            title: row.title,
            state: row.state,
            author_id: row.author_id,
            submitted_at: row.submitted_at.map(Into::into),
            released_at: row.released_at.map(Into::into),
            started_at: row.started_at.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
            schedule_id: row.schedule_id,
            created_at: row.created_at.into(),
            version: row.version,
        }
    }
}

/// The campaign, if the caller may do `act` in its unit; one out of reach looks as if it were not there.
pub(super) fn reach(conn: &mut Conn, caller: &Caller, act: Act, id: CampaignId) -> Result<CampaignRow, ServiceError> {
    caller.reach(act)?;
    let row = campaign::get(conn, id)?;
    caller.check(conn, act, row.unit_id)?;
    Ok(row)
}

/// Refuses a version that is not the stored one.
fn guard(row: &CampaignRow, expected_version: i32) -> Result<(), ServiceError> {
    if row.version == expected_version { Ok(()) } else { Err(StoreError::Stale.into()) }
}

/// The hash that a release of this content in this unit names.
pub(super) fn hash_of(unit_id: UnitId, content: &CampaignContent) -> Result<String, ServiceError> {
    #[derive(Serialize)]
    struct Bound<'a> {
        unit_id: UnitId,
        content: &'a CampaignContent,
    }
    content_hash(&Bound { unit_id, content }).map_err(|error| ServiceError::Internal(error.to_string()))
}

/// The longest reason or note, in characters.
const REASON_CHARS: usize = 1_000;

/// A reason or note as it is kept: trimmed, not empty, not too long, storable.
fn checked_reason(field: &str, text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ServiceError::field(field, "content.empty", "Write something here"));
    }
    if text.chars().count() > REASON_CHARS {
        return Err(ServiceError::field(field, "content.too_long", format!("Use at most {REASON_CHARS} characters")));
    }
    if text.contains('\0') {
        return Err(ServiceError::field(field, "content.control_character", "Remove invisible control characters"));
    }
    Ok(text.to_owned())
}
