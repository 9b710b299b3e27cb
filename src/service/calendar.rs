//! The calendar: what opens when, what closes, freezes and lapsing disclosures; moving what has not opened; and feeds of it.

mod feed;
mod moving;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Caller, ServiceError};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::content::{CampaignContent, WavePlan};
use crate::domain::id::{CampaignId, WaveId};
use crate::domain::role::Act;
use crate::domain::wave::{Timing, WaveState};
use crate::domain::zone;
use crate::store::calendar::{self, DatedWave};
use crate::store::campaign::CampaignRow;
use crate::store::types::At;
use crate::store::{Conn, neutrality, plan};

pub use feed::{Feed, FeedCalendar, create_feed, feed, read_feed, revoke_feed};
pub use moving::{MoveRefusal, Moved, Moving, Target, Wanted, look, move_wave, target};

/// The most waves of a span; the rest is said to be missing.
const MOST: i64 = 1_000;
/// The most campaigns that are not released, or wait for others, that are looked through.
const MOST_CAMPAIGNS: i64 = 500;
/// The longest that a wave stays open.
const LONGEST_OPEN: TimeDelta = TimeDelta::days(92);

/// The instants shown: from, and up to but not including.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// What a wave does at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happens {
    /// It opens.
    Opens,
    /// It closes.
    Closes,
}

/// A wave on the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveItem {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub happens: Happens,
    /// Whether the time hangs on what has not happened yet; then it is the earliest.
    pub estimated: bool,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The campaign's title.
    pub title: String,
    /// Where the campaign stands.
    pub campaign_state: CampaignState,
    /// The wave.
    pub wave_id: WaveId,
    /// Its name.
    pub name: String,
    /// The layer's number.
    pub layer: i16,
    /// Where it stands; none before the release.
    pub state: Option<WaveState>,
    /// What moving it takes, if the caller may move it.
    pub movable: Option<Movable>,
}

/// What moving a wave takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movable {
    /// Its planned wall-clock time.
    pub local: NaiveDateTime,
    /// Its zone.
    pub zone: String,
    /// The campaign's version.
    pub version: i32,
}

/// An election freeze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeItem {
    /// What for.
    pub label: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
}

/// A span of the calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Openings and closings, by time.
    pub waves: Vec<WaveItem>,
    /// Freezes that share an instant with the span, by start.
    pub freezes: Vec<FreezeItem>,
    /// How many accounts' disclosures lapse on each day of the reader's zone.
    pub lapses: BTreeMap<NaiveDate, i64>,
    /// Whether there was more than is shown.
    pub cut: bool,
}

/// What lies on the caller's calendar within a span; days are those of `zone`.
///
/// # Errors
/// `Forbidden` for who sees no campaigns.
pub async fn between(app: &App, caller: &Caller, span: Span, zone: Tz) -> Result<Calendar, ServiceError> {
    let (this, caller) = (app.clone(), caller.clone());
    app.db.read(move |conn| collect(&this, conn, &caller, span, zone)).await
}

fn collect(app: &App, conn: &mut Conn, caller: &Caller, span: Span, zone: Tz) -> Result<Calendar, ServiceError> {
    let (from, to) = span;
    let roots = caller.reach(Act::ViewCampaigns)?;
    let mut found = Calendar::default();
    let dated = calendar::waves_opening(conn, roots.as_deref(), (from - LONGEST_OPEN, to), MOST)?;
    found.cut = i64::try_from(dated.len()).unwrap_or(i64::MAX) >= MOST;
    for wave in dated.into_iter().filter(is_alive) {
        push_dated(&mut found.waves, &wave, span);
    }
    let unreleased = [CampaignState::Draft, CampaignState::Submitted];
    for row in calendar::campaigns_in(conn, roots.as_deref(), &unreleased, MOST_CAMPAIGNS)? {
        push_planned(&mut found.waves, &row, span);
    }
    let live = [CampaignState::Released, CampaignState::Running, CampaignState::Paused];
    for row in calendar::campaigns_in(conn, roots.as_deref(), &live, MOST_CAMPAIGNS)? {
        push_waiting(conn, &mut found.waves, &row, (span, app.clock.now()))?;
    }
    let movable = calendar::campaigns_in(
        conn,
        caller.reach(Act::RunCampaigns).unwrap_or(Some(Vec::new())).as_deref(),
        &[CampaignState::Draft, CampaignState::Submitted, CampaignState::Released],
        MOST_CAMPAIGNS,
    )?;
    for item in &mut found.waves {
        let row = movable.iter().find(|row| row.id == item.campaign_id);
        let found =
            row.filter(|_| item.happens == Happens::Opens).and_then(|row| Some((row, fixed(&row.content.0, item.wave_id)?)));
        item.movable = found.map(|(row, (local, zone))| Movable { local, zone, version: row.version });
    }
    found.waves.sort_by_key(|wave| (wave.at, wave.happens, wave.wave_id));
    found.freezes = neutrality::freezes_between(conn, At(from), At(to))?
        .into_iter()
        .map(|row| FreezeItem { label: row.label, starts_at: row.starts_at.0, ends_at: row.ends_at.0 })
        .collect();
    if let Ok(roots) = caller.reach(Act::ViewOrganisation) {
        for at in calendar::lapses(conn, roots.as_deref(), span, MOST)? {
            *found.lapses.entry(at.with_timezone(&zone).date_naive()).or_default() += 1;
        }
    }
    Ok(found)
}

