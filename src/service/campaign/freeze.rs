//! Which election freezes a campaign's waves fall into.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::materialise::opening;
use crate::config;
use crate::domain::content::{CampaignContent, WavePlan};
use crate::domain::id::WaveId;
use crate::domain::wave::Timing;
use crate::store::types::At;
use crate::store::{Conn, StoreError, neutrality};

/// A freeze and the waves that fall into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FreezeOverlap {
    /// What the freeze is for.
    pub label: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// The waves.
    pub waves: Vec<WaveId>,
}

/// When a wave may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    wave_id: WaveId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// The freezes that a wave may fall into.
///
/// # Errors
/// The database's failure.
pub(in crate::service) fn overlaps(
    conn: &mut Conn,
    content: &CampaignContent,
    config: &config::Campaign,
) -> Result<Vec<FreezeOverlap>, StoreError> {
    let windows = windows(content, config);
    let Some(from) = windows.iter().map(|w| w.from).min() else { return Ok(Vec::new()) };
    let until = windows.iter().map(|w| w.until).max().unwrap_or(from);
    let freezes = neutrality::freezes_between(conn, At(from), At(until))?;
    let overlaps = freezes.into_iter().map(|freeze| FreezeOverlap {
        waves: windows.iter().filter(|w| w.from < freeze.ends_at.0 && freeze.starts_at.0 < w.until).map(|w| w.wave_id).collect(),
        label: freeze.label,
        starts_at: freeze.starts_at.0,
        ends_at: freeze.ends_at.0,
    });
    Ok(overlaps.filter(|overlap| !overlap.waves.is_empty()).collect())
}

/// A wave at a fixed time is open from then on for as long as planned. One that waits for another may be open at any time
/// from the earliest fixed opening to the latest that its chain of waits allows.
fn windows(content: &CampaignContent, config: &config::Campaign) -> Vec<Window> {
    let Some(earliest) = content.waves.iter().filter_map(|w| opening(&w.timing)).min() else { return Vec::new() };
    let latest = latest_openings(content, config);
    let waves = content.waves.iter().zip(latest).filter_map(|(wave, latest)| {
        let open = TimeDelta::minutes(wave.open_minutes.into());
        let (from, last) = opening(&wave.timing).map_or((earliest, latest?), |at| (at, at));
        Some(Window { wave_id: wave.id, from, until: later(last, open) })
    });
    waves.collect()
}

/// The latest instant at which each wave may open by itself; none where its chain of waits leads nowhere.
fn latest_openings(content: &CampaignContent, config: &config::Campaign) -> Vec<Option<DateTime<Utc>>> {
    let mut latest: Vec<(WaveId, Option<DateTime<Utc>>)> = Vec::with_capacity(content.waves.len());
    for wave in &content.waves {
        let of = |id: WaveId| latest.iter().find(|(known, _)| *known == id).and_then(|(_, at)| *at);
        let opens = match &wave.timing {
            Timing::At { .. } => opening(&wave.timing),
            Timing::After { wave_id, minutes } => of(*wave_id).map(|at| later(at, TimeDelta::minutes((*minutes).into()))),
            Timing::Cascade { wave_id, minutes } => {
                let wait = TimeDelta::hours(config.cascade_wait_h.into()) + TimeDelta::minutes((*minutes).into());
                of(*wave_id).map(|at| later(at, wait))
            }
        };
        latest.push((wave.id, opens.map(|at| later(at, grace(wave, config)))));
    }
    latest.into_iter().map(|(_, at)| at).collect()
}

fn grace(wave: &WavePlan, config: &config::Campaign) -> TimeDelta {
    wave.grace_minutes.map_or_else(|| TimeDelta::seconds(config.wave_grace_s.into()), |m| TimeDelta::minutes(m.into()))
}

fn later(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
