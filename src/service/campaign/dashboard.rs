//! A campaign as its lead watches it: the cascade over time, what was done, what is stuck and why, and which mail leaves next.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::progress::{self, CampaignProgress, WaveProgress};
use super::reach;
use crate::app::App;
use crate::domain::breaker::Tripped;
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, WaveId};
use crate::domain::role::Act;
use crate::domain::wave::{Timing, WaveState};
use crate::service::delivery::last_mail_at;
use crate::service::{Caller, ServiceError};
use crate::store::pace::{self, PaceRow};
use crate::store::{campaign, outbox, post};

/// The page's data.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// The campaign and the counts of its waves.
    pub progress: CampaignProgress,
    /// Its waves on the line of time, in order; those of the content before the release.
    pub cascade: Vec<CascadeWave>,
    /// How what was done is evidenced, over the waves whose figures are shown.
    pub evidence: Evidence,
    /// When the next mail may leave; none when none waits.
    pub next_mail_at: Option<DateTime<Utc>>,
    /// When the last of the mails that wait will have left at the latest; none when none waits, or all stand still.
    pub last_mail_at: Option<DateTime<Utc>>,
    /// What does not go on by itself, or not yet, and why.
    pub stuck: Vec<Stuck>,
}

/// A wave on the line of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CascadeWave {
    /// The wave.
    pub id: WaveId,
    /// Its name.
    pub name: String,
    /// Its layer's number.
    pub layer: i16,
    /// Where it stands; planned before the release.
    pub state: WaveState,
    /// When it opens or opened; none where nothing tells.
    pub opens_at: Option<DateTime<Utc>>,
    /// When its window ends.
    pub closes_at: Option<DateTime<Utc>>,
    /// Whether these times follow from another wave's and may still move.
    pub estimated: bool,
    /// What starts it: another wave, and when.
    pub from: Option<(WaveId, DateTime<Utc>)>,
    /// Assignments made.
    pub asked: i64,
    /// Done; withheld for a small group.
    pub done: Option<i64>,
    /// What was done by when, adding up; empty where it is withheld.
    pub pace: Vec<(DateTime<Utc>, i64)>,
    /// When its posts were registered.
    pub posts: Vec<DateTime<Utc>>,
}

/// How what was done is evidenced: declared ≥ linked ≥ checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Done.
    pub done: i64,
    /// Of those, with an address of the account's.
    pub linked: i64,
    /// Of those, checked by a reviewer.
    pub checked: i64,
}

/// Something that does not go on by itself, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stuck {
    /// The campaign is paused: nothing leaves.
    Paused,
    /// The service paused it: too many of its mails were refused.
    PausedForMail(Tripped),
    /// A wave is held until a person decides.
    Held {
        /// The wave.
        wave_id: WaveId,
        /// Its name.
        name: String,
        /// Why: a stable code.
        reason: String,
    },
    /// A wave waits for a post of another one.
    Waits {
        /// The wave.
        name: String,
        /// The one whose post it waits for.
        source: String,
    },
    /// A wave opened and nobody was asked.
    NobodyAsked {
        /// The wave.
        name: String,
    },
    /// Mails that failed for good.
    MailFailed(i64),
    /// Mails of which nobody knows whether they arrived.
    MailUnknown(i64),
}

/// The campaign as its lead watches it.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn dashboard(app: &App, caller: &Caller, id: CampaignId) -> Result<Dashboard, ServiceError> {
    let progress = progress::view(app, caller, id).await?;
    let now = app.clock.now();
    let (caller, this) = (caller.clone(), app.clone());
    app.db
        .read(move |conn| {
            reach(conn, &caller, Act::ViewCampaigns, id)?;
            let ids: Vec<WaveId> = progress.waves.iter().map(|wave| wave.id).collect();
            let mut posts: HashMap<WaveId, Vec<DateTime<Utc>>> = HashMap::new();
            for (wave_id, at) in post::list_times(conn, &ids)? {
                posts.entry(wave_id).or_default().push(at.0);
            }
            let moved = pace::list(conn, id)?;
            // While it is paused nothing leaves, and every mail would be looked at to find that out.
            let is_paused = progress.campaign.state == CampaignState::Paused;
            let next_mail_at = if is_paused { None } else { outbox::find_next_at(conn, id)? };
            let last_mail_at = match next_mail_at {
                Some(_) => last_mail_at(&this, conn, (id, open_mails(&progress), last_end(&progress)), now)?,
                None => None,
            };
            let shown: Vec<WaveId> = progress.waves.iter().filter(|w| w.outcome.is_some()).map(|w| w.id).collect();
            let cascade = cascade(&progress, &moved, &posts, now);
            let mut stuck = stuck(&progress, &posts, now);
            if progress.campaign.state == CampaignState::Paused {
                let why = campaign::pause_reason(conn, id)?;
                stuck.insert(0, why.map_or(Stuck::Paused, Stuck::PausedForMail));
            }
            Ok(Dashboard { evidence: evidence(&moved, &shown), cascade, next_mail_at, last_mail_at, stuck, progress })
        })
        .await
}

fn open_mails(progress: &CampaignProgress) -> i64 {
    progress.waves.iter().map(|wave| wave.mail.open).sum()
}

/// The end of the last window in which mail waits: none leaves after it.
fn last_end(progress: &CampaignProgress) -> Option<DateTime<Utc>> {
    progress.waves.iter().filter(|wave| wave.mail.open > 0).filter_map(|wave| wave.closes_at).max()
}

