//! From a claimed mail to what it says: or, where it is no longer wanted, to the state that says so.

mod checkpoint;
mod correction;
mod digest;
mod headers;
mod notice;
mod person;
mod report;
mod task;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::facts::{Facts, legible};
use super::verdict;
use crate::app::App;
use crate::auth::return_path::SEPARATOR;
use crate::config::Config;
use crate::domain::id::MailId;
use crate::domain::locale::Locale;
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::zone;
use crate::mail::envelope::{Address, AddressError};
use crate::mail::message::{MailHeaders, Party};
use crate::mail::render::MailContext;
use crate::service::ServiceError;
use crate::store::delivery;
use crate::store::outbox::{Claimed, Verdict};
use crate::store::user::UserRow;
use crate::store::{Conn, StoreError, daily_report, sign_in_link, user};

use correction::correction_mail;
use digest::Aside;
use person::{opt_in_mail, release_mail, sign_in_mail, test_mail_of};
use task::task_mail;

/// A mail ready to be composed, or settled without being sent.
#[derive(Debug)]
pub(super) struct Prepared {
    pub claimed: Claimed,
    pub mail: Result<Box<Mail>, Verdict>,
}

/// Everything that composing needs.
#[derive(Debug)]
pub(super) struct Mail {
    pub context: MailContext,
    pub headers: MailHeaders,
    pub recipient: Address,
    /// Where a failure is reported to; it says which mail failed.
    pub envelope_sender: Address,
}

/// Prepares a batch: reads facts for all of them, decides for each.
pub(super) async fn prepare(app: &App, claimed: &[Claimed]) -> Result<Vec<Prepared>, ServiceError> {
    let claimed = claimed.to_vec();
    let this = app.clone();
    let read = app.db.read(move |conn| {
        let now = this.clock.now();
        let mut inside = digest::inside(conn, &claimed)?;
        let travelling = inside.values().flatten().map(|child| &child.mail);
        let facts = Facts::of(conn, &claimed.iter().chain(travelling).cloned().collect::<Vec<_>>())?;
        let mut prepared = Vec::with_capacity(claimed.len());
        let mut aside = Aside::default();
        for claimed in claimed {
            let mail = match inside.remove(&claimed.id) {
                Some(children) => {
                    let (mail, left) = digest::digest_mail(&this, (&claimed, children), &facts, now);
                    aside.left.extend(left);
                    mail
                }
                None => one(&this, conn, &claimed, &facts, now)?,
            };
            let mail = mail.map(|mail| headers::complete(&this, &claimed, mail));
            prepared.push(Prepared { claimed, mail });
        }
        aside.folds = digest::folds(&prepared);
        Ok::<_, ServiceError>((prepared, aside))
    });
    let (mut prepared, aside) = read.await?;
    digest::set_aside(app, &mut prepared, aside).await?;
    Ok(prepared)
}

