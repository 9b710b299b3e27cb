//! A look at a wave while it is written: how many it would ask and who is left out, what is missing, which texts are too long or too alike.

use askama::Template;

use super::missing::{near_words, place};
use super::{anchor, wave_form::WaveForm};
use crate::app::App;
use crate::domain::content::{CampaignContent, WavePlan};
use crate::service::campaign::{self, CampaignView, FreezeOverlap};
use crate::service::preview::{self, SkipCount, WavePreview};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::view::View;

/// What is seen; also a page part of its own, which a script puts in place.
#[derive(Template)]
#[template(path = "pages/composer_look.html")]
pub struct Look {
    pub(super) v: View,
    /// Whom it would ask; none while something can't be read.
    pub(super) asked: Option<WavePreview>,
    /// Figures about fewer people than this are not shown.
    pub(super) small_group: i64,
    /// Election freezes that it would fall into.
    pub(super) freezes: Vec<FreezeOverlap>,
    /// What is missing or wrong, with its control.
    pub(super) notes: Vec<Note>,
    /// Texts that are too long or too alike, with their control.
    pub(super) warnings: Vec<Note>,
}

/// Something to look at.
pub(super) struct Note {
    pub(super) id: String,
    pub(super) place: String,
    pub(super) text: String,
}

impl Look {
    /// Where few are concerned, a reason that is a person's own choice is not told apart by number.
    pub(super) fn is_told(&self, skip: &SkipCount) -> bool {
        skip.accounts >= self.small_group
    }
}

/// A campaign's content with this wave in the place of the stored one.
#[must_use]
pub fn with_wave(content: &CampaignContent, plan: WavePlan) -> CampaignContent {
    let mut content = content.clone();
    if let Some(place) = content.waves.iter_mut().find(|wave| wave.id == plan.id) {
        *place = plan;
    }
    content
}

/// Looks at the `i`-th wave as read from its form, or says why it can't be read.
///
/// # Errors
/// The database's failure; not found where the caller runs no campaigns.
pub async fn at(
    (app, signed, v): (&App, &Signed, &View),
    campaign: &CampaignView,
    (i, form): (usize, &WaveForm),
    read: Result<&WavePlan, &[FieldError]>,
) -> Result<Look, Failure> {
    let mut look = Look {
        v: v.clone(),
        asked: None,
        small_group: i64::from(app.config.privacy.small_group),
        freezes: Vec::new(),
        notes: Vec::new(),
        warnings: long_texts(v, form),
    };
    let prefix = format!("waves[{i}].");
    let note = |content: &CampaignContent, fault: &FieldError| {
        let rest = fault.field.strip_prefix(&prefix).unwrap_or(&fault.field);
        Note { id: anchor(rest), place: place(v, content, rest), text: v.refusal(&fault.code, &fault.message) }
    };
    let plan = match read {
        Err(faults) => {
            look.notes = faults.iter().map(|fault| note(&campaign.content, fault)).collect();
            return Ok(look);
        }
        Ok(plan) => plan,
    };
    let content = with_wave(&campaign.content, plan.clone());
    let seen = campaign::look_at(app, &signed.caller, campaign.id, content.clone()).await?;
    look.freezes = seen.freezes.into_iter().filter(|freeze| freeze.waves.contains(&plan.id)).collect();
    look.notes = seen.faults.iter().filter(|fault| fault.field.starts_with(&prefix)).map(|fault| note(&content, fault)).collect();
    for near in campaign::near_identical_texts(&content).iter().filter(|near| near.path.starts_with(&prefix)) {
        let task = near.path.strip_prefix(&prefix).unwrap_or_default();
        let id = anchor(&format!("{task}.variants[{}].text", near.second));
        look.warnings.push(Note { id, place: place(v, &content, task), text: near_words(v, near) });
    }
    look.asked = match preview::preview_wave(app, &signed.caller, (campaign.id, plan.id), content).await {
        Ok(asked) => Some(asked),
        Err(ServiceError::NotFound("the wave")) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(look)
}

fn long_texts(v: &View, form: &WaveForm) -> Vec<Note> {
    let mut long = Vec::new();
    for (j, task) in form.tasks.iter().enumerate() {
        let Some(platform) = task.on() else { continue };
        for (k, variant) in task.variants.iter().enumerate() {
            let length = platform.text_length(variant.text.trim());
            let over = length.saturating_sub(platform.text_limit());
            if over > 0 {
                let place = format!("{} · {}", v.word("platform", platform), v.a("composer-text-n", "n", k + 1));
                let text = v.many("composer-too-long", over);
                long.push(Note { id: format!("tasks-{j}-variants-{k}-text"), place, text });
            }
        }
    }
    long
}
