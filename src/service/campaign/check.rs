//! What stands in the way of a campaign's release, all at once: the content's own faults, what it refers to, its times, its texts.

use chrono::{DateTime, Datelike as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::freeze::{FreezeOverlap, overlaps};
use super::materialise::opening;
use super::reach;
use super::references::{reference_faults, with_words};
use crate::app::App;
use crate::config;
use crate::domain::campaign::CampaignRefusal;
use crate::domain::content::{self, CampaignContent, WavePlan};
use crate::domain::id::{CampaignId, UserId};
use crate::domain::recurrence::LAST_YEAR;
use crate::domain::refusal::Refusal as _;
use crate::domain::role::Act;
use crate::domain::similarity::near_identical;
use crate::domain::wave::Timing;
use crate::service::{Caller, FieldError, ServiceError};
use crate::store::release;

/// What a lead mends before submitting, and what an approver weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignCheck {
    /// The version that was looked at.
    pub version: i32,
    /// The content that was looked at.
    pub content_hash: String,
    /// What must be mended before submitting.
    pub faults: Vec<FieldError>,
    /// Suggested texts that would read as copies of one another; rewritten, or acknowledged when submitting.
    pub near_identical: Vec<NearIdentical>,
    /// Election freezes that a wave falls into; each needs a second approver's reason.
    pub freezes: Vec<FreezeOverlap>,
    /// Who gave that reason for this content.
    pub freeze_reason_by: Option<UserId>,
}

/// Two suggested texts of one task that are nearly the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NearIdentical {
    /// The task, e.g. `waves[0].tasks[1]`.
    pub path: String,
    /// One text's place in the task, from 0.
    pub first: usize,
    /// The other's.
    pub second: usize,
    /// How alike they are, 80 to 100.
    pub percent: u8,
}

/// Checks a campaign as it stands.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn check(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignCheck, ServiceError> {
    let (caller, config, now) = (caller.clone(), app.config.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let row = reach(conn, &caller, Act::ViewCampaigns, id)?;
            let content = &row.content.0;
            let mut faults = content_faults(content, &config.campaign);
            faults.extend(time_faults(content, now));
            faults.extend(reference_faults(conn, row.unit_id, row.id, content)?);
            let reason = release::find_freeze_reason(conn, row.id, &row.content_hash)?;
            Ok(CampaignCheck {
                version: row.version,
                faults,
                near_identical: near_identical_texts(content),
                freezes: overlaps(conn, content, &config.campaign)?,
                freeze_reason_by: reason.map(|r| r.given_by),
                content_hash: row.content_hash,
            })
        })
        .await
}

/// A content as it is being written, held against everything that its release will be held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentLook {
    /// What would have to be mended.
    pub faults: Vec<FieldError>,
    /// Election freezes that a wave would fall into.
    pub freezes: Vec<FreezeOverlap>,
}

/// Looks at a content that is not saved yet, for its author: faults, targets that are off limits, election freezes.
///
/// # Errors
/// `NotFound` where the caller runs no campaigns, `Forbidden`.
pub async fn look_at(app: &App, caller: &Caller, id: CampaignId, content: CampaignContent) -> Result<ContentLook, ServiceError> {
    let mut faults = faults_of(app, &content);
    let (caller, config) = (caller.clone(), app.config.clone());
    app.db
        .read(move |conn| {
            let row = reach(conn, &caller, Act::RunCampaigns, id)?;
            let content = with_words(conn, row.unit_id, content)?;
            faults.extend(reference_faults(conn, row.unit_id, id, &content)?);
            let freezes = overlaps(conn, &content, &config.campaign)?;
            Ok(ContentLook { faults, freezes })
        })
        .await
}

/// The longest delay after another wave, in minutes: a year.
const MOST_DELAY_MINUTES: u32 = 525_600;
/// The longest grace, in minutes: 30 days.
const MOST_GRACE_MINUTES: u32 = 43_200;

/// The faults that the document alone shows.
pub(in crate::service) fn content_faults(content: &CampaignContent, config: &config::Campaign) -> Vec<FieldError> {
    let own = content::check(content, &config.disabled_actions);
    let mut faults: Vec<FieldError> = own.into_iter().map(|f| FieldError::new(f.path, f.code, f.message)).collect();
    for (i, wave) in content.waves.iter().enumerate() {
        wave_faults(i, wave, &mut faults);
    }
    faults
}

fn wave_faults(i: usize, wave: &WavePlan, faults: &mut Vec<FieldError>) {
    if wave.grace_minutes.is_some_and(|minutes| minutes > MOST_GRACE_MINUTES) {
        faults.push(FieldError::new(format!("waves[{i}].grace_minutes"), "wave.grace", "A wave opens at most 30 days late"));
    }
    match &wave.timing {
        Timing::At { local, .. } if !(1970..=LAST_YEAR).contains(&local.year()) => {
            let message = format!("Give a year from 1970 to {LAST_YEAR}");
            faults.push(FieldError::new(format!("waves[{i}].timing.local"), "wave.year", message));
        }
        Timing::After { minutes, .. } | Timing::Cascade { minutes, .. } if *minutes > MOST_DELAY_MINUTES => {
            let message = "A wave opens at most a year after another";
            faults.push(FieldError::new(format!("waves[{i}].timing.minutes"), "wave.delay", message));
        }
        _ => {}
    }
}

/// The faults of a content that is being written, as far as the document alone shows them; its times are held against now.
#[must_use]
pub fn faults_of(app: &App, content: &CampaignContent) -> Vec<FieldError> {
    let mut faults = content_faults(content, &app.config.campaign);
    faults.extend(time_faults(content, app.clock.now()));
    faults
}

/// The waves whose opening time has passed.
pub(super) fn time_faults(content: &CampaignContent, now: DateTime<Utc>) -> Vec<FieldError> {
    let past = CampaignRefusal::OpensInThePast;
    let waves = content.waves.iter().enumerate();
    let passed = waves.filter(|(_, wave)| opening(&wave.timing).is_some_and(|opens_at| opens_at < now));
    passed.map(|(i, _)| FieldError::new(format!("waves[{i}].timing.local"), past.code(), past.to_string())).collect()
}

/// The pairs of near-identical suggested texts, task by task.
#[must_use]
pub fn near_identical_texts(content: &CampaignContent) -> Vec<NearIdentical> {
    let mut pairs = Vec::new();
    for (i, wave) in content.waves.iter().enumerate() {
        for (j, task) in wave.tasks.iter().enumerate() {
            let texts: Vec<&str> = task.variants.iter().map(|v| v.text.as_str()).collect();
            let found = near_identical(&texts).into_iter();
            pairs.extend(found.map(|(first, second, score)| NearIdentical {
                path: format!("waves[{i}].tasks[{j}]"),
                first,
                second,
                percent: percent(score),
            }));
        }
    }
    pairs
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the score lies between 0 and 1")]
fn percent(score: f64) -> u8 {
    (score.clamp(0.0, 1.0) * 100.0) as u8
}
