//! A content under new ids: the copy of a campaign is another campaign.

use std::collections::HashMap;

use crate::domain::content::{CampaignContent, TargetPlan};
use crate::domain::id::{TaskId, VariantId, WaveId};
use crate::domain::wave::Timing;

/// The same content with new ids for its waves, tasks and suggested texts; references between its waves follow.
#[must_use]
pub fn renewed(content: &CampaignContent) -> CampaignContent {
    let mut content = content.clone();
    let new: HashMap<WaveId, WaveId> = content.waves.iter().map(|wave| (wave.id, WaveId::new())).collect();
    let follow = |id: &mut WaveId| {
        if let Some(renewed) = new.get(id) {
            *id = *renewed;
        }
    };
    for wave in &mut content.waves {
        follow(&mut wave.id);
        if let Timing::After { wave_id, .. } | Timing::Cascade { wave_id, .. } = &mut wave.timing {
            follow(wave_id);
        }
        for task in &mut wave.tasks {
            task.id = TaskId::new();
            if let TargetPlan::PostOf { wave_id } = &mut task.target {
                follow(wave_id);
            }
            for variant in &mut task.variants {
                variant.id = VariantId::new();
            }
        }
    }
    content
}
