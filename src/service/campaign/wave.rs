//! A lead's word on single waves: leaving one out, and opening one that is held.

use serde_json::json;

use super::checked_reason;
use crate::app::App;
use crate::domain::campaign::{CampaignRefusal, CampaignState};
use crate::domain::event::EventKind;
use crate::domain::id::WaveId;
use crate::domain::refusal::Refusal as _;
use crate::domain::role::Act;
use crate::domain::target::TargetRefusal;
use crate::domain::wave::{WaveRefusal, WaveState};
use crate::service::dispatch::target::resolve;
use crate::service::{Caller, ServiceError};
use crate::store::campaign::CampaignRow;
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::wave::{self, WaveRow};
use crate::store::{Conn, StoreError, Tx, campaign, neutrality, plan, release};

/// The reason on waves whose source was left out.
pub const SOURCE_SKIPPED: &str = "wave.source_skipped";

/// Leaves a planned or held wave out. Waves that wait for it are held: a person decides about each.
///
/// # Errors
/// `Refused` when it is opening, open or over, or its campaign is; `Invalid` for an empty reason; `NotFound`, `Forbidden`.
pub async fn skip_wave(app: &App, caller: &Caller, id: WaveId, reason: &str) -> Result<(), ServiceError> {
    let reason = checked_reason("reason", reason)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let (row, wave) = reach_wave(tx.conn, &caller, id)?;
            if !(row.state.is_live() || row.state == CampaignState::Paused) {
                return Err(WaveRefusal::CampaignNotRunning.into());
            }
            if !matches!(wave.state, WaveState::Planned | WaveState::Held) {
                return Err(WaveRefusal::NotSkippable.into());
            }
            plan::skip_wave(tx, id)?;
            let waiting = plan::hold_waiting(tx, id, SOURCE_SKIPPED)?;
            let entry = NewEntry::new(EventKind::WaveSkipped).unit(row.unit_id).campaign(row.id).wave(id);
            tx.record(entry.payload(json!({ "was": wave.state, "held": waiting })).detail(json!({ "reason": reason })));
            for held in waiting {
                let entry = NewEntry::new(EventKind::WaveHeld).unit(row.unit_id).campaign(row.id).wave(held);
                tx.record(entry.payload(json!({ "reason": SOURCE_SKIPPED, "waited_for": id })));
            }
            Ok(())
        })
        .await
}

/// Makes a held wave due now; the next sweep opens it.
///
/// # Errors
/// `Refused` when it is not held, its campaign does not run, a target is missing, or now is within an election freeze without a
/// second approver's reason; `NotFound`, `Forbidden`.
pub async fn open_held_wave(app: &App, caller: &Caller, id: WaveId) -> Result<(), ServiceError> {
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let (row, wave) = reach_wave(tx.conn, &caller, id)?;
            if !row.state.is_live() {
                return Err(WaveRefusal::CampaignNotRunning.into());
            }
            if wave.state != WaveState::Held {
                return Err(WaveRefusal::NotHeld.into());
            }
            fix_targets(tx, &wave)?;
            check_freeze(tx, &row, &wave)?;
            let was_held_for = plan::plan_held_wave_now(tx, id)?;
            let entry = NewEntry::new(EventKind::WaveMadeDue).unit(row.unit_id).campaign(row.id).wave(id);
            tx.record(entry.payload(json!({ "was_held_for": was_held_for })));
            Ok(())
        })
        .await
}

fn reach_wave(conn: &mut Conn, caller: &Caller, id: WaveId) -> Result<(CampaignRow, WaveRow), ServiceError> {
    caller.reach(Act::RunCampaigns)?;
    let wave = wave::get(conn, id)?;
    caller.check(conn, Act::RunCampaigns, wave.unit_id)?;
    Ok((campaign::get(conn, wave.campaign_id)?, wave))
}

/// Points each task at a registered post, by the rule that the opening itself goes by.
fn fix_targets(tx: &mut Tx<'_>, wave: &WaveRow) -> Result<(), ServiceError> {
    let tasks = wave::tasks_of(tx.conn, wave.id)?;
    resolve(tx, wave, &tasks)?.map_err(|code| {
        let refusal = TargetRefusal::ALL.iter().find(|refusal| refusal.code() == code);
        refusal.map_or_else(|| WaveRefusal::NoTarget.into(), |refusal| (*refusal).into())
    })
}

fn check_freeze(tx: &mut Tx<'_>, row: &CampaignRow, wave: &WaveRow) -> Result<(), ServiceError> {
    if falls_into_freeze(tx, row, wave.open_s)? { Err(CampaignRefusal::ElectionFreeze.into()) } else { Ok(()) }
}

/// Whether a wave that opened now would be open in an election freeze for which no second approver gave a reason.
///
/// # Errors
/// The database's failure.
pub(in crate::service) fn falls_into_freeze(tx: &mut Tx<'_>, row: &CampaignRow, open_s: i32) -> Result<bool, StoreError> {
    let until = tx.now + chrono::TimeDelta::seconds(open_s.into());
    Ok(!neutrality::freezes_between(tx.conn, At(tx.now), At(until))?.is_empty()
        && release::find_freeze_reason(tx.conn, row.id, &row.content_hash)?.is_none())
}
