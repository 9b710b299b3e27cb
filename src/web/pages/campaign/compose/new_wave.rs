//! A wave and a task to begin with: what is most often right for a layer, so that a newcomer changes words and not settings.

use chrono::{Days, NaiveTime};

use super::choices::{actions, source_waves};
use super::task_form::TaskForm;
use super::wave_form::WaveForm;
use crate::app::App;
use crate::domain::audience::Audience;
use crate::domain::content::{CampaignContent, TargetPlan, TaskPlan, WavePlan};
use crate::domain::id::{TaskId, WaveId};
use crate::domain::kind::{Action, Layer};
use crate::domain::platform::Platform;
use crate::domain::target::{TargetClass, may_target};
use crate::domain::text_enum::TextEnum as _;
use crate::domain::wave::Timing;
use crate::web::view::View;

/// A wave of a layer at the end of a content: it follows the wave whose posts it may carry on, or opens tomorrow at nine.
#[must_use]
pub fn wave(app: &App, v: &View, content: &CampaignContent, layer: Layer) -> WavePlan {
    let source = source_waves(content, content.waves.len(), layer).next().map(|(id, _)| id);
    let timing = match (source, layer) {
        (Some(wave_id), Layer::Conversation | Layer::Advocacy) => Timing::Cascade { wave_id, minutes: 0 },
        (Some(wave_id), _) => Timing::After { wave_id, minutes: 60 },
        (None, _) => Timing::At { local: tomorrow(v), zone: v.zone.name().to_owned() },
    };
    WavePlan {
        id: WaveId::new(),
        name: v.word("composer-wave-name", layer),
        layer,
        timing,
        open_minutes: 1440,
        grace_minutes: None,
        remind_minutes_before_end: None,
        audience: Audience::default(),
        tasks: vec![TaskPlan {
            id: TaskId::new(),
            platform: Platform::X,
            action: actions(app, layer).first().copied().unwrap_or(Action::Publish),
            brief: String::new(),
            target: target(layer, source),
            own_words: false,
            evidence_required: false,
            variants: Vec::new(),
        }],
    }
}

fn target(layer: Layer, source: Option<WaveId>) -> TargetPlan {
    match source {
        Some(wave_id) if !may_target(layer, TargetClass::Message) => TargetPlan::PostOf { wave_id },
        _ => TargetPlan::Message,
    }
}

fn tomorrow(v: &View) -> chrono::NaiveDateTime {
    let today = v.now.with_timezone(&v.zone).date_naive();
    let day = today.checked_add_days(Days::new(1)).unwrap_or(today);
    day.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default())
}

/// Another task of a wave: on a platform that it does not use yet, otherwise like its first.
#[must_use]
pub fn task(app: &App, form: &WaveForm) -> TaskForm {
    let used: Vec<Platform> = form.tasks.iter().filter_map(TaskForm::on).collect();
    let platform = Platform::ALL.iter().find(|platform| !used.contains(platform)).copied().unwrap_or(Platform::X);
    let usual = || actions(app, form.layer().unwrap_or(Layer::Main)).first().map(ToString::to_string).unwrap_or_default();
    let (action, target) = match form.tasks.first() {
        Some(first) => (first.action.clone(), first.target.clone()),
        None => (usual(), "message".to_owned()),
    };
    TaskForm { platform: platform.to_string(), action, target, ..TaskForm::default() }
}
