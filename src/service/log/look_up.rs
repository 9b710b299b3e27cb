//! What somebody means who names a campaign or a unit in the log's filter: an id, or a part of its name.

use crate::app::App;
use crate::domain::id::{CampaignId, Id, UnitId};
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::store::log::{self, Named};

/// Suggestions that are shown.
const SUGGESTIONS: i64 = 12;

/// What was found for some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant<I> {
    /// One thing, and its name.
    One(I, String),
    /// Several: choose.
    Several(Vec<(I, String)>),
    /// Nothing within reach.
    Nothing,
}

fn meant<T>(found: Vec<Named>, text: &str) -> Meant<Id<T>> {
    let found: Vec<(Id<T>, String)> = found.into_iter().map(|named| (Id::from_uuid(named.id.uuid()), named.name)).collect();
    let exact: Vec<usize> =
        (0..).zip(&found).filter(|(_, (_, name))| name.to_lowercase() == text.to_lowercase()).map(|(i, _)| i).collect();
    match (found.len(), exact.as_slice()) {
        (0, _) => Meant::Nothing,
        (1, _) | (_, [_]) => {
            let at = exact.first().copied().unwrap_or_default();
            found.into_iter().nth(at).map_or(Meant::Nothing, |(id, name)| Meant::One(id, name))
        }
        _ => Meant::Several(found),
    }
}

/// The campaign that is meant.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to read the log.
pub async fn campaign(app: &App, caller: &Caller, text: &str) -> Result<Meant<CampaignId>, ServiceError> {
    let (reach, text) = (caller.reach(Act::ViewLog)?, text.trim().to_owned());
    let id: Option<CampaignId> = text.parse().ok();
    let read = app.db.read(move |conn| {
        if let Some(id) = id {
            let name = log::campaign_titles(conn, &[id])?.pop().map(|(_, title)| title);
            // An id that is not there, or out of reach, gives no entries: it needs no name.
            return Ok(Meant::One(id, name.unwrap_or_else(|| id.to_string())));
        }
        Ok::<_, ServiceError>(meant(log::campaigns_named(conn, &text, reach.as_deref(), SUGGESTIONS)?, &text))
    });
    read.await
}

/// The unit that is meant.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to read the log.
pub async fn unit(app: &App, caller: &Caller, text: &str) -> Result<Meant<UnitId>, ServiceError> {
    let (reach, text) = (caller.reach(Act::ViewLog)?, text.trim().to_owned());
    let id: Option<UnitId> = text.parse().ok();
    let read = app.db.read(move |conn| {
        if let Some(id) = id {
            let name = log::unit_names(conn, &[id])?.pop().map(|(_, name)| name);
            return Ok(Meant::One(id, name.unwrap_or_else(|| id.to_string())));
        }
        Ok::<_, ServiceError>(meant(log::units_named(conn, &text, reach.as_deref(), SUGGESTIONS)?, &text))
    });
    read.await
}

/// The latest campaigns within reach, to choose from.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to read the log.
pub async fn latest_campaigns(app: &App, caller: &Caller) -> Result<Vec<(CampaignId, String)>, ServiceError> {
    let reach = caller.reach(Act::ViewLog)?;
    let found = app.db.read(move |conn| log::campaigns_named(conn, "", reach.as_deref(), 40)).await?;
    Ok(found.into_iter().map(|named| (CampaignId::from_uuid(named.id.uuid()), named.name)).collect())
}
