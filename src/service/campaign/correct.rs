//! Correcting a campaign: what it said was wrong, so it ends, and everyone who had published for it is asked to fix or remove that.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::{CampaignView, reach};
use crate::app::App;
use crate::domain::campaign::Step;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, CorrectionId, UserId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::service::form::Faults;
use crate::service::{Caller, ServiceError};
use crate::store::campaign::CampaignRow;
use crate::store::correction::{self, CorrectionRow};
use crate::store::plan_counts::WaveCountsRow;
use crate::store::proposal::ProposalRow;
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Tx, campaign, fanout, outbox, plan, plan_counts, user};

/// The longest correction, in characters.
pub const CORRECTION_CHARS: usize = 2_000;

/// What correcting a campaign would do now. Groups too small to tell of are in no figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WouldCorrect {
    /// The campaign.
    pub campaign: CampaignView,
    /// Tasks that were done: each person is mailed.
    pub asked: i64,
    /// Tasks that are still open: they are withdrawn.
    pub open: i64,
    /// Mails that wait: they are not sent.
    pub mails: i64,
    /// Waves that would still have opened.
    pub waves: i64,
    /// Whether a wave's figures are left out, because its group is small.
    pub withheld: bool,
}

/// A campaign's correction and how far it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectionView {
    /// The correction.
    pub id: CorrectionId,
    /// What was wrong and what is right.
    pub text: String,
    /// Who wrote it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// How many people were asked, over the waves whose figures are shown.
    pub asked: i64,
    /// Of those, how many say that they fixed it.
    pub fixed: i64,
    /// Of those, how many say that they removed it.
    pub removed: i64,
    /// Whether a wave's figures are left out, because its group is small.
    pub withheld: bool,
}

pub(super) fn checked_text(text: &str) -> Result<String, ServiceError> {
    let mut faults = Faults::default();
    let text = faults.take("text", plain_text::paragraphs(text, CORRECTION_CHARS), TextError::code);
    faults.finish(text)
}

/// The step, checked: whether a wave had opened decides whether there is anything to correct.
pub(super) fn stepped(row: &CampaignRow) -> Result<crate::domain::campaign::CampaignState, ServiceError> {
    Ok(row.state.after(Step::Correct { opened: row.started_at.is_some() })?)
}

/// The counts of a campaign's waves that may be shown, and whether some may not.
fn shown_counts(conn: &mut Conn, id: CampaignId, small_group: i64) -> Result<(Vec<WaveCountsRow>, bool), StoreError> {
    let counts = plan_counts::list(conn, id)?;
    let all = counts.iter().filter(|c| c.planned > 0).count();
    let shown: Vec<_> = counts.into_iter().filter(|c| c.planned >= small_group.max(1)).collect();
    let withheld = shown.len() < all;
    Ok((shown, withheld))
}

/// What correcting would do, before it is done; with a text, also whether that can be published.
///
/// # Errors
/// `Refused` where nothing has gone out or a correction stands; `Invalid` for the text; `NotFound`, `Forbidden`.
pub async fn would_correct(app: &App, caller: &Caller, id: CampaignId, text: Option<&str>) -> Result<WouldCorrect, ServiceError> {
    let text = text.map(checked_text);
    let (caller, small_group) = (caller.clone(), i64::from(app.config.privacy.small_group));
    let read = app.db.read(move |conn| {
        // Who is to confirm looks at the same.
        let row = reach(conn, &caller, Act::RunCampaigns, id).or_else(|_| reach(conn, &caller, Act::ReleaseCampaigns, id))?;
        stepped(&row)?;
        text.transpose()?;
        let (counts, withheld) = shown_counts(conn, id, small_group)?;
        let settled = |c: &WaveCountsRow| c.mail_sent + c.mail_failed + c.mail_suppressed + c.mail_unknown + c.mail_cancelled;
        let waves = plan::list_waves(conn, id)?.iter().filter(|wave| !wave.state.is_final()).count();
        Ok(WouldCorrect {
            campaign: row.into(),
            asked: counts.iter().map(|c| c.done).sum(),
            open: counts.iter().map(|c| c.planned - c.done - c.declined - c.expired - c.withdrawn).sum(),
            mails: counts.iter().map(|c| c.mail_planned - settled(c)).sum(),
            waves: i64::try_from(waves).unwrap_or(i64::MAX),
            withheld,
        })
    });
    read.await
}

/// Corrects a campaign within a write: ends its waves, its open assignments and its unsent mail; asks everyone who completed a task, by
/// mail and whatever their hours; and puts the correction into the public register.
pub(super) fn correct_within(
    tx: &mut Tx<'_>,
    mut row: CampaignRow,
    found: &ProposalRow,
    confirmed_by: UserId,
) -> Result<CampaignView, ServiceError> {
    let (id, body) = (row.id, &found.body);
    row.state = stepped(&row)?;
    row.paused_at = None;
    row.ended_at = row.ended_at.or(Some(At(tx.now)));
    campaign::save(tx, &mut row)?;
    let waves = plan::cancel_waves(tx, id)?;
    let assignments = fanout::withdraw_campaign(tx, id)?;
    let mails = outbox::cancel_campaign(tx, id)?;
    // What is being sent at this moment and comes back unsent is to end by itself, not to stay held.
    outbox::hold_campaign(tx, id, false)?;
    let issued = CorrectionRow {
        id: CorrectionId::new(),
        campaign_id: id,
        body: body.clone(),
        created_by: found.proposed_by,
        created_at: At(tx.now),
        asked: 0,
        fixed: 0,
        removed: 0,
    };
    let asked = correction::issue(tx, &issued)?;
    let text_sha256 = hex::encode(Sha256::digest(body.as_bytes()));
    let (proposed_by, confirmed_by) = (user::get(tx.conn, found.proposed_by)?, user::get(tx.conn, confirmed_by)?);
    let payload = json!({
        "correction": issued.id, "proposal": found.id, "text_sha256": text_sha256, "asked": asked, "waves": waves,
        "assignments": assignments, "mails": mails, "proposed_by": proposed_by.subject_ref,
        "confirmed_by": confirmed_by.subject_ref,
    });
    let entry = NewEntry::new(EventKind::CampaignCorrected).unit(row.unit_id).campaign(id);
    tx.record(entry.payload(payload).detail(json!({ "text": body })));
    Ok(row.into())
}

/// The campaign's correction, if it has one, and how far it got.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn correction(app: &App, caller: &Caller, id: CampaignId) -> Result<Option<CorrectionView>, ServiceError> {
    let (caller, small_group) = (caller.clone(), i64::from(app.config.privacy.small_group));
    let read = app.db.read(move |conn| {
        reach(conn, &caller, Act::ViewCampaigns, id)?;
        let Some(row) = correction::find(conn, id)? else { return Ok(None) };
        let (counts, withheld) = shown_counts(conn, id, small_group)?;
        Ok(Some(CorrectionView {
            id: row.id,
            text: row.body,
            created_by: user::get(conn, row.created_by)?.name,
            created_at: row.created_at.0,
            asked: counts.iter().map(|c| c.correction_asked).sum(),
            fixed: counts.iter().map(|c| c.correction_fixed).sum(),
            removed: counts.iter().map(|c| c.correction_removed).sum(),
            withheld,
        }))
    });
    read.await
}
