//! Opening waves: once, on time, in chunks that survive a crash between any two of them.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::json;

use super::{Progress, WAVES_A_SWEEP, raced, tally, target};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::campaign::CampaignRefusal;
use crate::domain::event::EventKind;
use crate::domain::id::WaveId;
use crate::domain::kind::Layer;
use crate::domain::refusal::Refusal as _;
use crate::domain::wave::{Due, WaveState, due};
use crate::fault;
use crate::service::ServiceError;
use crate::service::campaign::falls_into_freeze;
use crate::service::stride::Stride;
use crate::store::audience::Scope;
use crate::store::fanout::{self, Chunk};
use crate::store::tx::NewEntry;
use crate::store::wave::WaveRow;
use crate::store::{StoreError, Tx, campaign, wave};

/// How long a worker may take for one chunk before another takes over.
const CHUNK_LEASE: TimeDelta = TimeDelta::minutes(5);
/// What the first chunk takes in.
const FIRST_CHUNK: u32 = 1_000;
/// Where a chunk costs more than its rows.
const LEAST_CHUNK: u32 = 500;

/// Begins to open every wave whose time has come; holds those that come too late or have nothing to point at.
///
/// # Errors
/// [`ServiceError`] when the due waves can't be read; a wave's own failure is counted.
pub async fn open_due_waves(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let mut progress = Progress::default();
    // Waves that wait for a post stay due; however many they are, those behind them have their turn.
    let mut passed_over = 0;
    loop {
        let ids = app.db.read(move |conn| wave::list_due(conn, now, passed_over, WAVES_A_SWEEP)).await?;
        let last = i64::try_from(ids.len()).unwrap_or(i64::MAX) < WAVES_A_SWEEP;
        for id in ids.into_iter().take_while(|_| !app.is_stopping()) {
            let result = app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(begin(tx, id)?)).await;
            passed_over += i64::from(!matches!(result, Ok(true)));
            tally(&mut progress, "open a wave", result, |moved| u64::from(*moved));
        }
        if last || app.is_stopping() {
            return Ok(progress);
        }
    }
}

fn begin(tx: &mut Tx<'_>, id: WaveId) -> Result<bool, StoreError> {
    tx.without_entry("the wave is no longer due");
    let campaign_id = wave::get(tx.conn, id)?.campaign_id;
    if !wave::campaign_is_live_for_me(tx, campaign_id)? {
        return Ok(false);
    }
    // Read under the lock: whoever had it before may have opened the wave, with targets that are not to change any more.
    let row = wave::get(tx.conn, id)?;
    let Some(opens_at) = row.opens_at.map(|at| at.0).filter(|_| row.state == WaveState::Planned) else { return Ok(false) };
    match due(opens_at, row.grace_s.into(), tx.now) {
        Due::NotYet => return Ok(false),
        Due::TooLate { late_s } => return hold(tx, &row, "wave.late", json!({ "late_s": late_s })),
        Due::Now => {}
    }
    // A freeze may have been put on the calendar after the release.
    let owner = campaign::get(tx.conn, row.campaign_id)?;
    if falls_into_freeze(tx, &owner, row.open_s)? {
        return hold(tx, &row, CampaignRefusal::ElectionFreeze.code(), json!({}));
    }
    let tasks = wave::tasks_of(tx.conn, id)?;
    if row.cascade && !target::is_complete(tx, &tasks)? {
        // The posts so far don't serve every platform; the grace window decides how long to wait for the rest.
        return Ok(false);
    }
    if let Err(reason) = target::resolve(tx, &row, &tasks)? {
        return hold(tx, &row, reason, json!({}));
    }
    let Some(closes_at) = raced(wave::begin_opening(tx, &row))? else { return Ok(false) };
    if wave::start_campaign(tx, row.campaign_id)? {
        tx.record(NewEntry::new(EventKind::CampaignStarted).unit(row.unit_id).campaign(row.campaign_id));
    }
    fanout::wake_followers(tx, id, tx.now)?;
    tx.record(
        NewEntry::new(EventKind::WaveOpened)
            .unit(row.unit_id)
            .campaign(row.campaign_id)
            .wave(id)
            .payload(json!({ "planned_at": opens_at, "closes_at": closes_at, "layer": row.layer })),
    );
    Ok(true)
}

fn hold(tx: &mut Tx<'_>, row: &WaveRow, reason: &str, payload: serde_json::Value) -> Result<bool, StoreError> {
    if raced(wave::hold(tx, row.id, reason))?.is_none() {
        return Ok(false);
    }
    let entry = NewEntry::new(EventKind::WaveHeld).unit(row.unit_id).campaign(row.campaign_id).wave(row.id);
    tx.record(entry.payload(json!({ "reason": reason, "facts": payload })));
    Ok(true)
}

