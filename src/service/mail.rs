//! A campaign's mails as leads see them, and what a person decides about those that failed or whose fate is unknown.
//!
//! No mail is shown with its recipient: that one was suppressed would tell who paused.

mod bulk;
mod delivery;
mod figures;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::error::ServiceError;
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::domain::id::{CampaignId, MailId, WaveId};
use crate::domain::mail_reason::{self, MailReason};
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::role::Act;
use crate::store::mail_list::{self, MailLine};
use crate::store::{StoreError, Tx, campaign, outbox};

pub use bulk::{Reasons, Those, accept_all, count_those, retry_all};
pub use delivery::{Delivery, DomainMail, KindMail, Rest, Returned, WaveMail, delivery};
pub use figures::count;

crate::refusals! {
    /// Why nothing can be decided about a mail.
    pub enum MailRefusal {
        /// Only what came to a bad end is sent again.
        NotRetryable = "mail.not_retryable": "Only a mail that failed, or whose fate is unknown, can be sent again",
        /// Only what is in doubt is accepted.
        NotUnknown = "mail.not_unknown": "Only a mail whose fate is unknown can be accepted as sent",
    }
}

/// A mail of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailView {
    /// The mail.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// Its wave.
    pub wave_id: Option<WaveId>,
    /// Where it stands.
    pub state: MailState,
    /// Whether it stays back because its campaign is paused.
    pub held: bool,
    /// Attempts so far.
    pub attempt: i32,
    /// When it is tried next; none once it came to its end.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed, in the server's words but without addresses.
    pub last_error: Option<String>,
    /// The same in one of a few words.
    pub reason: Option<MailReason>,
    /// When it came to its end.
    pub settled_at: Option<DateTime<Utc>>,
    /// When it was put in.
    pub created_at: DateTime<Utc>,
}

impl From<MailLine> for MailView {
    fn from(row: MailLine) -> Self {
        let failed = matches!(row.state, MailState::Failed | MailState::Unknown | MailState::Deferred);
        Self {
            id: row.id,
            kind: row.kind,
            wave_id: row.wave_id,
            state: row.state,
            held: row.held,
            attempt: row.attempt,
            next_attempt_at: row.state.is_open().then_some(row.next_attempt_at.0),
            reason: failed.then(|| mail_reason::of(row.state, row.last_error.as_deref())),
            last_error: row.last_error.filter(|_| failed).map(|words| mail_reason::without_addresses(&words)),
            settled_at: row.settled_at.map(|at| at.0),
            created_at: row.created_at.0,
        }
    }
}

/// A campaign's mails, of one state or of all, in the order in which they were put in.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach; [`ServiceError::Invalid`] for a cursor that no page gave.
pub async fn list(
    app: &App,
    caller: &Caller,
    campaign_id: CampaignId,
    state: Option<MailState>,
    page: PageRequest,
) -> Result<Page<MailView>, ServiceError> {
    let after: Option<MailId> = page.after_id()?;
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let unit_id = campaign::get(conn, campaign_id)?.unit_id;
        caller.check(conn, Act::ViewCampaigns, unit_id)?;
        let rows = mail_list::list(conn, campaign_id, state, after, page.rows())?;
        Ok(Page::of(rows, &page, |row| row.id.to_string()).map(MailView::from))
    });
    read.await
}

/// Whether the caller decides about this mail; one to a console user is for whoever reaches a root.
fn check(tx: &mut Tx<'_>, caller: &Caller, id: MailId) -> Result<(), ServiceError> {
    match mail_list::unit_of(tx.conn, id)? {
        Some(unit_id) => caller.check(tx.conn, Act::ResolveMail, unit_id),
        None => match caller.reach(Act::ResolveMail)? {
            None => Ok(()),
            Some(reach) if crate::store::log::root_units(tx.conn)?.iter().any(|root| reach.contains(root)) => Ok(()),
            Some(_) => Err(ServiceError::NotFound("the mail")),
        },
    }
}

/// Sends a mail again that failed, or whose fate is unknown: then it may arrive twice, and a person has decided so.
///
/// # Errors
/// [`MailRefusal::NotRetryable`]; [`ServiceError::NotFound`] outside the caller's reach.
pub async fn retry(app: &App, caller: &Caller, id: MailId) -> Result<(), ServiceError> {
    let caller = caller.clone();
    let written = app.db.write(caller.actor(), move |tx| {
        check(tx, &caller, id)?;
        outbox::retry(tx, id).map_err(|error| settled(error, MailRefusal::NotRetryable))
    });
    written.await
}

/// Accepts a mail whose fate is unknown as sent.
///
/// # Errors
/// [`MailRefusal::NotUnknown`]; [`ServiceError::NotFound`] outside the caller's reach.
pub async fn accept(app: &App, caller: &Caller, id: MailId) -> Result<(), ServiceError> {
    let caller = caller.clone();
    let written = app.db.write(caller.actor(), move |tx| {
        check(tx, &caller, id)?;
        outbox::accept_unknown(tx, id).map_err(|error| settled(error, MailRefusal::NotUnknown))
    });
    written.await
}

fn settled(error: StoreError, refusal: MailRefusal) -> ServiceError {
    if matches!(error, StoreError::Stale) { refusal.into() } else { error.into() }
}
