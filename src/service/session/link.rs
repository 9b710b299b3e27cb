//! Signing in by a mailed link: asked for by address, good for ten minutes, used once. The link's page only shows a button, so a mail
//! program that opens every link uses none.
//!
//! The database holds no token: it is sealed from the link's id when the mail is written, and opened by the same key.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Opened, SignInFailure, actor_of, limited, open};
use crate::app::App;
use crate::auth::task_token::{Purpose, TokenError};
use crate::domain::actor::Actor;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::id::MailId;
use crate::domain::outbox::MailKind;
use crate::service::ServiceError;
use crate::store::outbox::{self, NewMail};
use crate::store::sign_in_link::{self, SignInLinkRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::user::UserRow;
use crate::store::{Conn, StoreError, user};

/// How long a link is good.
pub const GOOD_FOR: TimeDelta = TimeDelta::minutes(10);

crate::refusals! {
    /// Why a link signs nobody in.
    pub enum SignInLinkRefusal {
        /// Cut, mangled or made up; or its user may not sign in any more.
        Invalid = "sign_in.link_invalid": "This sign-in link is not valid; ask for a new one",
        /// Its ten minutes are over.
        Expired = "sign_in.link_expired": "This sign-in link is over: it is good for ten minutes; ask for a new one",
        /// It was used.
        Used = "sign_in.link_used": "This sign-in link was used already: it is good once; ask for a new one",
    }
}

/// The token of a link.
#[must_use]
pub(in crate::service) fn token(app: &App, id: MailId, expires_at: DateTime<Utc>) -> String {
    app.tokens.seal(Purpose::SignIn, id.uuid(), 1, Some(expires_at))
}

/// Mails a link to whoever has this address. The answer and the work are the same where nobody has it.
///
/// # Errors
/// [`SignInFailure::Limited`] after too many requests; the database's failure.
pub async fn mail_link(app: &App, email: &str, client: IpAddr) -> Result<(), SignInFailure> {
    // Counted apart from passwords: who guessed in vain is who needs a link.
    app.sign_in_limits.attempt(&format!("link {}", email.trim()), client, app.clock.now()).map_err(limited)?;
    let address = EmailAddress::parse(email).ok().map(|address| address.normalised().to_owned());
    let sent = app.db.write(Actor::System, move |tx| {
        let known = match &address {
            Some(address) => user::find_by_email(tx.conn, address)?.filter(|row| row.active),
            None => None,
        };
        let id = MailId::new();
        let (now, ends) = (At(tx.now), At(tx.now + GOOD_FOR));
        let user_id = known.as_ref().map(|row| row.id);
        let link = SignInLinkRow { id, user_id, created_at: now, expires_at: ends, used_at: None };
        sign_in_link::insert(tx, &link)?;
        let Some(row) = known else {
            tx.without_entry("nobody has this address");
            return Ok(());
        };
        tx.actor = actor_of(&row);
        outbox::enqueue(tx, &[NewMail { id: Some(id), user_id: Some(row.id), ..NewMail::new(MailKind::SignIn) }])?;
        tx.record(NewEntry::new(EventKind::SignInLinkAsked).subject(&row.subject_ref));
        Ok::<_, ServiceError>(())
    });
    Ok(sent.await?)
}

/// Who a link signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkView {
    /// The user's name.
    pub name: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// What a link's page shows. Looking uses nothing.
///
/// # Errors
/// `sign_in.link_*`; or the database's failure.
pub async fn look_at_link(app: &App, token: &str) -> Result<LinkView, ServiceError> {
    let id = opened(app, token)?;
    app.db
        .read(move |conn| {
            let (link, row) = good(conn, id)?;
            Ok(LinkView { name: row.name, expires_at: link.expires_at.0 })
        })
        .await
}

/// Signs in by a link and uses it up. Other sessions stay.
///
/// # Errors
/// `sign_in.link_*`; or the database's failure.
pub async fn use_link(app: &App, token: &str) -> Result<Opened, ServiceError> {
    let id = opened(app, token)?;
    let longest = TimeDelta::hours(app.config.session.absolute_h.into());
    app.db
        .write(Actor::System, move |tx| {
            let (_, row) = good(tx.conn, id)?;
            sign_in_link::take(tx, id).map_err(|error| match error {
                StoreError::Stale => SignInLinkRefusal::Used.into(),
                other => ServiceError::from(other),
            })?;
            tx.actor = actor_of(&row);
            tx.record(NewEntry::new(EventKind::UserSignedIn).subject(&row.subject_ref).payload(json!({ "via": "link" })));
            open(tx, row.id, longest)
        })
        .await
}

fn opened(app: &App, token: &str) -> Result<MailId, SignInLinkRefusal> {
    let opened = app.tokens.open(Purpose::SignIn, token, app.clock.now()).map_err(|error| match error {
        TokenError::Malformed | TokenError::Forged => SignInLinkRefusal::Invalid,
        TokenError::Expired { .. } => SignInLinkRefusal::Expired,
    })?;
    Ok(MailId::from_uuid(opened.uuid))
}

fn good(conn: &mut Conn, id: MailId) -> Result<(SignInLinkRow, UserRow), ServiceError> {
    let link = sign_in_link::find(conn, id)?.ok_or(SignInLinkRefusal::Invalid)?;
    if link.used_at.is_some() {
        return Err(SignInLinkRefusal::Used.into());
    }
    let user_id = link.user_id.ok_or(SignInLinkRefusal::Invalid)?;
    let row = user::find(conn, user_id)?.filter(|row| row.active).ok_or(SignInLinkRefusal::Invalid)?;
    Ok((link, row))
}
