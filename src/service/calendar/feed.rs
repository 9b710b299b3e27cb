//! A calendar to subscribe to: an address that carries what its user sees, until it is revoked.
//!
//! The database holds no token: the address is sealed from the feed's id, so it can be shown again, and a read of the table opens none.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Calendar, collect};
use crate::app::App;
use crate::auth::task_token::Purpose;
use crate::domain::event::EventKind;
use crate::domain::id::FeedId;
use crate::domain::locale::Locale;
use crate::domain::role::Act;
use crate::service::{Caller, ServiceError, user as users};
use crate::store::calendar::{self, FeedRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::user;

/// How far back a feed reaches.
const BACK: TimeDelta = TimeDelta::days(31);
/// How far ahead.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// A user's feed.
#[derive(Clone, PartialEq, Eq)]
pub struct Feed {
    /// The token in its address: whoever knows it reads the calendar.
    pub token: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

fn shown(app: &App, row: &FeedRow) -> Feed {
    Feed { token: app.tokens.seal(Purpose::Calendar, row.id.uuid(), 1, None), created_at: row.created_at.0 }
}

/// The caller's feed, if there is one.
///
/// # Errors
/// `Forbidden` for who sees no campaigns.
pub async fn feed(app: &App, caller: &Caller) -> Result<Option<Feed>, ServiceError> {
    caller.reach(Act::ViewCampaigns)?;
    let id = caller.user_id()?;
    let row = app.db.read(move |conn| Ok::<_, ServiceError>(calendar::feed_of(conn, id)?)).await?;
    Ok(row.map(|row| shown(app, &row)))
}

/// Makes the caller's feed, in place of one there was: its address opens nothing any more.
///
/// # Errors
/// As [`feed`].
pub async fn create_feed(app: &App, caller: &Caller) -> Result<Feed, ServiceError> {
    caller.reach(Act::ViewCampaigns)?;
    let (this, id) = (app.clone(), caller.user_id()?);
    app.db
        .write(caller.actor(), move |tx| {
            let replaced = calendar::revoke_feed(tx, id)?;
            let row = FeedRow { id: FeedId::new(), user_id: id, created_at: At(tx.now), revoked_at: None };
            calendar::insert_feed(tx, &row)?;
            let subject = user::get(tx.conn, id)?.subject_ref;
            let entry = NewEntry::new(EventKind::CalendarFeedMade).subject(&subject);
            tx.record(entry.payload(serde_json::json!({ "replaced": replaced })));
            Ok(shown(&this, &row))
        })
        .await
}

/// Revokes the caller's feed. Without one, nothing changes.
///
/// # Errors
/// As [`feed`].
pub async fn revoke_feed(app: &App, caller: &Caller) -> Result<(), ServiceError> {
    let id = caller.user_id()?;
    app.db
        .write(caller.actor(), move |tx| {
            if calendar::revoke_feed(tx, id)? {
                let subject = user::get(tx.conn, id)?.subject_ref;
                tx.record(NewEntry::new(EventKind::CalendarFeedRevoked).subject(&subject));
            } else {
                tx.without_entry("there was no feed");
            }
            Ok(())
        })
        .await
}

/// What a feed carries.
#[derive(Debug, Clone)]
pub struct FeedCalendar {
    /// The user's language.
    pub locale: Locale,
    /// When it was put together.
    pub made_at: DateTime<Utc>,
    /// What lies on the calendar.
    pub calendar: Calendar,
}

/// The calendar behind an address, as far as its user's roles reach at this moment.
///
/// # Errors
/// `NotFound` for an address that is revoked or made up, or whose user may not sign in or sees no campaigns any more.
pub async fn read_feed(app: &App, token: &str) -> Result<FeedCalendar, ServiceError> {
    let now = app.clock.now();
    let unknown = ServiceError::NotFound("the calendar");
    let Ok(opened) = app.tokens.open(Purpose::Calendar, token, now) else { return Err(unknown) };
    let this = app.clone();
    app.db
        .read(move |conn| {
            let unknown = || ServiceError::NotFound("the calendar");
            let row = calendar::find_feed(conn, FeedId::from_uuid(opened.uuid))?.ok_or_else(unknown)?;
            let (user, caller) = users::load(conn, row.user_id)?.ok_or_else(unknown)?;
            caller.reach(Act::ViewCampaigns).map_err(|_| unknown())?;
            let calendar = collect(&this, conn, &caller, (now - BACK, now + AHEAD), user.tz())?;
            Ok(FeedCalendar { locale: user.locale, made_at: now, calendar })
        })
        .await
}
