//! After a restore: what may have been sent or opened since the restored rows were written is marked, and dispatch stands still until a
//! person lets it go on. Nothing is sent twice in silence; what is lost is named.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::error::ServiceError;
use super::schedule;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::campaign::Step;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, HoldId, Id};
pub use crate::store::dispatch_hold::HoldRow;
use crate::store::dispatch_hold::{self, Marked};
use crate::store::heartbeat::COPIED;
use crate::store::restored;
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{campaign, heartbeat, outbox, wave};

/// Rows of one transaction.
const CHUNK: i64 = 2_000;
/// Occurrences that one schedule's chunk holds are bounded by the schedule's own sweep.
const MOST_ROUNDS: usize = 100_000;
/// What a doubted mail says.
const WHY: &str = "the database was restored, and the mail may have left after the copy was made";
/// The reason on waves that may have opened.
pub const WAVE_RESTORED: &str = "wave.restored";
/// The reason on occurrences that may have happened.
pub const OCCURRENCE_RESTORED: &str = "schedule.restored";

crate::refusals! {
    /// Why dispatch can't be let go on.
    pub enum HoldRefusal {
        /// Nothing holds it.
        NotHeld = "dispatch.not_held": "Dispatch is not held",
        /// Not everything is marked yet.
        NotSettled = "dispatch.not_settled": "Not everything that may have been sent is marked yet: run the restore again",
    }
}

/// Whether nothing may be sent.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn is_held(app: &App) -> Result<bool, ServiceError> {
    Ok(current(app).await?.is_some())
}

/// The hold in force.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn current(app: &App) -> Result<Option<HoldRow>, ServiceError> {
    app.db.read(|conn| Ok(dispatch_hold::current(conn)?)).await
}

/// When this database was copied, where it is a copy that was never settled.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn copied_at(app: &App) -> Result<Option<DateTime<Utc>>, ServiceError> {
    app.db.read(|conn| Ok(heartbeat::find(conn, COPIED)?)).await
}

/// Holds dispatch and marks everything in doubt; taken up where it was left when it was interrupted. No scheduler may run meanwhile.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn hold(app: &App) -> Result<HoldRow, ServiceError> {
    let hold = match current(app).await? {
        Some(hold) => hold,
        None => app.db.write(Actor::Operator, begin).await?,
    };
    if hold.settled_at.is_none() {
        mark(app, hold.id).await?;
    }
    current(app).await?.ok_or_else(|| ServiceError::Internal("the hold is gone".into()))
}

fn begin(tx: &mut crate::store::Tx<'_>) -> Result<HoldRow, ServiceError> {
    let copied = heartbeat::find(tx.conn, COPIED)?;
    let rows_from = match copied {
        Some(at) => Some(at),
        None => restored::rows_from(tx.conn)?,
    };
    let hold = dispatch_hold::begin(tx, rows_from)?;
    tx.record(NewEntry::new(EventKind::DispatchHeld).payload(json!({ "hold": hold.id, "rows_from": rows_from })));
    Ok(hold)
}

async fn mark(app: &App, id: HoldId) -> Result<(), ServiceError> {
    doubt_mails(app, id).await?;
    hold_waves(app, id).await?;
    pause_opening(app, id).await?;
    hold_schedules(app, id).await?;
    drop_reminders(app, id).await?;
    app.db
        .write(Actor::Operator, move |tx| {
            // The report of the latest day on Earth may have been sent to somebody.
            restored::take_reports(tx, (tx.now + chrono::TimeDelta::hours(14)).date_naive())?;
            dispatch_hold::settle(tx, id)?;
            heartbeat::remove(tx, COPIED)?;
            let found = dispatch_hold::current(tx.conn)?;
            let marked = found.map(|hold| {
                json!({ "hold": id, "mails_unknown": hold.mails_unknown, "waves_held": hold.waves_held,
                    "campaigns_paused": hold.campaigns_paused, "occurrences_held": hold.occurrences_held,
                    "reminders_dropped": hold.reminders_dropped })
            });
            tx.record(NewEntry::new(EventKind::DispatchMarked).payload(marked.unwrap_or_default()));
            Ok(())
        })
        .await
}

const fn first<T>() -> Id<T> {
    Id::from_uuid(Uuid::nil())
}

