//! The end of things: reminders before a deadline, the deadline, the wave, the campaign.

use super::{Progress, WAVES_A_SWEEP, raced, tally};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::service::ServiceError;
use crate::store::tx::NewEntry;
use crate::store::{due, outbox, wave};

/// Assignments in one transaction.
const CHUNK: u32 = 2_000;
/// Chunks a run; the next beat goes on.
const CHUNKS_A_SWEEP: u32 = 50;

/// Puts due reminders into the outbox, campaign by campaign.
///
/// # Errors
/// [`ServiceError`] when the campaigns can't be read; one's own failure is counted.
pub async fn plan_reminders(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let ids = app.db.read(move |conn| due::list_to_remind(conn, now)).await?;
    let mut progress = Progress::default();
    let mut chunks = 0..CHUNKS_A_SWEEP;
    for id in ids {
        while !app.is_stopping() && chunks.next().is_some() {
            let result = app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(due::remind(tx, id, CHUNK)?)).await;
            let more = matches!(result, Ok(n) if n == CHUNK as usize);
            tally(&mut progress, "remind", result, |n| *n as u64);
            if !more {
                break;
            }
        }
    }
    Ok(progress)
}

/// Expires what is still open in waves whose window is over, cancels their unsent mail, and closes them.
///
/// # Errors
/// [`ServiceError`] when the waves can't be read; a wave's own failure is counted.
pub async fn close_due_waves(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let ids = app.db.read(move |conn| wave::list_closing(conn, now, WAVES_A_SWEEP)).await?;
    let mut progress = Progress::default();
    for id in ids {
        while !app.is_stopping() {
            let result = app
                .db
                .write(Actor::System, move |tx| {
                    tx.without_entry("the wave is closed already");
                    let row = wave::get(tx.conn, id)?;
                    let expired = due::expire(tx, id, row.campaign_id, CHUNK)?;
                    if expired < CHUNK as usize && raced(wave::close(tx, id))?.is_some() {
                        outbox::cancel_for_wave(tx, id)?;
                        tx.record(NewEntry::new(EventKind::WaveClosed).unit(row.unit_id).campaign(row.campaign_id).wave(id));
                    }
                    Ok::<_, ServiceError>(expired)
                })
                .await;
            let more = matches!(result, Ok(n) if n == CHUNK as usize);
            tally(&mut progress, "close a wave", result, |expired| *expired as u64 + 1);
            if !more {
                break;
            }
        }
    }
    Ok(progress)
}

/// Finishes campaigns in which nothing is left to happen. Finished is derived from the rows, never from a process's memory.
///
/// # Errors
/// [`ServiceError`] when the campaigns can't be read; one's own failure is counted.
pub async fn finish_campaigns(app: &App) -> Result<Progress, ServiceError> {
    let ids = app.db.read(|conn| wave::list_finished(conn, WAVES_A_SWEEP)).await?;
    let mut progress = Progress::default();
    for (id, unit_id) in ids {
        let result = app
            .db
            .write(Actor::System, move |tx| {
                wave::finish_campaign(tx, id)?;
                tx.record(NewEntry::new(EventKind::CampaignFinished).unit(unit_id).campaign(id));
                Ok::<_, ServiceError>(())
            })
            .await;
        tally(&mut progress, "finish a campaign", result, |()| 1);
    }
    Ok(progress)
}
