//! The accounts of the register, and the answer to "is this account affiliated?".

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::not_ours;
use crate::app::App;
use crate::domain::account::Engagement;
use crate::domain::actor::Actor;
use crate::domain::handle::Handle;
use crate::domain::id::{AccountId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::domain::post_url::asked_about;
use crate::service::dispatch::Progress;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::register::account::{self, AccountQuery, AccountRow, FormerRow};
use crate::store::{Conn, figures};

/// An account and its disclosure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicAccount {
    /// The account.
    pub id: AccountId,
    /// The name it shows; an employee's own account is called by its handle.
    pub name: String,
    /// What it is.
    pub kind: AccountKind,
    /// Its layer's number.
    pub layer: i16,
    /// Where.
    pub platform: Platform,
    /// Its handle.
    pub handle: String,
    /// Its profile.
    pub profile_url: Option<String>,
    /// How an outside opinion leader is engaged.
    pub engagement: Option<Engagement>,
    /// The unit that runs it.
    pub unit: String,
    /// The public statement.
    pub statement: String,
    /// Where it stands.
    pub statement_url: String,
    /// When a second person saw it there.
    pub checked_at: DateTime<Utc>,
    /// When it lapses unless it is checked anew.
    pub expires_at: DateTime<Utc>,
}

/// An account of layers 0 to 2 that was listed once and is not listed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormerAccount {
    /// The account.
    pub id: AccountId,
    /// The name it shows.
    pub name: String,
    /// Where.
    pub platform: Platform,
    /// Its handle.
    pub handle: String,
    /// The unit that runs or ran it.
    pub unit: String,
}

/// How an account stands in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is listed.
    Listed(PublicAccount),
    /// It was listed, and is not now.
    Former(FormerAccount),
}

/// What somebody asks for on the list of accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ask {
    /// Only on this platform.
    pub platform: Option<Platform>,
    /// Only of this unit and those below it.
    pub unit_id: Option<UnitId>,
}

/// The answer to "is this account affiliated?". Both lists empty: not in the register, whatever else it may be; employees who
/// take part without being named look the same as strangers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The accounts it may have been about, as `platform` and handle.
    pub asked: Vec<(Platform, String)>,
    /// Those that are listed.
    pub listed: Vec<PublicAccount>,
    /// Those that were listed once.
    pub former: Vec<FormerAccount>,
}

impl From<AccountRow> for PublicAccount {
    fn from(row: AccountRow) -> Self {
        let handle = Handle::parse(&row.handle, row.platform).ok();
        let shown = handle.as_ref().map_or_else(|| row.handle.clone(), ToString::to_string);
        Self {
            id: row.id,
            name: if row.layer < 3 { row.display_name } else { shown.clone() },
            kind: row.kind,
            layer: row.layer,
            platform: row.platform,
            handle: shown,
            profile_url: handle.map(|handle| handle.profile_url()),
            engagement: row.engagement,
            unit: row.unit,
            statement: row.statement,
            statement_url: row.url,
            checked_at: row.checked_at.0,
            expires_at: row.expires_at.0,
        }
    }
}

impl From<FormerRow> for FormerAccount {
    fn from(row: FormerRow) -> Self {
        let shown = Handle::parse(&row.handle, row.platform).map_or_else(|_| row.handle.clone(), |handle| handle.to_string());
        Self { id: row.id, name: row.display_name, platform: row.platform, handle: shown, unit: row.unit }
    }
}

