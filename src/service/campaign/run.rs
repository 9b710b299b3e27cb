//! Stopping a campaign for a time, letting it go on, and ending it early.

use serde_json::json;

use super::{CampaignView, checked_reason, reach};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::breaker::{Tally, Tripped};
use crate::domain::campaign::Step;
use crate::domain::event::EventKind;
use crate::domain::id::CampaignId;
use crate::domain::role::Act;
use crate::service::{Caller, ServiceError};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{campaign, fanout, outbox, plan};

/// Stops a campaign: no wave opens, and its unsent mail stays back.
///
/// # Errors
/// `Refused` when it is neither released nor running; `Invalid` for an empty reason; `NotFound`, `Forbidden`.
pub async fn pause(app: &App, caller: &Caller, id: CampaignId, reason: &str) -> Result<CampaignView, ServiceError> {
    let reason = checked_reason("reason", reason)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            row.state = row.state.after(Step::Pause)?;
            row.paused_at = Some(At(tx.now));
            campaign::save(tx, &mut row)?;
            campaign::set_pause_reason(tx, id, None)?;
            let mails = outbox::hold_campaign(tx, id, true)?;
            let entry = NewEntry::new(EventKind::CampaignPaused).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "mails_held": mails })).detail(json!({ "reason": reason })));
            Ok(row.into())
        })
        .await
}

/// Stops a campaign of which too many mails were refused: until a person has looked, nobody else is mailed about it. Says whether it
/// was stopped by this call; one that is not live stays as it is.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn pause_for_mail(app: &App, id: CampaignId, tally: Tally) -> Result<bool, ServiceError> {
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("the campaign is not live");
            let mut row = campaign::get(tx.conn, id)?;
            let Ok(paused) = row.state.after(Step::Pause) else { return Ok(false) };
            row.state = paused;
            row.paused_at = Some(At(tx.now));
            campaign::save(tx, &mut row)?;
            let why = Tripped::from(tally);
            campaign::set_pause_reason(tx, id, Some(why))?;
            let mails = outbox::hold_campaign(tx, id, true)?;
            let entry = NewEntry::new(EventKind::CampaignPaused).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "mails_held": mails, "refused": why.refused, "of": why.of })));
            Ok(true)
        })
        .await
}

/// Lets a paused campaign go on from where it stood: nothing starts again from the top.
///
/// # Errors
/// `Refused` when it is not paused; `NotFound`, `Forbidden`.
pub async fn resume(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignView, ServiceError> {
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            let opened = row.started_at.is_some() || plan::list_waves(tx.conn, id)?.iter().any(|w| w.opened_at.is_some());
            row.state = row.state.after(Step::Resume { opened })?;
            row.paused_at = None;
            campaign::save(tx, &mut row)?;
            campaign::set_pause_reason(tx, id, None)?;
            let mails = outbox::hold_campaign(tx, id, false)?;
            let entry = NewEntry::new(EventKind::CampaignResumed).unit(row.unit_id).campaign(id);
            tx.record(entry.payload(json!({ "mails_let_go": mails })));
            Ok(row.into())
        })
        .await
}

/// Ends a campaign: its waves, its open assignments and its unsent mail. Mail that is being sent finishes.
///
/// # Errors
/// `Refused` when it is over; `Invalid` for an empty reason; `NotFound`, `Forbidden`.
pub async fn cancel(app: &App, caller: &Caller, id: CampaignId, reason: &str) -> Result<CampaignView, ServiceError> {
    let reason = checked_reason("reason", reason)?;
    let caller = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reach(tx.conn, &caller, Act::RunCampaigns, id)?;
            row.state = row.state.after(Step::Cancel)?;
            row.paused_at = None;
            row.ended_at = Some(At(tx.now));
            campaign::save(tx, &mut row)?;
            let waves = plan::cancel_waves(tx, id)?;
            let assignments = fanout::withdraw_campaign(tx, id)?;
            let mails = outbox::cancel_campaign(tx, id)?;
            let entry = NewEntry::new(EventKind::CampaignCancelled).unit(row.unit_id).campaign(id);
            let payload = json!({ "waves": waves, "assignments": assignments, "mails": mails });
            tx.record(entry.payload(payload).detail(json!({ "reason": reason })));
            Ok(row.into())
        })
        .await
}
