//! A campaign's content as people read it: each wave with its time, its tasks and their texts.

use chrono::{DateTime, Utc};

use crate::domain::content::{CampaignContent, TargetPlan, TaskPlan, WavePlan};
use crate::domain::id::WaveId;
use crate::domain::wave::Timing;
use crate::domain::zone;
use crate::web::view::View;
use crate::web::when;

/// A wave of the plan.
pub struct PlannedWave {
    /// The wave.
    pub id: WaveId,
    /// Its name.
    pub name: String,
    /// Its layer's number.
    pub layer: i16,
    /// When it opens, in words, and the instant where that is fixed.
    pub opens: String,
    /// How far off that is.
    pub away: Option<String>,
    /// How long people have.
    pub open_for: String,
    /// Its tasks.
    pub tasks: Vec<PlannedTask>,
}

/// A task of the plan.
pub struct PlannedTask {
    /// What and where, in words.
    pub what: String,
    /// What it points at, in words.
    pub target: String,
    /// The brief.
    pub brief: String,
    /// The suggested texts, with their language.
    pub texts: Vec<(String, String)>,
}

/// The name of a wave of this content.
fn wave_name(content: &CampaignContent, id: WaveId) -> String {
    content.wave(id).map_or_else(|| id.to_string(), |wave| wave.name.clone())
}

/// When a wave opens, in words.
#[must_use]
pub fn timing(v: &View, content: &CampaignContent, timing: &Timing) -> (String, Option<DateTime<Utc>>) {
    let minutes = |minutes: u32| when::length(v.locale, i64::from(minutes) * 60);
    match timing {
        Timing::At { local, zone: name } => match zone::parse(name) {
            Ok(tz) => {
                let at = zone::resolve_local(*local, tz);
                (when::absolute(v.locale, at, tz), Some(at))
            }
            Err(_) => (format!("{local} {name}"), None),
        },
        Timing::After { wave_id, minutes: delay } => {
            let text = v.a("opens-after", "wave", wave_name(content, *wave_id));
            (format!("{} {text}", minutes(*delay)), None)
        }
        Timing::Cascade { wave_id, minutes: delay } => {
            let text = v.a("opens-cascade", "wave", wave_name(content, *wave_id));
            (if *delay == 0 { text } else { format!("{text} + {}", minutes(*delay)) }, None)
        }
    }
}

/// What a task points at, in words.
#[must_use]
pub fn target(v: &View, content: &CampaignContent, plan: &TargetPlan) -> String {
    match plan {
        TargetPlan::Message => v.s("target-message"),
        TargetPlan::PostOf { wave_id } => v.a("target-post-of", "wave", wave_name(content, *wave_id)),
        TargetPlan::Post { post_id } => v.a("target-post", "id", post_id),
        TargetPlan::Claim { claim_id, words } => match words {
            Some(words) => v.two("target-claim-words", ("claim", words.claim.clone()), ("fact", words.fact.clone())),
            None => v.a("target-claim", "id", claim_id),
        },
    }
}

fn task(v: &View, content: &CampaignContent, plan: &TaskPlan) -> PlannedTask {
    PlannedTask {
        what: format!("{} · {}", v.word("do", plan.action), v.word("platform", plan.platform)),
        target: target(v, content, &plan.target),
        brief: plan.brief.clone(),
        texts: plan.variants.iter().map(|variant| (variant.locale.to_string(), variant.text.clone())).collect(),
    }
}

fn wave(v: &View, content: &CampaignContent, plan: &WavePlan) -> PlannedWave {
    let (opens, at) = timing(v, content, &plan.timing);
    PlannedWave {
        id: plan.id,
        name: plan.name.clone(),
        layer: plan.layer.number(),
        opens,
        away: at.map(|at| v.away(&at)),
        open_for: when::length(v.locale, i64::from(plan.open_minutes) * 60),
        tasks: plan.tasks.iter().map(|plan| task(v, content, plan)).collect(),
    }
}

/// The waves of a content, in words.
#[must_use]
pub fn waves(v: &View, content: &CampaignContent) -> Vec<PlannedWave> {
    content.waves.iter().map(|plan| wave(v, content, plan)).collect()
}
