//! The release: a second person's yes to one exact content, which becomes rows that the sweeps open.

use serde_json::json;

use super::check::{content_faults, time_faults};
use super::freeze::overlaps;
use super::materialise::plan_of;
use super::references::reference_faults;
use super::{CampaignView, reach};
use crate::app::App;
use crate::domain::campaign::{CampaignRefusal, ReleaseCheck, Step};
use crate::domain::content::TargetPlan;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, ReleaseId};
use crate::domain::refusal::Refusal as _;
use crate::domain::role::Act;
use crate::service::{Caller, FieldError, ServiceError, claim};
use crate::store::release::{self, ReleaseRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{campaign, plan};

/// Releases a submitted campaign whose content is the one that the approver saw.
///
/// # Errors
/// `Refused`: not submitted, the author's or submitter's own, another content than the seen one, an election freeze without a
/// second approver's reason, an opening time that has passed, or a fault that came up since; `NotFound`, `Forbidden`.
pub async fn release(app: &App, caller: &Caller, id: CampaignId, seen_hash: &str) -> Result<CampaignView, ServiceError> {
    let approver = caller.user_id()?;
    let (caller, config, seen_hash) = (caller.clone(), app.config.clone(), seen_hash.to_owned());
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::ReleaseCampaigns, id)?;
            row.state = row.state.after(Step::Release)?;
            let freezes = overlaps(tx.conn, &row.content.0, &config.campaign)?;
            let reason = release::find_freeze_reason(tx.conn, id, &row.content_hash)?;
            ReleaseCheck {
                author: row.author_id,
                submitter: row.submitted_by,
                approver,
                seen_hash: &seen_hash,
                content_hash: &row.content_hash,
                in_freeze: !freezes.is_empty(),
                freeze_reason_by: reason.map(|r| r.given_by),
            }
            .check()?;
            let mut faults = content_faults(&row.content.0, &config.campaign);
            faults.extend(time_faults(&row.content.0, tx.now));
            faults.extend(reference_faults(tx.conn, row.unit_id, id, &row.content.0)?);
            refuse(&faults)?;
            row.released_at = Some(At(tx.now));
            campaign::save(tx, &mut row)?;
            let released = ReleaseRow {
                id: ReleaseId::new(),
                campaign_id: id,
                content_hash: row.content_hash.clone(),
                released_by: approver,
                released_at: At(tx.now),
                voided_at: None,
                content: Some(row.content.clone()),
            };
            release::insert(tx, &released)?;
            plan::insert(tx, &plan_of(&row, &config.campaign))?;
            for (_, task) in row.content.0.tasks() {
                if let TargetPlan::Claim { claim_id, .. } = &task.target {
                    claim::take_up(tx, *claim_id, id)?;
                }
            }
            let payload = json!({
                "release_id": released.id,
                "content_hash": row.content_hash,
                "waves": row.content.0.waves.len(),
                "in_freeze": !freezes.is_empty(),
            });
            tx.record(NewEntry::new(EventKind::CampaignReleased).unit(row.unit_id).campaign(id).payload(payload));
            Ok(row.into())
        })
        .await
}

/// An approver cannot mend faults: they become one refusal that names the first.
fn refuse(faults: &[FieldError]) -> Result<(), ServiceError> {
    let past = CampaignRefusal::OpensInThePast;
    if faults.iter().any(|fault| fault.code == past.code()) {
        return Err(past.into());
    }
    faults.first().map_or(Ok(()), |first| {
        let code = CampaignRefusal::ContentInvalid.code();
        Err(ServiceError::Refused {
            code,
            message: format!("The content has errors; return it. {}: {}", first.field, first.message),
        })
    })
}
