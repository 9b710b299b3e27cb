//! Moving a wave that has not opened to another wall-clock time: an edit of its campaign like any other, so it voids a release.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{fixed, instant};
use crate::app::App;
use crate::domain::campaign::{CampaignRefusal, CampaignState};
use crate::domain::id::{CampaignId, WaveId};
use crate::domain::role::Act;
use crate::domain::wave::Timing;
use crate::domain::zone;
use crate::service::form::Faults;
use crate::service::{Caller, ServiceError, campaign, neutrality};
use crate::store::campaign as campaigns;

crate::refusals! {
    /// Why a wave is not moved.
    pub enum MoveRefusal {
        /// Its time is another wave's, or a post's.
        NotFixed = "calendar.not_fixed": "This wave has no time of its own: it opens after another wave or with a post; move that one",
    }
}

/// Where a wave is to be moved.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The wave.
    pub wave_id: WaveId,
    /// The campaign's version that was looked at.
    pub version: i32,
    /// The wall-clock time as typed, `2026-11-27T09:00`.
    pub local: String,
    /// The IANA zone.
    pub zone: String,
}

/// A wave that can be moved, and what moving it would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Its version.
    pub version: i32,
    /// The wave.
    pub wave_id: WaveId,
    /// Its name.
    pub name: String,
    /// The layer's number.
    pub layer: i16,
    /// Its wall-clock time now.
    pub local: NaiveDateTime,
    /// Its zone now.
    pub zone: String,
    /// The instant that is.
    pub at: Option<DateTime<Utc>>,
    /// The names of the waves that open after it, or with its posts, and so move along.
    pub along: Vec<String>,
}

impl Moving {
    /// Whether moving it takes back a release or a submission.
    #[must_use]
    pub const fn voids(&self) -> bool {
        matches!(self.state, CampaignState::Released | CampaignState::Submitted)
    }
}

/// A wave that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// As it was.
    pub before: Moving,
    /// Its new instant.
    pub at: DateTime<Utc>,
}

/// The wave that is to be moved.
///
/// # Errors
/// `NotFound` out of reach; `Forbidden`; `calendar.not_fixed`; `campaign.not_editable` once the campaign has opened a wave or is over.
pub async fn look(app: &App, caller: &Caller, id: CampaignId, wave_id: WaveId) -> Result<Moving, ServiceError> {
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            caller.reach(Act::RunCampaigns)?;
            let row = campaigns::get(conn, id)?;
            caller.check(conn, Act::RunCampaigns, row.unit_id)?;
            let content = row.content.0;
            let wave = content.wave(wave_id).ok_or(ServiceError::NotFound("the wave"))?;
            if !matches!(row.state, CampaignState::Draft | CampaignState::Submitted | CampaignState::Released) {
                return Err(CampaignRefusal::NotEditable.into());
            }
            let (local, zone) = fixed(&content, wave_id).ok_or(MoveRefusal::NotFixed)?;
            let mut along = vec![wave_id];
            for other in &content.waves {
                if other.timing.waits_for().is_some_and(|id| along.contains(&id)) {
                    along.push(other.id);
                }
            }
            Ok(Moving {
                campaign_id: id,
                title: row.title,
                state: row.state,
                version: row.version,
                wave_id,
                name: wave.name.clone(),
                layer: wave.layer.number(),
                local,
                at: instant(local, &zone),
                zone,
                along: along.iter().skip(1).filter_map(|id| content.wave(*id)).map(|wave| wave.name.clone()).collect(),
            })
        })
        .await
}

/// Where the wanted time lies, and the freeze it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The wall-clock time.
    pub local: NaiveDateTime,
    /// The zone's exact name.
    pub zone: String,
    /// The instant.
    pub at: DateTime<Utc>,
    /// What the freeze is for that it lies in, if any.
    pub freeze: Option<String>,
}

/// Reads the wanted time.
///
/// # Errors
/// Faults of the fields `local` and `zone`.
pub async fn target(app: &App, wanted: &Wanted) -> Result<Target, ServiceError> {
    let now = app.clock.now();
    let mut faults = Faults::default();
    let zone = faults.take("zone", zone::parse(&wanted.zone), zone::ZoneError::code);
    let local = parse_local(&wanted.local);
    if local.is_none() {
        faults.add("local", "calendar.local", "Give date and time such as 2026-11-27T09:00");
    }
    let at = local.zip(zone).map(|(local, zone)| zone::resolve_local(local, zone));
    if at.is_some_and(|at| at <= now) {
        faults.add("local", "calendar.in_the_past", "This time has already passed; choose a later one");
    }
    let whole = local.zip(zone).zip(at);
    let ((local, zone), at) = faults.finish(whole)?;
    let freeze = app.db.read(move |conn| neutrality::freeze_between(conn, at, at)).await?;
    Ok(Target { local, zone: zone.name().to_owned(), at, freeze: freeze.map(|freeze| freeze.label) })
}

fn parse_local(text: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text.trim(), format).ok())
}

/// Moves a wave. The campaign is a draft afterwards.
///
/// # Errors
/// As [`look`] and [`target`]; `Conflict` when somebody changed the campaign meanwhile.
pub async fn move_wave(app: &App, caller: &Caller, wanted: Wanted) -> Result<Moved, ServiceError> {
    let before = look(app, caller, wanted.campaign_id, wanted.wave_id).await?;
    let target = target(app, &wanted).await?;
    let mut content = campaign::get(app, caller, wanted.campaign_id).await?.content;
    for wave in content.waves.iter_mut().filter(|wave| wave.id == wanted.wave_id) {
        wave.timing = Timing::At { local: target.local, zone: target.zone.clone() };
    }
    // Guarded by the version that was looked at: what was read here is what is replaced, or nothing is.
    campaign::edit(app, caller, wanted.campaign_id, wanted.version, content).await?;
    Ok(Moved { before, at: target.at })
}
