//! Neutrality: the accounts of candidates and parties that no task points at, and the election calendar.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::caller::Caller;
use super::error::ServiceError;
use super::form::Faults;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::handle::{Handle, HandleError};
use crate::domain::id::{BlockedTargetId, FreezeId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::platform::Platform;
use crate::domain::post_url::{PostUrl, platform_of};
use crate::domain::role::Act;
use crate::store::neutrality::{self, BlockedTargetRow, FreezeRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Unique};

/// The longest label, in characters.
pub(super) const LABEL_CHARACTERS: usize = 160;
/// The longest freeze.
const LONGEST_FREEZE: TimeDelta = TimeDelta::days(366);

/// An account that no task may point at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct BlockedTarget {
    /// The entry's id.
    pub id: BlockedTargetId,
    /// Where the account lives.
    pub platform: Platform,
    /// The handle as entered.
    pub handle: String,
    /// Whose it is.
    pub label: String,
    /// When it was put on the list.
    pub added_at: DateTime<Utc>,
}

impl From<BlockedTargetRow> for BlockedTarget {
    fn from(row: BlockedTargetRow) -> Self {
        Self { id: row.id, platform: row.platform, handle: row.handle, label: row.label, added_at: row.added_at.0 }
    }
}

/// A stretch of time in which nothing goes out without a second approver's reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Freeze {
    /// Its id.
    pub id: FreezeId,
    /// What it is for.
    pub label: String,
    /// Its first instant.
    pub starts_at: DateTime<Utc>,
    /// The instant at which it is over.
    pub ends_at: DateTime<Utc>,
}

impl From<FreezeRow> for Freeze {
    fn from(row: FreezeRow) -> Self {
        Self { id: row.id, label: row.label, starts_at: row.starts_at.0, ends_at: row.ends_at.0 }
    }
}

/// Puts an account on the list.
///
/// # Errors
/// `Forbidden` for all but admins of the whole institution; `Invalid` for faults or an account that is on the list.
pub async fn block(
    app: &App,
    caller: &Caller,
    platform: Platform,
    handle: String,
    label: String,
) -> Result<BlockedTarget, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            who.check_whole(tx.conn, Act::ManageNeutrality)?;
            let mut faults = Faults::default();
            let handle = faults.take("handle", Handle::parse(&handle, platform), HandleError::code);
            let label = faults.take("label", plain_text::line(&label, LABEL_CHARACTERS), TextError::code);
            let (handle, label) = faults.finish(handle.zip(label))?;
            let row = BlockedTargetRow {
                id: BlockedTargetId::new(),
                platform,
                handle: handle.as_str().to_owned(),
                handle_norm: handle.normalised().to_owned(),
                label,
                added_at: At(tx.now),
            };
            neutrality::insert_blocked(tx, &row).map_err(|error| match error {
                StoreError::Taken(Unique::BlockedTarget) => {
                    ServiceError::field("handle", "neutrality.blocked_already", "This account is on the list already")
                }
                other => other.into(),
            })?;
            record_target(tx, EventKind::TargetBlocked, &row);
            Ok(row.into())
        })
        .await
}

/// A candidate is a person, so what the log says of an entry is committed to, not written out.
pub(super) fn record_target(tx: &mut crate::store::Tx<'_>, kind: EventKind, row: &BlockedTargetRow) {
    let entry = NewEntry::new(kind).payload(json!({ "blocked_target_id": row.id, "platform": row.platform }));
    tx.record(entry.detail(json!({ "handle": row.handle, "label": row.label })));
}

/// Takes an account off the list.
///
/// # Errors
/// `Forbidden` for all but admins of the whole institution; `NotFound`.
pub async fn unblock(app: &App, caller: &Caller, id: BlockedTargetId) -> Result<(), ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            who.check_whole(tx.conn, Act::ManageNeutrality)?;
            let row = neutrality::get_blocked(tx.conn, id)?;
            neutrality::remove_blocked(tx, id)?;
            record_target(tx, EventKind::TargetUnblocked, &row);
            Ok(())
        })
        .await
}

/// Whether the caller keeps the list and the calendar.
///
/// # Errors
/// The database's failure.
pub async fn keeps(app: &App, caller: &Caller) -> Result<bool, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| match who.check_whole(conn, Act::ManageNeutrality) {
            Ok(()) => Ok(true),
            Err(ServiceError::Forbidden) => Ok(false),
            Err(error) => Err(error),
        })
        .await
}