fn n(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

async fn doubt_mails(app: &App, hold: HoldId) -> Result<(), ServiceError> {
    let mut after = first();
    loop {
        let last = app
            .db
            .write(Actor::Operator, move |tx| {
                let ids = restored::mails_in_doubt(tx.conn, tx.now, after, CHUNK)?;
                let Some(last) = ids.last().copied() else {
                    tx.without_entry("nothing is left to mark");
                    return Ok::<_, ServiceError>(None);
                };
                let moved = restored::doubt_mails(tx, &ids, WHY)?;
                dispatch_hold::add(tx, hold, Marked { mails_unknown: n(moved), ..Marked::default() })?;
                let payload = json!({ "count": moved, "first_id": ids.first(), "last_id": last, "hold": hold });
                tx.record(NewEntry::new(EventKind::MailsDoubted).payload(payload));
                Ok(Some(last))
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

async fn hold_waves(app: &App, hold: HoldId) -> Result<(), ServiceError> {
    let mut after = first();
    loop {
        let last = app
            .db
            .write(Actor::Operator, move |tx| {
                let waves = restored::waves_in_doubt(tx.conn, tx.now, after, CHUNK)?;
                for found in &waves {
                    wave::hold(tx, found.id, WAVE_RESTORED)?;
                    let mut entry = NewEntry::new(EventKind::WaveHeld).campaign(found.campaign_id).wave(found.id);
                    entry.unit_id = found.unit_id;
                    tx.record(entry.payload(json!({ "reason": WAVE_RESTORED, "hold": hold })));
                }
                tx.without_entry("no wave is in doubt");
                dispatch_hold::add(tx, hold, Marked { waves_held: n(waves.len()), ..Marked::default() })?;
                Ok::<_, ServiceError>(waves.last().map(|wave| wave.id))
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// A wave that was being opened stands still with its campaign: whom it asked since is not known, so a person decides about the rest.
async fn pause_opening(app: &App, hold: HoldId) -> Result<(), ServiceError> {
    let opening: Vec<CampaignId> = app.db.read(|conn| Ok::<_, ServiceError>(restored::campaigns_opening(conn)?)).await?;
    for id in opening {
        app.db
            .write(Actor::Operator, move |tx| {
                let mut row = campaign::get(tx.conn, id)?;
                row.state = row.state.after(Step::Pause)?;
                row.paused_at = Some(At(tx.now));
                campaign::save(tx, &mut row)?;
                campaign::set_pause_reason(tx, id, None)?;
                let mails = outbox::hold_campaign(tx, id, true)?;
                dispatch_hold::add(tx, hold, Marked { campaigns_paused: 1, ..Marked::default() })?;
                let entry = NewEntry::new(EventKind::CampaignPaused).unit(row.unit_id).campaign(id);
                tx.record(entry.payload(json!({ "mails_held": mails, "hold": hold })));
                Ok::<_, ServiceError>(())
            })
            .await?;
    }
    Ok(())
}

async fn hold_schedules(app: &App, hold: HoldId) -> Result<(), ServiceError> {
    for _ in 0..MOST_ROUNDS {
        let held = schedule::hold_due(app, OCCURRENCE_RESTORED).await?;
        if held == 0 {
            return Ok(());
        }
        app.db
            .write(Actor::Operator, move |tx| {
                tx.without_entry("each schedule's entry is there");
                Ok::<_, ServiceError>(dispatch_hold::add(tx, hold, Marked { occurrences_held: n(held), ..Marked::default() })?)
            })
            .await?;
    }
    Err(ServiceError::Internal("schedules fall due faster than they are held".into()))
}

async fn drop_reminders(app: &App, hold: HoldId) -> Result<(), ServiceError> {
    let mut after = first();
    loop {
        let last = app
            .db
            .write(Actor::Operator, move |tx| {
                tx.without_entry("a reminder that is not sent changes nobody's state; the hold counts them");
                let ids = restored::reminders_in_doubt(tx.conn, tx.now, after, CHUNK)?;
                let Some(last) = ids.last().copied() else { return Ok::<_, ServiceError>(None) };
                let dropped = restored::drop_reminders(tx, &ids)?;
                dispatch_hold::add(tx, hold, Marked { reminders_dropped: n(dropped), ..Marked::default() })?;
                Ok(Some(last))
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Lets dispatch go on: a person has decided so.
///
/// # Errors
/// [`HoldRefusal`] where nothing is held, or not everything is marked.
pub async fn release(app: &App, actor: Actor) -> Result<HoldRow, ServiceError> {
    app.db
        .write(actor, |tx| {
            let hold = dispatch_hold::current(tx.conn)?.ok_or(HoldRefusal::NotHeld)?;
            if hold.settled_at.is_none() {
                return Err(HoldRefusal::NotSettled.into());
            }
            dispatch_hold::end(tx, hold.id)?;
            tx.record(NewEntry::new(EventKind::DispatchReleased).payload(json!({ "hold": hold.id })));
            Ok(hold)
        })
        .await
}
