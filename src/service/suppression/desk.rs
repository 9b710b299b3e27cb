//! The list of suppressed addresses, and lifting one that only bounced.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::event::EventKind;
use crate::domain::id::{CampaignId, SuppressionId};
use crate::domain::role::Act;
use crate::domain::suppression::{SuppressionReason, SuppressionScope};
use crate::service::page::{Page, PageRequest};
use crate::service::{Caller, ServiceError};
use crate::store::campaign::CampaignFilter;
use crate::store::suppression::{self, SuppressionRow};
use crate::store::tx::NewEntry;
use crate::store::{Conn, campaign, mail_report, member};

crate::refusals! {
    /// Why a suppression stays.
    pub enum SuppressionRefusal {
        /// It was not a bounce.
        Theirs = "suppression.theirs": "The person asked for this; only an address that bounced can be lifted",
    }
}

/// Campaigns to choose from, at most.
const CAMPAIGNS: i64 = 100;

/// A suppressed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The entry's id.
    pub id: SuppressionId,
    /// The address.
    pub email: String,
    /// What it no longer gets.
    pub scope: SuppressionScope,
    /// The campaign's id and title, where it is one campaign's.
    pub campaign: Option<(CampaignId, String)>,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// The rows with their campaigns' titles.
fn named(conn: &mut Conn, rows: Vec<SuppressionRow>) -> Result<Vec<Suppressed>, ServiceError> {
    let ids: Vec<CampaignId> = rows.iter().filter_map(|row| row.campaign_id).collect();
    let titles: HashMap<CampaignId, String> =
        campaign::contents(conn, &ids)?.into_iter().map(|(id, content)| (id, content.title)).collect();
    let shown = rows.into_iter().map(|row| Suppressed {
        id: row.id,
        email: row.email_norm,
        scope: row.scope,
        campaign: row.campaign_id.map(|id| (id, titles.get(&id).cloned().unwrap_or_default())),
        reason: row.reason,
        since: row.created_at.0,
    });
    Ok(shown.collect())
}

/// The campaigns that an address can be suppressed for: the newest that the caller sees and that may still send.
///
/// # Errors
/// The database's failure.
pub async fn campaigns(app: &App, caller: &Caller) -> Result<Vec<(CampaignId, String)>, ServiceError> {
    let Ok(roots) = caller.reach(Act::ViewCampaigns) else { return Ok(Vec::new()) };
    app.db
        .read(move |conn| {
            let rows = campaign::list(conn, &CampaignFilter { roots, ..CampaignFilter::default() }, CAMPAIGNS)?;
            let may_send =
                rows.into_iter().filter(|row| !matches!(row.state, CampaignState::Cancelled | CampaignState::Finished));
            Ok(may_send.map(|row| (row.id, row.title)).collect())
        })
        .await
}

impl Suppressed {
    /// Whether somebody may lift it: the receiver's mailbox was missing, nobody asked for silence.
    #[must_use]
    pub fn is_liftable(&self) -> bool {
        self.reason == SuppressionReason::Bounced
    }
}

/// Suppressed addresses of the members whom the caller keeps, and of nobody's for who keeps them all; the newest first. With a text,
/// those that begin so.
///
/// # Errors
/// `Forbidden` for who keeps no members; `Invalid` for a cursor that no page gave.
pub async fn list(app: &App, caller: &Caller, text: &str, request: PageRequest) -> Result<Page<Suppressed>, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ManageMembers)?;
    let (prefix, after) = (text.trim().to_lowercase(), request.after_id()?);
    app.db
        .read(move |conn| {
            let roots = if keeps_all(conn, &who)? { None } else { who.reach(Act::ManageMembers)? };
            let rows = suppression::list(conn, roots.as_deref(), &prefix, after, request.rows())?;
            let page = Page::of(rows, &request, |row| row.id.to_string());
            Ok(Page { items: named(conn, page.items)?, next: page.next })
        })
        .await
}

/// Whether the caller keeps the members of the whole institution.
fn keeps_all(conn: &mut Conn, caller: &Caller) -> Result<bool, ServiceError> {
    match caller.check_whole(conn, Act::ManageMembers) {
        Ok(()) => Ok(true),
        Err(ServiceError::Forbidden) => Ok(false),
        Err(error) => Err(error),
    }
}

fn reached(conn: &mut Conn, caller: &Caller, id: SuppressionId) -> Result<SuppressionRow, ServiceError> {
    let row = suppression::find(conn, id)?.ok_or(ServiceError::NotFound("it"))?;
    match member::find_by_email(conn, &row.email_norm)? {
        Some(person) => caller.check(conn, Act::ManageMembers, person.unit_id)?,
        None if keeps_all(conn, caller)? => {}
        None => return Err(ServiceError::NotFound("it")),
    }
    Ok(row)
}

/// One suppressed address.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn show(app: &App, caller: &Caller, id: SuppressionId) -> Result<Suppressed, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ManageMembers)?;
    app.db
        .read(move |conn| {
            let row = reached(conn, &who, id)?;
            named(conn, vec![row])?.pop().ok_or(ServiceError::NotFound("it"))
        })
        .await
}

/// Sends to an address again that only bounced, because its mailbox is there now. The log records it.
///
/// # Errors
/// `Refused` with `suppression.theirs` where its owner asked for silence; `NotFound` outside the caller's reach.
pub async fn lift(app: &App, caller: &Caller, id: SuppressionId) -> Result<(), ServiceError> {
    let who = caller.clone();
    who.reach(Act::ManageMembers)?;
    app.db
        .write(caller.actor(), move |tx| {
            let row = reached(tx.conn, &who, id)?;
            if row.reason != SuppressionReason::Bounced {
                return Err(SuppressionRefusal::Theirs.into());
            }
            suppression::remove(tx, id)?;
            mail_report::clear_soft_bounces(tx, &row.email_norm)?;
            let mut entry = NewEntry::new(EventKind::AddressLifted).detail(json!({ "email": row.email_norm }));
            if let Some(person) = member::find_by_email(tx.conn, &row.email_norm)? {
                entry = entry.unit(person.unit_id).subject(person.subject_ref);
            }
            entry.campaign_id = row.campaign_id;
            tx.record(entry.payload(json!({ "scope": row.scope, "reason": row.reason })));
            Ok(())
        })
        .await
}