fn one(
    app: &App,
    conn: &mut Conn,
    claimed: &Claimed,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Result<Result<Box<Mail>, Verdict>, StoreError> {
    let failed = |why: String| verdict(MailState::Failed, why);
    let no_request = || Ok(Err(failed("the request is no longer there".to_owned())));
    match claimed.kind {
        MailKind::Task | MailKind::Reminder => {
            let made = facts.made(claimed, now);
            Ok(facts.get(claimed).map_err(failed).and_then(|(person, task)| task_mail(app, claimed, (person, task, made), now)))
        }
        MailKind::OptIn => {
            let Some(id) = claimed.consent_id else { return no_request() };
            let consent = legible(delivery::consent(conn, id))?;
            Ok(consent.map_err(failed).and_then(|consent| opt_in_mail(app, claimed, &consent, now)))
        }
        MailKind::ReleaseRequest => {
            let (Some(campaign_id), Some(user_id)) = (claimed.campaign_id, claimed.user_id) else { return no_request() };
            let release = legible(delivery::release(conn, campaign_id, user_id))?;
            Ok(release.map_err(failed).and_then(|release| release_mail(app, claimed, release, now)))
        }
        MailKind::Correction => {
            let found = facts.get(claimed).and_then(|whom| Ok((whom, facts.correction(claimed)?)));
            Ok(found.map_err(failed).and_then(|(whom, correction)| correction_mail(app, claimed, whom, correction, now)))
        }
        MailKind::DailyReport => report::report_mail(app, conn, claimed, now),
        MailKind::Notice => notice::notice_mail(app, conn, claimed, now),
        MailKind::Checkpoint => checkpoint::checkpoint_mail(app, conn, claimed, now),
        // Prepared together with what travels in it.
        MailKind::Digest => Ok(Err(failed("what travels in the digest was not read".to_owned()))),
        MailKind::Test => test_mail_of(app, conn, claimed, now),
        MailKind::SignIn => {
            let link = legible(sign_in_link::facts(conn, claimed.id))?;
            Ok(link.map_err(failed).and_then(|link| sign_in_mail(app, claimed, &link, now)))
        }
    }
}

/// The console user a daily mail goes to, if they are still there and still want it.
fn daily_reader(conn: &mut Conn, claimed: &Claimed) -> Result<Result<UserRow, Verdict>, StoreError> {
    let cancelled = |why: &str| Ok(Err(verdict(MailState::Cancelled, why.to_owned())));
    match claimed.user_id.map(|id| user::find(conn, id)).transpose()?.flatten() {
        None => cancelled("the user is no longer there"),
        Some(user) if !user.active || !daily_report::is_wanted(conn, user.id)? => cancelled("the user no longer wants it"),
        Some(user) => Ok(Ok(user)),
    }
}

/// Sender, recipient and the Message-ID, which is the outbox row's and so the same on every attempt.
fn addressed(
    app: &App,
    id: MailId,
    (name, email): (&str, &str),
    context: MailContext,
    now: DateTime<Utc>,
) -> Result<Mail, Verdict> {
    let config = &app.config;
    let bad = |what: &str, error: AddressError| verdict(MailState::Failed, format!("{what}: {error}"));
    let recipient = Address::parse(email).map_err(|e| bad("the recipient's address", e))?;
    let from = Address::parse(&config.mail.from_address).map_err(|e| bad("the sender's address", e))?;
    let envelope_sender = return_path(app, id).map_err(|e| bad("the address for reports", e))?;
    let headers = MailHeaders {
        from: Party { name: config.from_name().to_owned(), address: from },
        to: Party { name: name.to_owned(), address: recipient.clone() },
        reply_to: None,
        sent_at: now,
        message_id: format!("<{id}@{}>", config.message_id_domain()),
        list: None,
        campaign: None,
        feedback_id: None,
    };
    Ok(Mail { context, headers, recipient, envelope_sender })
}

/// The envelope sender of one mail (RFC 5321 4.4): with its mark, where the operator's server can take that back.
fn return_path(app: &App, id: MailId) -> Result<Address, AddressError> {
    let address = app.config.bounce_address();
    match address.rsplit_once('@') {
        Some((local, domain)) if app.config.mail.verp => {
            Address::parse(&format!("{local}{SEPARATOR}{}@{domain}", app.return_paths.seal(id)))
        }
        _ => Address::parse(address),
    }
}

/// The texts in the member's language, or all of them where there is none; each member's first one is another.
pub(in crate::service) fn variants_for(all: &[(Locale, String)], locale: Locale, variant_no: i32) -> Vec<String> {
    let own: Vec<&String> = all.iter().filter(|(l, _)| *l == locale).map(|(_, text)| text).collect();
    let mut texts: Vec<String> =
        if own.is_empty() { all.iter().map(|(_, text)| text.clone()).collect() } else { own.into_iter().cloned().collect() };
    if !texts.is_empty() {
        let first = usize::try_from(variant_no).unwrap_or_default() % texts.len();
        texts.rotate_left(first);
    }
    texts
}

/// The zone on file was checked when it was taken in; should the time-zone data drop it, the institution's stands in, and the log says so.
fn zone_or_default(config: &Config, name: &str) -> Tz {
    zone::parse(name).unwrap_or_else(|error| {
        tracing::warn!(%error, "a stored zone is unknown; the institution's is used");
        config.institution.default_zone
    })
}
