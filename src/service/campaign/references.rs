//! What a content points at must exist, be the campaign's to point at, and be allowed: audiences, posts, claims.

use super::edit::part_ids;
use crate::domain::claim::{ClaimRefusal, ClaimStep};
use crate::domain::content::{CampaignContent, ClaimWords, TargetPlan, TaskPlan, WavePlan};
use crate::domain::id::{CampaignId, UnitId};
use crate::domain::kind::Layer;
use crate::domain::refusal::Refusal as _;
use crate::domain::target::{TargetClass, TargetRefusal, may_target};
use crate::service::neutrality::is_blocked_address;
use crate::service::{FieldError, ServiceError};
use crate::store::claim::ClaimRow;
use crate::store::reference::{self, PostFacts};
use crate::store::{Conn, StoreError, neutrality};

/// The faults that only the database shows. `root` is the campaign's unit: what lies outside its subtree is not there.
pub(in crate::service) fn reference_faults(
    conn: &mut Conn,
    root: UnitId,
    campaign_id: CampaignId,
    content: &CampaignContent,
) -> Result<Vec<FieldError>, ServiceError> {
    let mut faults = Vec::new();
    if reference::parts_are_taken(conn, campaign_id, &part_ids(content))? {
        let message = "A wave, task or suggested text has the id of another campaign's; leave the ids of new ones out";
        faults.push(FieldError::new("waves", "content.id_taken", message));
    }
    for (i, wave) in content.waves.iter().enumerate() {
        audience_faults(conn, root, (i, wave), &mut faults)?;
        for (j, task) in wave.tasks.iter().enumerate() {
            if let Some(refusal) = target_refusal(conn, root, wave, task)? {
                faults.push(FieldError::new(format!("waves[{i}].tasks[{j}].target"), refusal.code(), refusal.to_string()));
            }
        }
    }
    Ok(faults)
}

fn audience_faults(
    conn: &mut Conn,
    root: UnitId,
    (i, wave): (usize, &WavePlan),
    faults: &mut Vec<FieldError>,
) -> Result<(), StoreError> {
    let audience = &wave.audience;
    for (field, units) in [("units", &audience.units), ("exclude_units", &audience.exclude_units)] {
        let within = reference::units_within(conn, root, units)?;
        for (j, _) in units.iter().enumerate().filter(|(_, id)| !within.contains(id)) {
            let path = format!("waves[{i}].audience.{field}[{j}]");
            faults.push(FieldError::new(path, "audience.unit_outside", "This unit is not the campaign's unit or below it"));
        }
    }
    let within = reference::accounts_within(conn, root, &audience.exclude_accounts)?;
    for (j, _) in audience.exclude_accounts.iter().enumerate().filter(|(_, id)| !within.contains(id)) {
        let path = format!("waves[{i}].audience.exclude_accounts[{j}]");
        faults.push(FieldError::new(path, "audience.account_outside", "This account is not in the campaign's unit or below it"));
    }
    Ok(())
}

/// Why a fixed target cannot be one. The post of another wave is looked at when it is registered.
fn target_refusal(conn: &mut Conn, root: UnitId, wave: &WavePlan, task: &TaskPlan) -> Result<Option<TargetRefusal>, StoreError> {
    match &task.target {
        TargetPlan::Message | TargetPlan::PostOf { .. } => Ok(None),
        TargetPlan::Post { post_id } => match reference::find_post(conn, root, *post_id)? {
            None => Ok(Some(TargetRefusal::NotRegistered)),
            Some(post) => post_refusal(conn, wave, task, &post),
        },
        TargetPlan::Claim { claim_id, words } => match reference::find_claim(conn, root, *claim_id)? {
            None => Ok(Some(TargetRefusal::NotRegistered)),
            Some(claim) => claim_refusal(conn, &claim, words.as_ref()),
        },
    }
}

fn post_refusal(
    conn: &mut Conn,
    wave: &WavePlan,
    task: &TaskPlan,
    post: &PostFacts,
) -> Result<Option<TargetRefusal>, StoreError> {
    if !Layer::from_number(post.layer).is_some_and(|layer| may_target(wave.layer, TargetClass::Post(layer))) {
        return Ok(Some(TargetRefusal::NotForThisLayer));
    }
    if !task.action.crosses_platforms() && post.platform != task.platform {
        return Ok(Some(TargetRefusal::OtherPlatform));
    }
    Ok(neutrality::is_blocked(conn, post.platform, &post.handle_norm)?.then_some(TargetRefusal::Blocked))
}

/// A claim is pointed at with the words that were saved: the confirmed ones, of a claim that is not closed.
pub(in crate::service) fn claim_refusal(
    conn: &mut Conn,
    claim: &ClaimRow,
    words: Option<&ClaimWords>,
) -> Result<Option<TargetRefusal>, StoreError> {
    if let Some(seen) = claim.seen_url.as_deref()
        && is_blocked_address(conn, seen)?
    {
        return Ok(Some(TargetRefusal::Blocked));
    }
    Ok(match claim.state.check(ClaimStep::Answer) {
        Err(ClaimRefusal::Closed) => Some(TargetRefusal::ClaimClosed),
        Err(_) => Some(TargetRefusal::ClaimNotReady),
        Ok(()) => words.is_some_and(|words| *words != claim.words()).then_some(TargetRefusal::ClaimChanged),
    })
}

/// The content with the words of each claim that it points at, as they stand now: what is released is what was read.
pub(super) fn with_words(conn: &mut Conn, root: UnitId, mut content: CampaignContent) -> Result<CampaignContent, StoreError> {
    for task in content.waves.iter_mut().flat_map(|wave| &mut wave.tasks) {
        if let TargetPlan::Claim { claim_id, words } = &mut task.target {
            *words = reference::find_claim(conn, root, *claim_id)?.map(|claim| claim.words());
        }
    }
    Ok(content)
}
