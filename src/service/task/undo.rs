//! *Undo*: a member takes *Done* or *Decline* back, for a limited time and while nothing was built on it.

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;

use super::link::{self, TaskLink, entry};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::assignment::{AssignmentRefusal, AssignmentState, check_undo};
use crate::domain::campaign::CampaignState;
use crate::domain::event::EventKind;
use crate::domain::post::PostRefusal;
use crate::domain::wave::WaveState;
use crate::service::ServiceError;
use crate::service::post::removed_entry;
use crate::store::assignment::{self, Counter};
use crate::store::pace::{self, Step};
use crate::store::task_sheet::TaskSheet;
use crate::store::{Manner, Tx, completion, post};

/// What an assignment became when its answer was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// `notified` again; or `expired` or `withdrawn`, where the deadline or the campaign ended meanwhile.
    pub state: AssignmentState,
}

/// Takes *Done* or *Decline* back. A completion that waited for its confirmation falls away at any time.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `assignment.nothing_to_undo`, `assignment.undo_too_late`, `assignment.already_checked`,
/// `post.already_target`; or the database's failure.
pub async fn undo(app: &App, token: &str, nonce: &str) -> Result<Undone, ServiceError> {
    let link = TaskLink::open(app, token)?;
    link::form_made_at(app, link.id.uuid(), nonce)?;
    let window = TimeDelta::hours(app.config.campaign.undo_window_h.into());
    app.db
        .write_in(Manner::by_index(), Actor::System, move |tx| {
            let sheet = link.enter(tx)?;
            let current = completion::find_current(tx.conn, sheet.id)?;
            if let Some(waiting) = current.as_ref().filter(|row| row.suspected) {
                completion::undo(tx, waiting.id)?;
                tx.record(
                    entry(EventKind::AssignmentUndone, &sheet).payload(json!({ "was": "suspected", "state": sheet.state })),
                );
                return Ok(Undone { state: sheet.state });
            }
            check_undo(sheet.state, sheet.settled_at.map(|at| at.0), window, tx.now)?;
            let level = current.as_ref().map(|row| row.level);
            if let Some(row) = current {
                completion::undo(tx, row.id)?;
                take_off_register(tx, &sheet)?;
            }
            let state = landing(tx, &sheet);
            let settled_at = if state == AssignmentState::Notified { None } else { Some(tx.now) };
            assignment::move_to(tx, sheet.id, sheet.state, state, settled_at)?;
            tx.record(entry(EventKind::AssignmentUndone, &sheet).payload(json!({ "was": sheet.state, "state": state })));
            let counter = match sheet.state {
                AssignmentState::Done => Counter::Done,
                AssignmentState::Declined => Counter::Declined,
                _ => return Err(AssignmentRefusal::NothingToUndo.into()),
            };
            assignment::count(tx, sheet.wave_id, sheet.unit_id, counter, -1)?;
            if let Some(level) = level {
                pace::add(tx, sheet.wave_id, Step::Undone(level))?;
            }
            match state {
                AssignmentState::Expired => assignment::count(tx, sheet.wave_id, sheet.unit_id, Counter::Expired, 1)?,
                AssignmentState::Withdrawn => assignment::count(tx, sheet.wave_id, sheet.unit_id, Counter::Withdrawn, 1)?,
                _ => {}
            }
            Ok(Undone { state })
        })
        .await
}

/// Where the assignment lands: open again only while it still could be done. Nothing else would end it any more.
fn landing(tx: &Tx<'_>, sheet: &TaskSheet) -> AssignmentState {
    let ended = matches!(sheet.campaign_state, CampaignState::Cancelled | CampaignState::Corrected);
    if ended || sheet.wave_state == WaveState::Cancelled {
        AssignmentState::Withdrawn
    } else if tx.now >= sheet.expires_at.0 || sheet.wave_state.is_final() {
        AssignmentState::Expired
    } else {
        AssignmentState::Notified
    }
}

fn take_off_register(tx: &mut Tx<'_>, sheet: &TaskSheet) -> Result<(), ServiceError> {
    let Some(row) = post::find_of_assignment(tx.conn, sheet.wave_id, sheet.id)? else { return Ok(()) };
    if post::is_target(tx.conn, row.id)? {
        return Err(PostRefusal::AlreadyTarget.into());
    }
    post::remove(tx, row.id)?;
    tx.record(removed_entry(&row));
    Ok(())
}
