//! What a content points at must exist, be the campaign's to point at, and be allowed: audiences, posts, claims.

use super::edit::part_ids;
use crate::domain::content::{CampaignContent, TargetPlan, TaskPlan, WavePlan};
use crate::domain::handle::Handle;
use crate::domain::id::{CampaignId, UnitId};
use crate::domain::kind::Layer;
use crate::domain::post_url::{PostUrl, platform_of};
use crate::domain::refusal::Refusal as _;
use crate::domain::target::{TargetClass, TargetRefusal, may_target};
use crate::service::{FieldError, ServiceError};
use crate::store::reference::{self, ClaimFacts, PostFacts};
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
    match task.target {
        TargetPlan::Message | TargetPlan::PostOf { .. } => Ok(None),
        TargetPlan::Post { post_id } => match reference::find_post(conn, root, post_id)? {
            None => Ok(Some(TargetRefusal::NotRegistered)),
            Some(post) => post_refusal(conn, wave, task, &post),
        },
        TargetPlan::Claim { claim_id } => match reference::find_claim(conn, root, claim_id)? {
            None => Ok(Some(TargetRefusal::NotRegistered)),
            Some(claim) => Ok(is_blocked_claim(conn, &claim)?.then_some(TargetRefusal::Blocked)),
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

/// Whether the claim was seen on a blocked account, as far as its address shows.
fn is_blocked_claim(conn: &mut Conn, claim: &ClaimFacts) -> Result<bool, StoreError> {
    let Some(url) = claim.seen_url.as_deref() else { return Ok(false) };
    let Some(platform) = platform_of(url) else { return Ok(false) };
    let Ok(post) = PostUrl::parse(url, platform) else { return Ok(false) };
    let Some(owner) = post.owner_handle() else { return Ok(false) };
    // On LinkedIn a post's address does not tell a person from a company: either may be on the list.
    let readings = [owner.to_owned(), format!("in/{owner}"), format!("company/{owner}")];
    for reading in readings {
        if let Ok(handle) = Handle::parse(&reading, platform)
            && neutrality::is_blocked(conn, platform, handle.normalised())?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
