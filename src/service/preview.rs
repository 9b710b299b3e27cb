//! What a campaign will do, said before anyone is mailed: who, how many, who not and why, when, and the mail itself.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::error::ServiceError;
use crate::app::App;
use crate::config::Config;
use crate::domain::audience::SkipReason;
use crate::domain::content::{CampaignContent, WavePlan};
use crate::domain::id::{CampaignId, UnitId, WaveId};
use crate::domain::kind::Layer;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::domain::wave::Timing;
use crate::domain::zone;
use crate::store::audience::{self, Scope};
use crate::store::{Conn, audience_times, campaign, collision, unit};

mod member;
mod test_mail;
mod times;
pub use member::{AskedPerson, MailPreview, MemberPreview, preview_mail, preview_member};
pub(in crate::service) use test_mail::context as test_context;
pub use test_mail::mail_test;
use times::Times;

/// Everything that is known before a campaign runs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CampaignPreview {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The content that this preview is about.
    pub content_hash: String,
    /// Each wave, in order.
    pub waves: Vec<WavePreview>,
    /// Waves of other campaigns at the same time, on the same layer and units.
    pub collisions: Vec<Collision>,
}

/// What a wave will do, as of now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WavePreview {
    /// The wave.
    pub wave_id: WaveId,
    /// Its name.
    pub name: String,
    /// Its layer.
    pub layer: Layer,
    /// When it opens; for a wave that waits for another, the earliest time.
    pub opens_at: Option<DateTime<Utc>>,
    /// Whether the time depends on something that has not happened yet.
    pub estimated: bool,
    /// When it closes, as far as its opening is known.
    pub closes_at: Option<DateTime<Utc>>,
    /// Tasks that will be given: one mail each.
    pub asked: i64,
    /// By platform.
    pub platforms: Vec<PlatformCount>,
    /// By unit of the account.
    pub units: Vec<UnitCount>,
    /// By the person's zone, with the local time of the opening.
    pub zones: Vec<ZoneCount>,
    /// Who is left out, and why.
    pub skipped: Vec<SkipCount>,
    /// When the last mail will have left at the latest, given everyone's permitted hours, as far as the opening is known.
    pub last_mail_at: Option<DateTime<Utc>>,
    /// Who is asked and gets no mail, because no permitted time is left before the deadline; by zone.
    pub too_late: Vec<LateCount>,
}

/// People of a zone whose permitted time comes after the deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LateCount {
    /// The IANA zone.
    pub zone: String,
    /// What people there call it, e.g. WIB.
    pub label: String,
    /// How many; withheld for a small group.
    pub people: Option<i64>,
}

/// Tasks on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlatformCount {
    /// The platform.
    pub platform: Platform,
    /// Tasks.
    pub asked: i64,
}

/// Tasks in a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitCount {
    /// The unit.
    pub unit_id: UnitId,
    /// Its name.
    pub name: String,
    /// Tasks.
    pub asked: i64,
}

/// Tasks in a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ZoneCount {
    /// The IANA zone.
    pub zone: String,
    /// What people there call it, e.g. WIB.
    pub label: String,
    /// The opening on their clocks.
    pub opens_local: Option<String>,
    /// Tasks.
    pub asked: i64,
}

/// Accounts that the rule names and that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SkipCount {
    /// Why.
    pub reason: SkipReason,
    /// How many accounts.
    pub accounts: i64,
}

/// A wave of another campaign that would ask the same layer at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Collision {
    /// The wave here.
    pub wave_id: WaveId,
    /// The other campaign.
    pub campaign_id: CampaignId,
    /// Its title.
    pub title: String,
    /// Its wave's name.
    pub wave_name: String,
    /// When that opens.
    pub opens_at: DateTime<Utc>,
}

/// Says what the campaign would do if it were released now. Counts of a later wave don't know what the earlier waves will have
/// used up of people's weekly caps.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's units.
pub async fn preview(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignPreview, ServiceError> {
    let (caller, this, now) = (caller.clone(), app.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let row = campaign::get(conn, id)?;
            caller.check(conn, Act::ViewCampaigns, row.unit_id)?;
            let content = row.content.0;
            let names: BTreeMap<UnitId, String> = unit::list(conn)?.into_iter().map(|u| (u.id, u.name)).collect();
            let mut waves = Vec::with_capacity(content.waves.len());
            let mut collisions = Vec::new();
            for plan in &content.waves {
                let preview = wave_preview(&this, conn, (&content, plan), (row.id, row.unit_id, now), &names)?;
                if let (Some(from), Some(until)) = (preview.opens_at, preview.closes_at) {
                    let found = collision::list(conn, id, row.unit_id, plan.layer, (from, until))?;
                    collisions.extend(found.into_iter().map(|c| Collision {
                        wave_id: plan.id,
                        campaign_id: c.campaign_id,
                        title: c.title,
                        wave_name: c.wave_name,
                        opens_at: c.opens_at.0,
                    }));
                }
                waves.push(preview);
            }
            Ok(CampaignPreview { campaign_id: id, content_hash: row.content_hash, waves, collisions })
        })
        .await
}