fn evidence(moved: &[PaceRow], shown: &[WaveId]) -> Evidence {
    moved.iter().filter(|row| shown.contains(&row.wave_id)).fold(Evidence::default(), |sum, row| Evidence {
        done: sum.done + row.done,
        linked: sum.linked + row.linked,
        checked: sum.checked + row.checked,
    })
}

/// The waves of a content that is not released, on the line of time.
#[must_use]
pub fn planned_cascade(content: &CampaignContent, now: DateTime<Utc>) -> Vec<CascadeWave> {
    let mut placed: Vec<CascadeWave> = Vec::new();
    for plan in &content.waves {
        let bare = CascadeWave {
            id: plan.id,
            name: plan.name.clone(),
            layer: plan.layer.number(),
            state: WaveState::Planned,
            opens_at: plan.timing.fixed_at(),
            closes_at: None,
            estimated: false,
            from: None,
            asked: 0,
            done: None,
            pace: Vec::new(),
            posts: Vec::new(),
        };
        let length = TimeDelta::minutes(plan.open_minutes.into());
        let placed_wave = place(bare, &plan.timing, length, &placed, now);
        placed.push(placed_wave);
    }
    placed
}

fn cascade(
    progress: &CampaignProgress,
    moved: &[PaceRow],
    posts: &HashMap<WaveId, Vec<DateTime<Utc>>>,
    now: DateTime<Utc>,
) -> Vec<CascadeWave> {
    if progress.waves.is_empty() {
        return planned_cascade(&progress.campaign.content, now);
    }
    let mut placed: Vec<CascadeWave> = Vec::new();
    for wave in &progress.waves {
        let mut bare = started(wave, moved);
        bare.posts = posts.get(&wave.id).cloned().unwrap_or_default();
        let minutes = progress.campaign.content.wave(wave.id).map_or(0, |plan| plan.open_minutes);
        let placed_wave = place(bare, &wave.timing, TimeDelta::minutes(minutes.into()), &placed, now);
        placed.push(placed_wave);
    }
    placed
}

fn started(wave: &WaveProgress, moved: &[PaceRow]) -> CascadeWave {
    let mut sum = 0;
    let mut pace = Vec::new();
    if wave.outcome.is_some() {
        for row in moved.iter().filter(|row| row.wave_id == wave.id) {
            sum += row.done;
            pace.push((row.quarter_at.0 + TimeDelta::seconds(pace::QUARTER_S), sum));
        }
    }
    CascadeWave {
        id: wave.id,
        name: wave.name.clone(),
        layer: wave.layer,
        state: wave.state,
        opens_at: wave.opened_at.or(wave.opens_at),
        closes_at: wave.closes_at,
        estimated: false,
        from: None,
        asked: wave.planned,
        done: wave.outcome.map(|outcome| outcome.done),
        pace,
        posts: Vec::new(),
    }
}

/// Puts a wave in its place: its own times where they are known, else those that follow from the wave before it.
fn place(mut wave: CascadeWave, timing: &Timing, length: TimeDelta, placed: &[CascadeWave], now: DateTime<Utc>) -> CascadeWave {
    let source = |id: &WaveId| placed.iter().find(|other| other.id == *id);
    let (from, follows) = match timing {
        Timing::At { .. } => (None, None),
        Timing::After { wave_id, minutes } => {
            let start = source(wave_id).and_then(|other| other.opens_at);
            (start.map(|at| (*wave_id, at)), start.map(|at| at + TimeDelta::minutes((*minutes).into())))
        }
        Timing::Cascade { wave_id, minutes } => {
            let first = source(wave_id).and_then(|other| other.posts.iter().min().copied().or(other.opens_at));
            let delay = TimeDelta::minutes((*minutes).into());
            // What still waits for its post cannot begin in the past.
            (first.map(|at| (*wave_id, at)), first.map(|at| (at + delay).max(if wave.opens_at.is_none() { now } else { at })))
        }
    };
    wave.from = from;
    if wave.opens_at.is_none() {
        wave.opens_at = follows;
        wave.estimated = true;
    }
    if wave.closes_at.is_none() {
        wave.closes_at = wave.opens_at.map(|at| at + length);
    }
    wave
}

fn stuck(progress: &CampaignProgress, posts: &HashMap<WaveId, Vec<DateTime<Utc>>>, now: DateTime<Utc>) -> Vec<Stuck> {
    let mut found = Vec::new();
    let (mut failed, mut unknown) = (0, 0);
    for wave in &progress.waves {
        failed += wave.mail.failed;
        unknown += wave.mail.unknown;
        if wave.state == WaveState::Held {
            let reason = wave.held_reason.clone().unwrap_or_default();
            found.push(Stuck::Held { wave_id: wave.id, name: wave.name.clone(), reason });
        }
        if wave.filled_at.is_some() && wave.planned == 0 && wave.state == WaveState::Open {
            found.push(Stuck::NobodyAsked { name: wave.name.clone() });
        }
        let Some(source) = wave.waits_for.filter(|_| wave.cascade && wave.state == WaveState::Planned) else { continue };
        let named = progress.waves.iter().find(|other| other.id == source);
        let asked = named.is_some_and(|other| other.opened_at.is_some_and(|at| at <= now));
        if asked && posts.get(&source).is_none_or(Vec::is_empty) {
            let source = named.map(|other| other.name.clone()).unwrap_or_default();
            found.push(Stuck::Waits { name: wave.name.clone(), source });
        }
    }
    if failed > 0 {
        found.push(Stuck::MailFailed(failed));
    }
    if unknown > 0 {
        found.push(Stuck::MailUnknown(unknown));
    }
    found
}
