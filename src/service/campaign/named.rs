//! Names behind the ids of a campaign: the accounts that its audience leaves out, and who changed it last.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::reach;
use crate::app::App;
use crate::domain::handle::Handle;
use crate::domain::id::{AccountId, CampaignId};
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::service::{Caller, ServiceError};
use crate::store::log::{self, LogQuery};
use crate::store::reference;
use crate::store::subject::{self, Holder};
use crate::store::user;

/// An account as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName {
    /// The account.
    pub id: AccountId,
    /// Where it lives.
    pub platform: Platform,
    /// Its handle.
    pub handle: String,
}

/// The accounts with these ids in the campaign's subtree, by handle; others are left out.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn account_names(
    app: &App,
    caller: &Caller,
    id: CampaignId,
    ids: &[AccountId],
) -> Result<Vec<AccountName>, ServiceError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (caller, ids) = (caller.clone(), ids.to_vec());
    let read = app.db.read(move |conn| {
        let row = reach(conn, &caller, Act::ViewCampaigns, id)?;
        Ok::<_, ServiceError>(reference::accounts_by_id(conn, row.unit_id, &ids)?)
    });
    Ok(read.await?.into_iter().map(|a| AccountName { id: a.id, platform: a.platform, handle: a.handle }).collect())
}

/// The accounts behind handles as people type them, on whichever platform, in the campaign's subtree; and the handles that are none.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn accounts_named(
    app: &App,
    caller: &Caller,
    id: CampaignId,
    handles: &[String],
) -> Result<(Vec<AccountId>, Vec<String>), ServiceError> {
    if handles.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let readings: Vec<(String, HashSet<String>)> = handles.iter().map(|typed| (typed.clone(), readings(typed))).collect();
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let row = reach(conn, &caller, Act::RunCampaigns, id)?;
        let all: Vec<String> = readings.iter().flat_map(|(_, readings)| readings.iter().cloned()).collect();
        Ok::<_, ServiceError>((reference::accounts_by_handle(conn, row.unit_id, &all)?, readings))
    });
    let (found, readings) = read.await?;
    let known = |readings: &HashSet<String>| found.iter().any(|account| readings.contains(&account.handle_norm));
    let unknown = readings.iter().filter(|(_, readings)| !known(readings)).map(|(typed, _)| typed.clone()).collect();
    Ok((found.into_iter().map(|account| account.id).collect(), unknown))
}

/// What a handle may be in its compared form, platform by platform.
fn readings(typed: &str) -> HashSet<String> {
    let read = Platform::ALL.iter().filter_map(|platform| Handle::parse(typed, *platform).ok());
    read.map(|handle| handle.normalised().to_owned()).collect()
}

/// Who changed a campaign last, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastEdit {
    /// The console user's name; none where it was the service or the operator, or the name was erased.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The last change of a campaign that the log holds.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn last_edit(app: &App, caller: &Caller, id: CampaignId) -> Result<Option<LastEdit>, ServiceError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        reach(conn, &caller, Act::ViewCampaigns, id)?;
        let wanted = LogQuery { campaign_id: Some(id), ..LogQuery::default() };
        let Some(entry) = log::list(conn, &wanted, 1)?.into_iter().next() else { return Ok(None) };
        let by = match subject::find(conn, &entry.actor_ref)? {
            Some(Holder::User(id)) => user::find(conn, id)?.map(|row| row.name),
            Some(Holder::Member(_)) | None => None,
        };
        Ok(Some(LastEdit { by, at: entry.at.0 }))
    });
    read.await
}