/// What one wave of a content that is being written would do; `content` is the campaign's with the wave as typed in it.
///
/// # Errors
/// [`ServiceError::NotFound`] where the caller runs no campaigns, or for a wave that the content lacks.
pub async fn preview_wave(
    app: &App,
    caller: &Caller,
    (id, wave_id): (CampaignId, WaveId),
    content: CampaignContent,
) -> Result<WavePreview, ServiceError> {
    let (caller, this, now) = (caller.clone(), app.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            caller.reach(Act::RunCampaigns)?;
            let row = campaign::get(conn, id)?;
            caller.check(conn, Act::RunCampaigns, row.unit_id)?;
            let plan = content.wave(wave_id).ok_or(ServiceError::NotFound("the wave"))?;
            let names: BTreeMap<UnitId, String> = unit::list(conn)?.into_iter().map(|u| (u.id, u.name)).collect();
            wave_preview(&this, conn, (&content, plan), (row.id, row.unit_id, now), &names)
        })
        .await
}

fn wave_preview(
    app: &App,
    conn: &mut Conn,
    (content, plan): (&CampaignContent, &WavePlan),
    about: (CampaignId, UnitId, DateTime<Utc>),
    names: &BTreeMap<UnitId, String>,
) -> Result<WavePreview, ServiceError> {
    let platforms: Vec<Platform> = plan.tasks.iter().map(|t| t.platform).collect();
    let config = &app.config;
    let (opens_at, estimated) = opening(content, plan);
    let scope = scope(config, plan, &platforms, about);
    let groups = audience::groups(conn, &scope)?;
    let (mut by_platform, mut by_unit, mut by_zone, mut by_skip) =
        (BTreeMap::<Platform, i64>::new(), BTreeMap::<UnitId, i64>::new(), BTreeMap::<String, i64>::new(), BTreeMap::new());
    for group in groups {
        if let Some(reason) = group.skip {
            let reason = SkipReason::parse(&reason).map_err(|e| ServiceError::Internal(e.to_string()))?;
            *by_skip.entry(reason).or_insert(0) += group.n;
            continue;
        }
        *by_platform.entry(group.platform).or_default() += group.n;
        *by_unit.entry(group.unit_id).or_default() += group.n;
        *by_zone.entry(group.zone).or_default() += group.n;
    }
    let zones = by_zone.into_iter().map(|(name, asked)| {
        let tz = zone::parse(&name).unwrap_or(config.institution.default_zone);
        let at = opens_at.unwrap_or(about.2);
        ZoneCount {
            label: zone::zone_label(tz, at),
            opens_local: opens_at.map(|at| at.with_timezone(&tz).format("%Y-%m-%d %H:%M").to_string()),
            zone: name,
            asked,
        }
    });
    let units = by_unit.into_iter().map(|(unit_id, asked)| {
        let name = names.get(&unit_id).cloned().unwrap_or_default();
        UnitCount { unit_id, name, asked }
    });
    let closes_at = opens_at.map(|at| at + TimeDelta::minutes(plan.open_minutes.into()));
    let asked = by_platform.values().sum();
    let times = match opens_at.zip(closes_at) {
        Some(window) => times::times(app, &audience_times::groups(conn, &scope)?, window, asked),
        None => Times::default(),
    };
    Ok(WavePreview {
        wave_id: plan.id,
        name: plan.name.clone(),
        layer: plan.layer,
        opens_at,
        estimated,
        closes_at,
        asked,
        last_mail_at: times.last_mail_at,
        too_late: times.too_late,
        platforms: by_platform.into_iter().map(|(platform, asked)| PlatformCount { platform, asked }).collect(),
        units: units.collect(),
        zones: zones.collect(),
        skipped: by_skip.into_iter().map(|(reason, accounts)| SkipCount { reason, accounts }).collect(),
    })
}

fn scope<'a>(
    config: &'a Config,
    plan: &'a WavePlan,
    platforms: &'a [Platform],
    (campaign_id, unit_id, now): (CampaignId, UnitId, DateTime<Utc>),
) -> Scope<'a> {
    Scope {
        campaign_id,
        campaign_unit: unit_id,
        wave_id: plan.id,
        layer: plan.layer,
        platforms,
        rule: &plan.audience,
        participate_version: &config.consent.participate_version,
        operate_version: &config.consent.operate_version,
        weekly_cap: (config.campaign.weekly_cap_default > 0).then_some(config.campaign.weekly_cap_default),
        now,
        members: (None, None),
    }
}

/// The (earliest) opening of a wave, and whether it depends on what has not happened yet.
pub(super) fn opening(content: &CampaignContent, plan: &WavePlan) -> (Option<DateTime<Utc>>, bool) {
    let mut minutes = 0_i64;
    let mut plan = plan;
    // A wave waits only for one that stands before it, so the chain is at most as long as the list.
    for hops in 0..=content.waves.len() {
        match &plan.timing {
            Timing::At { local, zone: name } => {
                let at = zone::parse(name).ok().map(|tz| zone::resolve_local(*local, tz) + TimeDelta::minutes(minutes));
                return (at, hops > 0);
            }
            Timing::After { wave_id, minutes: m } | Timing::Cascade { wave_id, minutes: m } => {
                minutes += i64::from(*m);
                match content.wave(*wave_id) {
                    Some(source) => plan = source,
                    None => return (None, true),
                }
            }
        }
    }
    (None, true)
}