/// Whether the wave still means something: not one that was skipped, or ended with its campaign.
fn is_alive(wave: &DatedWave) -> bool {
    !matches!(wave.state, WaveState::Skipped | WaveState::Cancelled) && wave.campaign_state != CampaignState::Cancelled
}

fn fixed(content: &CampaignContent, id: WaveId) -> Option<(NaiveDateTime, String)> {
    match &content.wave(id)?.timing {
        Timing::At { local, zone } => Some((*local, zone.clone())),
        Timing::After { .. } | Timing::Cascade { .. } => None,
    }
}

/// Adds the opening and the closing of a wave, where they lie within the span.
fn push(items: &mut Vec<WaveItem>, opening: WaveItem, closes_at: DateTime<Utc>, (from, to): Span) {
    let within = |at: DateTime<Utc>| from <= at && at < to;
    if within(closes_at) {
        items.push(WaveItem { at: closes_at, happens: Happens::Closes, ..opening.clone() });
    }
    if within(opening.at) {
        items.push(opening);
    }
}

fn push_dated(items: &mut Vec<WaveItem>, wave: &DatedWave, span: Span) {
    let Some(at) = wave.opened_at.or(wave.opens_at) else { return };
    let opening = WaveItem {
        at: at.0,
        happens: Happens::Opens,
        estimated: false,
        campaign_id: wave.campaign_id,
        title: wave.title.clone(),
        campaign_state: wave.campaign_state,
        wave_id: wave.id,
        name: wave.name.clone(),
        layer: wave.layer,
        state: Some(wave.state),
        movable: None,
    };
    let closes_at = wave.closes_at.map_or_else(|| at.0 + TimeDelta::seconds(wave.open_s.into()), |at| at.0);
    push(items, opening, closes_at, span);
}

/// The waves of a campaign that is not released, from its content.
fn push_planned(items: &mut Vec<WaveItem>, row: &CampaignRow, span: Span) {
    for wave in &row.content.0.waves {
        let (Some(at), estimated) = super::preview::opening(&row.content.0, wave) else { continue };
        let opening = item(row, wave, at, estimated, None);
        push(items, opening, at + TimeDelta::minutes(wave.open_minutes.into()), span);
    }
}

/// The waves of a released campaign that wait for another wave or for a post: not before what they wait for, and not before now.
fn push_waiting(
    conn: &mut Conn,
    items: &mut Vec<WaveItem>,
    row: &CampaignRow,
    (span, now): (Span, DateTime<Utc>),
) -> Result<(), ServiceError> {
    if row.content.0.waves.iter().all(|wave| wave.timing.waits_for().is_none()) {
        return Ok(());
    }
    let rows = plan::list_waves(conn, row.id)?;
    let mut known: BTreeMap<WaveId, DateTime<Utc>> = BTreeMap::new();
    for wave in &rows {
        let minutes = match &wave.timing.0 {
            Timing::At { .. } => 0,
            Timing::After { minutes, .. } | Timing::Cascade { minutes, .. } => i64::from(*minutes),
        };
        let fixed = wave.opened_at.or(wave.opens_at).map(|at| at.0);
        let waits = wave.waits_for.and_then(|id| known.get(&id)).map(|at| (*at + TimeDelta::minutes(minutes)).max(now));
        let Some(at) = fixed.or(waits) else { continue };
        known.insert(wave.id, at);
        let planned = row.content.0.wave(wave.id);
        if let (None, WaveState::Planned, Some(planned)) = (fixed, wave.state, planned) {
            let opening = item(row, planned, at, true, Some(wave.state));
            push(items, opening, at + TimeDelta::seconds(wave.open_s.into()), span);
        }
    }
    Ok(())
}

fn item(row: &CampaignRow, wave: &WavePlan, at: DateTime<Utc>, estimated: bool, state: Option<WaveState>) -> WaveItem {
    WaveItem {
        at,
        happens: Happens::Opens,
        estimated,
        campaign_id: row.id,
        title: row.title.clone(),
        campaign_state: row.state,
        wave_id: wave.id,
        name: wave.name.clone(),
        layer: wave.layer.number(),
        state,
        movable: None,
    }
}

/// The instant of a wall-clock time.
fn instant(local: NaiveDateTime, zone_name: &str) -> Option<DateTime<Utc>> {
    zone::parse(zone_name).ok().map(|tz| zone::resolve_local(local, tz))
}
