//! What a person decides about many mails of a campaign at once: in chunks, each one transaction with its entry in the log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::MailRefusal;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, MailId};
use crate::domain::mail_reason::{self, MailReason};
use crate::domain::outbox::MailState;
use crate::domain::role::Act;
use crate::service::{Caller, ServiceError};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError, Tx, campaign, outbox};

/// Mails looked at in one transaction.
const CHUNK: i64 = 500;
/// Mails whose reasons a page counts at most.
const COUNTED: usize = 20_000;

/// Which mails of a campaign are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Those {
    /// Those in this state: `failed` or `unknown`.
    pub state: MailState,
    /// Only those for this reason.
    #[serde(default)]
    pub reason: Option<MailReason>,
}

/// How many mails have which reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// By reason.
    pub counts: BTreeMap<MailReason, i64>,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl Reasons {
    /// All that were counted.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.counts.values().sum()
    }
    /// Those for a reason, or all.
    #[must_use]
    pub fn of(&self, reason: Option<MailReason>) -> i64 {
        reason.map_or_else(|| self.all(), |reason| self.counts.get(&reason).copied().unwrap_or_default())
    }
}

/// Counts the reasons of a campaign's mails in a state.
pub(super) fn reasons(conn: &mut Conn, id: CampaignId, state: MailState) -> Result<Reasons, StoreError> {
    let (mut found, mut seen, mut after) = (Reasons::default(), 0, None);
    loop {
        let page = outbox::page_of_state(conn, id, state, after, CHUNK)?;
        for (_, why) in &page {
            *found.counts.entry(mail_reason::of(state, why.as_deref())).or_default() += 1;
        }
        seen += page.len();
        after = page.last().map(|(id, _)| *id);
        let is_last = i64::try_from(page.len()).unwrap_or(i64::MAX) < CHUNK;
        if is_last || seen >= COUNTED {
            found.more = !is_last;
            return Ok(found);
        }
    }
}

/// How many mails a decision would be about.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach.
pub async fn count_those(app: &App, caller: &Caller, id: CampaignId, those: Those) -> Result<Reasons, ServiceError> {
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            let unit_id = campaign::get(conn, id)?.unit_id;
            caller.check(conn, Act::ResolveMail, unit_id)?;
            let mut found = reasons(conn, id, those.state)?;
            found.counts.retain(|reason, _| those.reason.is_none_or(|wanted| wanted == *reason));
            Ok(found)
        })
        .await
}

/// Sends failed or unknown mails of a campaign again. Returns how many.
///
/// # Errors
/// [`MailRefusal::NotRetryable`] for another state; [`ServiceError::NotFound`] outside the caller's reach.
pub async fn retry_all(app: &App, caller: &Caller, id: CampaignId, those: Those) -> Result<u64, ServiceError> {
    if !matches!(those.state, MailState::Failed | MailState::Unknown) {
        return Err(MailRefusal::NotRetryable.into());
    }
    all(app, caller, id, those, (MailState::Pending, EventKind::MailsRetried)).await
}

/// Accepts unknown mails of a campaign as sent. Returns how many.
///
/// # Errors
/// [`MailRefusal::NotUnknown`] for another state; [`ServiceError::NotFound`] outside the caller's reach.
pub async fn accept_all(app: &App, caller: &Caller, id: CampaignId, those: Those) -> Result<u64, ServiceError> {
    if those.state != MailState::Unknown {
        return Err(MailRefusal::NotUnknown.into());
    }
    all(app, caller, id, those, (MailState::Sent, EventKind::MailsAccepted)).await
}

async fn all(
    app: &App,
    caller: &Caller,
    id: CampaignId,
    those: Those,
    becomes: (MailState, EventKind),
) -> Result<u64, ServiceError> {
    let (mut moved, mut after) = (0, None);
    loop {
        let who = caller.clone();
        let (n, last) = app.db.write(caller.actor(), move |tx| chunk(tx, &who, (id, those), becomes, after)).await?;
        moved += n;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(moved),
        }
    }
}

/// One chunk: how many were moved, and the last one looked at if others may follow.
fn chunk(
    tx: &mut Tx<'_>,
    caller: &Caller,
    (id, those): (CampaignId, Those),
    (to, event): (MailState, EventKind),
    after: Option<MailId>,
) -> Result<(u64, Option<MailId>), ServiceError> {
    let unit_id = campaign::get(tx.conn, id)?.unit_id;
    caller.check(tx.conn, Act::ResolveMail, unit_id)?;
    let page = outbox::page_of_state(tx.conn, id, those.state, after, CHUNK)?;
    let last = page.last().map(|(id, _)| *id).filter(|_| i64::try_from(page.len()).is_ok_and(|n| n == CHUNK));
    let meant = |why: &Option<String>| those.reason.is_none_or(|reason| mail_reason::of(those.state, why.as_deref()) == reason);
    let ids: Vec<MailId> = page.into_iter().filter(|(_, why)| meant(why)).map(|(id, _)| id).collect();
    let n = outbox::move_many(tx, id, &ids, (those.state, to))?;
    if n == 0 {
        tx.without_entry("none of these mails is meant");
        return Ok((0, last));
    }
    let payload = json!({
        "count": n, "first_id": ids.first(), "last_id": ids.last(), "was": those.state, "reason": those.reason,
    });
    tx.record(NewEntry::new(event).unit(unit_id).campaign(id).payload(payload));
    Ok((n as u64, last))
}
