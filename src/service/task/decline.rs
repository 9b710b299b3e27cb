//! *Decline*: free, without a reason, and shown by name to nobody.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::link::{self, TaskLink, entry};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::assignment::{AssignmentRefusal, AssignmentState, check_open};
use crate::domain::event::EventKind;
use crate::service::ServiceError;
use crate::store::assignment::{self, Counter};
use crate::store::{Manner, completion, outbox};

/// A refusal on file. Pressing again gives the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Declined {
    /// When *Decline* was pressed.
    pub declined_at: DateTime<Utc>,
}

/// Records that the member declines. A completion that waited for its confirmation falls away.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `assignment.*`; or the database's failure.
pub async fn decline(app: &App, token: &str, nonce: &str) -> Result<Declined, ServiceError> {
    let link = TaskLink::open(app, token)?;
    link::form_made_at(app, link.id.uuid(), nonce)?;
    app.db
        .write_in(Manner::by_index(), Actor::System, move |tx| {
            let sheet = link.enter(tx)?;
            match (check_open(sheet.state, sheet.expires_at.0, tx.now), sheet.settled_at) {
                (Ok(()), _) => {}
                (Err(AssignmentRefusal::AlreadyDeclined), Some(at)) => {
                    tx.without_entry("it is declined already");
                    return Ok(Declined { declined_at: at.0 });
                }
                (Err(refusal), _) => return Err(refusal.into()),
            }
            if let Some(waiting) = completion::find_current(tx.conn, sheet.id)? {
                completion::undo(tx, waiting.id)?;
            }
            let now = tx.now;
            assignment::note_opened(tx, sheet.id)?;
            assignment::move_to(tx, sheet.id, sheet.state, AssignmentState::Declined, Some(now))?;
            outbox::cancel_for_assignment(tx, sheet.id)?;
            tx.record(entry(EventKind::AssignmentDeclined, &sheet));
            assignment::count(tx, sheet.wave_id, sheet.unit_id, Counter::Declined, 1)?;
            Ok(Declined { declined_at: now })
        })
        .await
}