/// The list, by platform and handle. Whoever sees campaigns sees it: it says what they must keep away from.
///
/// # Errors
/// `Forbidden` for who sees no campaigns.
pub async fn list_blocked(app: &App, caller: &Caller) -> Result<Vec<BlockedTarget>, ServiceError> {
    caller.reach(Act::ViewCampaigns)?;
    app.db.read(|conn| Ok(neutrality::list_blocked(conn)?.into_iter().map(BlockedTarget::from).collect())).await
}

/// Whether this account, its handle in the compared form, is on the list.
///
/// # Errors
/// The database's failure.
pub fn is_blocked(conn: &mut Conn, platform: Platform, handle_norm: &str) -> Result<bool, ServiceError> {
    Ok(neutrality::is_blocked(conn, platform, handle_norm)?)
}

/// Notes what is wrong with a freeze's span.
pub(super) fn check_span(faults: &mut Faults, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) {
    if ends_at <= starts_at {
        faults.add("ends_at", "freeze.ends_before_start", "The freeze ends before it begins; give a later end");
    } else if ends_at.signed_duration_since(starts_at) > LONGEST_FREEZE {
        faults.add("ends_at", "freeze.too_long", "A freeze lasts at most 366 days; check the years");
    }
}

/// The entry of a freeze that was put on the calendar.
pub(super) fn record_freeze(tx: &mut crate::store::Tx<'_>, row: &FreezeRow) {
    let payload = json!({ "freeze_id": row.id, "label": row.label, "starts_at": row.starts_at.0, "ends_at": row.ends_at.0 });
    tx.record(NewEntry::new(EventKind::FreezeAdded).payload(payload));
}

/// Puts a freeze on the calendar.
///
/// # Errors
/// `Forbidden` for all but admins of the whole institution; `Invalid` for an end before the start or a freeze of more than a year.
pub async fn add_freeze(
    app: &App,
    caller: &Caller,
    label: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<Freeze, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            who.check_whole(tx.conn, Act::ManageNeutrality)?;
            let mut faults = Faults::default();
            let label = faults.take("label", plain_text::line(&label, LABEL_CHARACTERS), TextError::code);
            check_span(&mut faults, starts_at, ends_at);
            let label = faults.finish(label)?;
            let row =
                FreezeRow { id: FreezeId::new(), label, starts_at: At(starts_at), ends_at: At(ends_at), added_at: At(tx.now) };
            neutrality::insert_freeze(tx, &row)?;
            record_freeze(tx, &row);
            Ok(row.into())
        })
        .await
}

/// The calendar, by start.
///
/// # Errors
/// `Forbidden` for who sees no campaigns.
pub async fn list_freezes(app: &App, caller: &Caller) -> Result<Vec<Freeze>, ServiceError> {
    caller.reach(Act::ViewCampaigns)?;
    app.db.read(|conn| Ok(neutrality::list_freezes(conn)?.into_iter().map(Freeze::from).collect())).await
}

/// The first freeze that shares an instant with the time from `from` up to but not including `to`; with `from` equal to `to`, that
/// instant.
///
/// # Errors
/// The database's failure.
pub fn freeze_between(conn: &mut Conn, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Option<Freeze>, ServiceError> {
    Ok(neutrality::freezes_between(conn, At(from), At(to))?.into_iter().next().map(Freeze::from))
}

/// Whether an address is that of a post of an account on the blocked-target list, as far as the address shows whose it is.
pub(in crate::service) fn is_blocked_address(conn: &mut Conn, url: &str) -> Result<bool, StoreError> {
    let Some(platform) = platform_of(url) else { return Ok(false) };
    let Ok(post) = PostUrl::parse(url, platform) else { return Ok(false) };
    let Some(owner) = post.owner_handle() else { return Ok(false) };
    // On LinkedIn a post's address does not tell a person from a company: either may be on the list.
    for reading in [owner.to_owned(), format!("in/{owner}"), format!("company/{owner}")] {
        if let Ok(handle) = Handle::parse(&reading, platform)
            && neutrality::is_blocked(conn, platform, handle.normalised())?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
