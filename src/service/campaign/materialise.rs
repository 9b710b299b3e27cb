//! What a release makes of a content: waves, tasks and suggested texts as rows, under the content's own ids.

use chrono::{DateTime, Utc};

use crate::config;
use crate::domain::content::{TargetPlan, TaskPlan, WavePlan};
use crate::domain::id::WaveId;
use crate::domain::wave::{Timing, WaveState};
use crate::domain::zone;
use crate::store::campaign::CampaignRow;
use crate::store::plan::{Plan, TaskPlanRow, VariantPlanRow, WavePlanRow};
use crate::store::types::{At, Doc};

/// The instant of a fixed opening time; none for one that waits for another wave, or in a zone that does not exist.
pub(in crate::service) fn opening(timing: &Timing) -> Option<DateTime<Utc>> {
    match timing {
        Timing::At { local, zone: name } => zone::parse(name).ok().map(|tz| zone::resolve_local(*local, tz)),
        Timing::After { .. } | Timing::Cascade { .. } => None,
    }
}

/// The rows of a campaign's content.
pub(in crate::service) fn plan_of(campaign: &CampaignRow, config: &config::Campaign) -> Plan {
    let mut plan = Plan::default();
    for (ordinal, wave) in (0..).zip(&campaign.content.0.waves) {
        plan.waves.push(wave_row(campaign, (ordinal, wave), config));
        for (ordinal, task) in (0..).zip(&wave.tasks) {
            plan.tasks.push(task_row(campaign, wave.id, (ordinal, task)));
            plan.variants.extend((0..).zip(&task.variants).map(|(ordinal, variant)| VariantPlanRow {
                id: variant.id,
                task_id: task.id,
                ordinal,
                locale: variant.locale,
                body: variant.text.clone(),
            }));
        }
    }
    plan
}

fn wave_row(campaign: &CampaignRow, (ordinal, wave): (i32, &WavePlan), config: &config::Campaign) -> WavePlanRow {
    WavePlanRow {
        id: wave.id,
        campaign_id: campaign.id,
        unit_id: campaign.unit_id,
        ordinal,
        name: wave.name.clone(),
        layer: wave.layer.number(),
        state: WaveState::Planned,
        timing: Doc(wave.timing.clone()),
        waits_for: wave.timing.waits_for(),
        cascade: matches!(wave.timing, Timing::Cascade { .. }),
        opens_at: opening(&wave.timing).map(At),
        grace_s: wave.grace_minutes.map_or_else(|| seconds(config.wave_grace_s.into()), |m| seconds(u64::from(m) * 60)),
        open_s: seconds(u64::from(wave.open_minutes) * 60),
        remind_before_end_s: remind_before_end_s(wave, config.remind_after_percent),
        audience: Doc(wave.audience.clone()),
        opened_at: None,
        closes_at: None,
        filled_at: None,
        closed_at: None,
        held_reason: None,
    }
}

/// The wave's own reminder, or the organisation's: after so many percent of the time given, never when that is 0.
fn remind_before_end_s(wave: &WavePlan, remind_after_percent: u8) -> Option<i32> {
    let open_s = u64::from(wave.open_minutes) * 60;
    match (wave.remind_minutes_before_end, remind_after_percent) {
        (Some(minutes), _) => Some(seconds(u64::from(minutes) * 60)),
        (None, 0) => None,
        (None, percent) => Some(seconds(open_s * u64::from(100_u8.saturating_sub(percent)) / 100)),
    }
}

fn task_row(campaign: &CampaignRow, wave_id: WaveId, (ordinal, task): (i32, &TaskPlan)) -> TaskPlanRow {
    let (target_post_id, target_claim_id) = match &task.target {
        TargetPlan::Message | TargetPlan::PostOf { .. } => (None, None),
        TargetPlan::Post { post_id } => (Some(*post_id), None),
        TargetPlan::Claim { claim_id, .. } => (None, Some(*claim_id)),
    };
    TaskPlanRow {
        id: task.id,
        wave_id,
        campaign_id: campaign.id,
        ordinal,
        platform: task.platform,
        action: task.action,
        brief: task.brief.clone(),
        target: Doc(task.target.clone()),
        target_post_id,
        target_claim_id,
        own_words: task.own_words,
        evidence_required: task.evidence_required,
    }
}

fn seconds(s: u64) -> i32 {
    i32::try_from(s).unwrap_or(i32::MAX)
}