/// Makes the assignments of opening waves, as many chunks as there are; a pause or a stop takes effect between two chunks.
///
/// # Errors
/// [`ServiceError`] when the waves can't be read; a wave's own failure is counted.
pub async fn fill_opening_waves(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let ids = app.db.read(move |conn| wave::list_opening(conn, now, WAVES_A_SWEEP)).await?;
    let mut progress = Progress::default();
    for id in ids {
        let mut stride = stride(app);
        while !app.is_stopping() {
            let (config, size) = (app.config.clone(), stride.next());
            let result = app
                .db
                .write_at_length(Actor::System, move |tx| {
                    let began = Instant::now();
                    Ok::<_, ServiceError>((fill_chunk(tx, id, &config, size)?, began.elapsed()))
                })
                .await
                .map(|(filled, took)| {
                    stride.learn(stride.next(), took);
                    filled
                });
            let more = matches!(result, Ok(Filled::More));
            tally(&mut progress, "fill a wave", result, |filled| u64::from(!matches!(filled, Filled::Nothing)));
            if !more {
                break;
            }
        }
    }
    Ok(progress)
}

/// How many people one transaction takes in: as many as fit into the time for which others may be kept waiting.
fn stride(app: &App) -> Stride {
    // SQLite has one writer: whoever presses *Done* waits for the chunk. On PostgreSQL only a pause of the campaign waits, and who
    // writes to the same wave.
    let aim = Duration::from_millis(if app.db.is_sqlite() { 30 } else { 250 });
    Stride::new(FIRST_CHUNK, (LEAST_CHUNK, app.config.campaign.chunk_size), aim)
}

/// What one chunk did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// Nothing: it is somebody else's, or no longer opening.
    Nothing,
    /// A chunk; there are more.
    More,
    /// The last one.
    Last,
}

fn fill_chunk(tx: &mut Tx<'_>, id: WaveId, config: &crate::config::Config, size: u32) -> Result<Filled, StoreError> {
    tx.without_entry("a chunk without accounts only moves the cursor");
    let row = wave::get(tx.conn, id)?;
    if !wave::campaign_is_live(tx, row.campaign_id)? {
        return Ok(Filled::Nothing);
    }
    if raced(wave::take_chunk(tx, &row, tx.now + CHUNK_LEASE))?.is_none() {
        return Ok(Filled::Nothing);
    }
    let (Some(layer), Some(closes_at)) = (Layer::from_number(row.layer), row.closes_at.map(|at| at.0)) else {
        return Err(StoreError::Inconsistent(format!("opening wave {id} has no layer or no end")));
    };
    let platforms: Vec<_> = wave::tasks_of(tx.conn, id)?.into_iter().map(|t| t.platform).collect();
    // A sample is drawn from everybody at once, so it is one chunk.
    let end = match row.audience.0.sample {
        Some(_) => None,
        None => fanout::chunk_end(tx, row.cursor, size)?,
    };
    let chunk = Chunk {
        scope: Scope {
            campaign_id: row.campaign_id,
            campaign_unit: row.unit_id,
            wave_id: id,
            layer,
            platforms: &platforms,
            rule: &row.audience.0,
            participate_version: &config.consent.participate_version,
            operate_version: &config.consent.operate_version,
            weekly_cap: (config.campaign.weekly_cap_default > 0).then_some(config.campaign.weekly_cap_default),
            now: tx.now,
            members: (row.cursor, end),
        },
        campaign_id: row.campaign_id,
        expires_at: closes_at,
        remind_at: row.remind_before_end_s.map(|s| closes_at - TimeDelta::seconds(s.into())),
    };
    fanout::assign(tx, &chunk)?;
    fault::check("fanout.chunk.assigned")?;
    wave::end_chunk(tx, id, end)?;
    fault::check("fanout.cursor.moved")?;
    if end.is_none() {
        tx.record(NewEntry::new(EventKind::WaveFilled).unit(row.unit_id).campaign(row.campaign_id).wave(id));
        return Ok(Filled::Last);
    }
    // Another worker may go on at once if this one dies here.
    wave::free_lease(tx, id)?;
    Ok(Filled::More)
}

/// Holds waves that wait for a post which did not come within the configured time.
///
/// # Errors
/// [`ServiceError`] when the waves can't be read; a wave's own failure is counted.
pub async fn hold_waiting_in_vain(app: &App) -> Result<Progress, ServiceError> {
    let before = app.clock.now() - TimeDelta::hours(app.config.campaign.cascade_wait_h.into());
    let ids = app.db.read(move |conn| wave::list_waiting_in_vain(conn, before, WAVES_A_SWEEP)).await?;
    let mut progress = Progress::default();
    for id in ids {
        let result = app
            .db
            .write(Actor::System, move |tx| {
                tx.without_entry("the wave no longer waits");
                let row = wave::get(tx.conn, id)?;
                Ok::<_, ServiceError>(row.opens_at.is_none() && hold(tx, &row, "wave.no_post_came", json!({}))?)
            })
            .await;
        tally(&mut progress, "hold a waiting wave", result, |held| u64::from(*held));
    }
    Ok(progress)
}
