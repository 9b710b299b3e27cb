//! Signing in and out: one answer and one time for known and unknown addresses, sessions with an idle and an absolute end.

mod link;

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::caller::Caller;
use super::dispatch::Progress;
use super::error::ServiceError;
use super::user::{self as users, UserView};
use crate::app::App;
use crate::auth::limiter::Limited;
use crate::auth::password;
use crate::auth::session::SessionToken;
use crate::domain::actor::Actor;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::id::UserId;
use crate::fault;
use crate::store::session::{self, SessionRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::user::{self, UserRow};
use crate::store::{Tx, idempotency, sign_in_link};

pub(in crate::service) use link::token as link_token;
pub use link::{GOOD_FOR, LinkView, SignInLinkRefusal, look_at_link, mail_link, use_link};

/// A request is noted at most so often: a write each page would be a load, and a minute is fine enough.
const TOUCH_AFTER: TimeDelta = TimeDelta::seconds(60);
/// For how long an answer is kept under its idempotency key.
const KEEP_ANSWERS: TimeDelta = TimeDelta::hours(24);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInFailure {
    /// Wrong address or wrong password; which of them is not said.
    #[error("the address or the password is wrong")]
    Wrong,
    /// Too many attempts.
    #[error("too many attempts; try again in {retry_after_s} seconds")]
    Limited {
        /// In how many seconds to try again.
        retry_after_s: u32,
    },
    /// Anything else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A session that was just opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The token for the cookie. Shown once; only its hash is kept.
    pub token: String,
    /// When the session ends in any case.
    pub expires_at: DateTime<Utc>,
    /// Who signed in.
    pub user: UserView,
}

/// An API token that was just issued.
#[derive(Clone)]
pub struct IssuedToken {
    /// The token's text. Shown once.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

fn limited(limit: Limited) -> SignInFailure {
    SignInFailure::Limited { retry_after_s: u32::try_from(limit.retry_after.num_seconds().max(1)).unwrap_or(u32::MAX) }
}

/// Checks address and password. The same work is done, and the same attempts are counted, for an address that nobody has.
async fn verified(app: &App, email: &str, password: String, client: IpAddr) -> Result<UserRow, SignInFailure> {
    app.sign_in_limits.attempt(email, client, app.clock.now()).map_err(limited)?;
    let address = EmailAddress::parse(email).ok().map(|address| address.normalised().to_owned());
    let find = move |conn: &mut crate::store::Conn| match address {
        Some(address) => Ok::<_, ServiceError>(user::find_by_email(conn, &address)?.filter(|row| row.active)),
        None => Ok(None),
    };
    let known = app.db.read(find).await?;
    let stored = known.as_ref().map(|row| row.password_hash.clone());
    let good = app.passwords.verify(stored, password).await.map_err(users::from_pool)?;
    match known {
        Some(row) if good => {
            app.sign_in_limits.succeeded(email);
            Ok(row)
        }
        _ => Err(SignInFailure::Wrong),
    }
}

/// Replaces a hash that was made with weaker parameters, now that the password is at hand.
async fn refreshed(app: &App, row: &UserRow, password: String) -> Result<Option<String>, SignInFailure> {
    if !password::is_outdated(&row.password_hash) {
        return Ok(None);
    }
    Ok(Some(app.passwords.hash(password).await.map_err(users::from_pool)?))
}

fn actor_of(row: &UserRow) -> Actor {
    Actor::User { id: row.id, subject_ref: row.subject_ref.clone() }
}

fn record_sign_in(tx: &mut Tx<'_>, row: &UserRow, via: &str, hash: Option<String>) -> Result<(), ServiceError> {
    if let Some(hash) = hash {
        user::save_password(tx, row.id, &hash)?;
    }
    let entry = NewEntry::new(EventKind::UserSignedIn).subject(&row.subject_ref);
    tx.record(entry.payload(json!({ "via": via })));
    Ok(())
}

/// Opens a session.
///
/// # Errors
/// [`SignInFailure`].
pub async fn sign_in(app: &App, email: &str, password: String, client: IpAddr) -> Result<Opened, SignInFailure> {
    let row = verified(app, email, password.clone(), client).await?;
    let hash = refreshed(app, &row, password).await?;
    let longest = TimeDelta::hours(app.config.session.absolute_h.into());
    let opened = app.db.write(actor_of(&row), move |tx| {
        record_sign_in(tx, &row, "page", hash)?;
        open(tx, row.id, longest)
    });
    Ok(opened.await?)
}

/// Opens a session; the caller records how the user signed in.
fn open(tx: &mut Tx<'_>, id: UserId, longest: TimeDelta) -> Result<Opened, ServiceError> {
    let token = SessionToken::generate();
    let expires_at = tx.now + longest;
    let (now, ends) = (At(tx.now), At(expires_at));
    let token_hash = token.hash().to_vec();
    let new = SessionRow { token_hash, user_id: id, created_at: now, last_seen_at: now, expires_at: ends };
    session::insert(tx, &new)?;
    let (user, _) = users::load(tx.conn, id)?.ok_or(ServiceError::NotFound("the user"))?;
    Ok(Opened { token: token.as_str().to_owned(), expires_at, user })
}

/// Issues an API token.
///
/// # Errors
/// [`SignInFailure`].
pub async fn issue_token(app: &App, email: &str, password: String, client: IpAddr) -> Result<IssuedToken, SignInFailure> {
    let row = verified(app, email, password.clone(), client).await?;
    let hash = refreshed(app, &row, password).await?;
    let issued = app.api_tokens.issue(row.id.uuid(), app.clock.now());
    let issued = issued.map_err(|error| ServiceError::Internal(error.to_string()))?;
    app.db.write(actor_of(&row), move |tx| record_sign_in(tx, &row, "api", hash)).await?;
    Ok(IssuedToken { token: issued.token, expires_at: issued.expires_at })
}

/// Who a session's token stands for; nothing where it is unknown or over. Notes the request, to the minute.
///
/// # Errors
/// The database's failure.
pub async fn resume(app: &App, token: &str) -> Result<Option<(UserView, Caller)>, ServiceError> {
    let Ok(token) = SessionToken::parse(token) else { return Ok(None) };
    let (hash, now) = (token.hash(), app.clock.now());
    let idle = TimeDelta::minutes(app.config.session.idle_min.into());
    let found = app
        .db
        .read(move |conn| {
            let Some(row) = session::find(conn, &hash)? else { return Ok::<_, ServiceError>(None) };
            if now >= row.expires_at.0 || now - row.last_seen_at.0 > idle {
                return Ok(None);
            }
            Ok(users::load(conn, row.user_id)?.map(|who| (who, row.last_seen_at.0)))
        })
        .await?;
    let Some((who, last_seen_at)) = found else { return Ok(None) };
    if now - last_seen_at >= TOUCH_AFTER {
        app.db
            .write(who.1.actor(), move |tx| {
                tx.without_entry("only the session's last request is noted");
                Ok::<_, ServiceError>(session::touch(tx, &hash)?)
            })
            .await?;
    }
    Ok(Some(who))
}

/// Who an API token stands for; nothing where it is not valid or its user may not sign in any more.
///
/// # Errors
/// The database's failure.
pub async fn bearer(app: &App, token: &str) -> Result<Option<(UserView, Caller)>, ServiceError> {
    let Ok(claims) = app.api_tokens.check(token, app.clock.now()) else { return Ok(None) };
    let id: Uuid = claims.sub;
    app.db.read(move |conn| users::load(conn, UserId::from_uuid(id))).await
}

/// Ends a session. An unknown one is no error: it is over, which is what was asked.
///
/// # Errors
/// The database's failure.
pub async fn sign_out(app: &App, token: &str) -> Result<(), ServiceError> {
    let Ok(token) = SessionToken::parse(token) else { return Ok(()) };
    let hash = token.hash();
    let found = app
        .db
        .read(move |conn| {
            let Some(row) = session::find(conn, &hash)? else { return Ok::<_, ServiceError>(None) };
            Ok(user::find(conn, row.user_id)?)
        })
        .await?;
    let Some(row) = found else { return Ok(()) };
    app.db
        .write(actor_of(&row), move |tx| {
            if session::delete(tx, &hash)? {
                tx.record(NewEntry::new(EventKind::UserSignedOut).subject(&row.subject_ref));
            } else {
                tx.without_entry("the session was over already");
            }
            Ok::<_, ServiceError>(())
        })
        .await
}

/// Removes sessions that are over, and links and answers of more than a day ago. Looks first: mostly there is nothing to write.
///
/// # Errors
/// The database's failure.
pub async fn prune(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let old = now - KEEP_ANSWERS;
    let found = app.db.read(move |conn| {
        Ok::<_, ServiceError>(
            session::any_over(conn, now)? || idempotency::any_before(conn, old)? || sign_in_link::any_before(conn, old)?,
        )
    });
    if !found.await? {
        return Ok(Progress::default());
    }
    fault::check("prune.before")?;
    let pruned = app.db.write(Actor::System, move |tx| {
        let rows = session::prune(tx, now)? + idempotency::prune(tx, old)? + sign_in_link::prune(tx, old)?;
        tx.without_entry("only sessions and links that are over and kept answers went");
        Ok::<_, ServiceError>(Progress { done: u64::try_from(rows).unwrap_or(u64::MAX), failed: 0 })
    });
    pruned.await
}