fn read_cursor(text: &str) -> Option<(i16, String, AccountId)> {
    let mut parts = text.splitn(3, '_');
    let (layer, id, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some((layer.parse().ok()?, name.to_owned(), id.parse().ok()?))
}

/// Disclosed accounts of layers 0 to 2, in the order of layers and names.
///
/// # Errors
/// [`ServiceError::Invalid`] for a cursor that no page gave.
pub async fn list(app: &App, ask: Ask, page: PageRequest) -> Result<Page<PublicAccount>, ServiceError> {
    let after = page.after.as_deref().map(|text| read_cursor(text).ok_or_else(not_ours)).transpose()?;
    let wanted = AccountQuery { platform: ask.platform, unit_id: ask.unit_id, after };
    let (now, rows) = (app.clock.now(), page.rows());
    let found = app.db.read(move |conn| account::list(conn, now, &wanted, rows)).await?;
    let cursor = |row: &AccountRow| format!("{}_{}_{}", row.layer, row.id, row.display_name);
    Ok(Page::of(found, &page, cursor).map(PublicAccount::from))
}

/// The name of the figure.
const ADVOCATES: &str = "advocates";
/// It is counted so often.
const COUNTED_EACH: TimeDelta = TimeDelta::minutes(5);

/// How many employees' accounts take part; no number where it is too small to tell. As a sweep counted them some minutes ago.
///
/// # Errors
/// The database's failure.
pub async fn advocates(app: &App) -> Result<Option<i64>, ServiceError> {
    let (now, least) = (app.clock.now(), i64::from(app.config.privacy.small_group));
    app.db.read(move |conn| shown_advocates(conn, now, least)).await
}

fn shown_advocates(conn: &mut Conn, now: DateTime<Utc>, least: i64) -> Result<Option<i64>, ServiceError> {
    let n = match figures::find(conn, ADVOCATES)? {
        Some(figure) => figure.n,
        // Nothing was swept yet: the installation is minutes old.
        None => account::count_advocates(conn, now)?,
    };
    Ok((n >= least).then_some(n))
}

/// Counts what the register shows as a number, every few minutes.
///
/// # Errors
/// The database's failure.
pub async fn count(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let counted = app.db.read(move |conn| {
        let is_old = figures::is_old(conn, ADVOCATES, now - COUNTED_EACH)?;
        Ok::<_, ServiceError>(if is_old { Some(account::count_advocates(conn, now)?) } else { None })
    });
    let Some(n) = counted.await? else { return Ok(Progress::default()) };
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("a number that a page shows");
            Ok::<_, ServiceError>(figures::save(tx, ADVOCATES, n)?)
        })
        .await?;
    Ok(Progress::default())
}

/// The units that run a listed account, and how many employees' accounts take part; no number where it is too small to tell.
///
/// # Errors
/// The database's failure.
pub async fn around(app: &App) -> Result<(Vec<(UnitId, String)>, Option<i64>), ServiceError> {
    let (now, least) = (app.clock.now(), i64::from(app.config.privacy.small_group));
    let read = app.db.read(move |conn| {
        let units = account::units(conn, now)?.into_iter().map(|unit| (unit.id, unit.name)).collect();
        Ok((units, shown_advocates(conn, now, least)?))
    });
    read.await
}

/// One account's public page.
///
/// # Errors
/// [`ServiceError::NotFound`] for what the public may not read by name.
pub async fn get(app: &App, id: AccountId) -> Result<Standing, ServiceError> {
    let now = app.clock.now();
    let read = app.db.read(move |conn| {
        if let Some(row) = account::find(conn, now, id)? {
            return Ok(Standing::Listed(row.into()));
        }
        let former = account::find_former(conn, id)?.ok_or(ServiceError::NotFound("the account"))?;
        Ok(Standing::Former(former.into()))
    });
    read.await
}

/// Whether an account is affiliated, asked by handle, profile or post.
///
/// # Errors
/// [`ServiceError::Invalid`] at `q` for what names no account.
pub async fn check(app: &App, q: &str) -> Result<Answer, ServiceError> {
    let handles = asked_about(q).map_err(|error| ServiceError::field("q", error.code(), error.to_string()))?;
    let now = app.clock.now();
    let read = app.db.read(move |conn| {
        let listed: Vec<PublicAccount> = account::by_handles(conn, now, &handles)?.into_iter().map(Into::into).collect();
        let former = account::former_by_handles(conn, &handles)?.into_iter().map(FormerAccount::from);
        let former = former.filter(|account| listed.iter().all(|one| one.id != account.id)).collect();
        let asked = handles.iter().map(|handle| (handle.platform(), handle.to_string())).collect();
        Ok(Answer { asked, former, listed })
    });
    read.await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_keeps_names_with_underscores() {
        let id = AccountId::new();
        assert_eq!(read_cursor(&format!("2_{id}_a_b")), Some((2, "a_b".to_owned(), id)));
        assert!(["", "2", "x_y_z", "2_x_y"].iter().all(|text| read_cursor(text).is_none()));
    }
}
