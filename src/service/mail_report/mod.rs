//! What comes back for mails: taken in once, matched to the mail it is about, and what follows from it.
//!
//! Anyone can write a bounce. What has an effect must therefore carry the mark that this installation put into that mail's envelope
//! sender (`auth/return_path.rs`). A Message-ID is no proof: it is an outbox id, which leads see in lists and which travels with every
//! forwarded mail. It only counts where the operator switched the marks off, and then for as much as the door is trusted.

mod effect;
mod list;
mod maildir;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::{Caller, ServiceError};
use crate::app::App;
use crate::auth::return_path::SEPARATOR;
use crate::domain::actor::Actor;
use crate::domain::bounce::{ReportKind, ReportSource};
use crate::domain::id::{MailId, MailReportId};
use crate::domain::outbox::MailState;
use crate::domain::role::Act;
use crate::fault;
use crate::mail::report::{self, Report};
use crate::service::delivery::health::{self, Stopped};
use crate::store::mail_report::{self, AboutMail, MailReportRow};
use crate::store::types::At;
use crate::store::{StoreError, Tx, outbox};

pub(in crate::service) use effect::after_settle;
pub(in crate::service) use list::SHOWN_TO_LEADS;
pub use list::{MailReportView, list, list_all};
pub use maildir::sweep;

/// The largest message that is taken in; a report is far smaller, but one that returns a whole mail with attachments may not be.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// How much of it is read: what a report says stands at its beginning.
const READ_BYTES: usize = 1024 * 1024;
/// A mail whose hand-over is not written down yet: so long, in seconds, until the report is to be offered again.
const NOT_SETTLED_S: u32 = 60;

crate::refusals! {
    /// Why a message is not taken in.
    pub enum ReportRefusal {
        /// There is nothing in it.
        Empty = "mail_report.empty": "The message is empty",
        /// Nobody needs it whole.
        TooLarge = "mail_report.too_large": "The message is larger than 16 MiB",
    }
}

/// A message that came in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// By which door.
    pub source: ReportSource,
    /// To whom its envelope was addressed, where the door knows.
    pub recipient: Option<String>,
    /// The message.
    pub raw: Vec<u8>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Received {
    /// Under which it is kept.
    pub id: MailReportId,
    /// What came back.
    pub kind: ReportKind,
    /// The mail it is about; none where it names none of ours.
    pub mail_id: Option<MailId>,
    /// False where the same message had come before: then nothing was done.
    pub is_new: bool,
}

/// How a report shows which mail it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// By the mark, which only this installation makes.
    Mark,
    /// By a Message-ID, which anyone may have seen.
    MessageId,
}

/// Takes a message in, for a caller who may hand in mail for the whole institution.
///
/// # Errors
/// [`ServiceError::Forbidden`]; as [`receive`].
pub async fn hand_in(app: &App, caller: &Caller, incoming: Incoming) -> Result<Received, ServiceError> {
    let who = caller.clone();
    app.db.read(move |conn| who.check_whole(conn, Act::HandInReports)).await?;
    receive(app, incoming).await
}

/// Takes a message in: kept once, however often it comes; and what follows from it, in the same transaction.
///
/// # Errors
/// [`ReportRefusal`]; [`ServiceError::Busy`] when the mail it is about is being handed over at this moment: offer it again.
pub async fn receive(app: &App, incoming: Incoming) -> Result<Received, ServiceError> {
    if incoming.raw.iter().all(u8::is_ascii_whitespace) {
        return Err(ReportRefusal::Empty.into());
    }
    if incoming.raw.len() > LARGEST {
        return Err(ReportRefusal::TooLarge.into());
    }
    let this = app.clone();
    let reader = app.clone();
    let (read, sha256, source) = tokio::task::spawn_blocking(move || {
        let Incoming { source, recipient, raw } = incoming;
        let mut report = report::read(&raw, READ_BYTES);
        if let Some(recipient) = recipient {
            report.addresses.insert(0, recipient);
        }
        // Whatever a person writes to the address in List-Unsubscribe is the wish itself.
        let plain = report.kind == ReportKind::Unrecognised && report.words.is_none();
        if plain && report.addresses.iter().any(|address| is_unsubscribe(&reader, address)) {
            report.kind = ReportKind::Unsubscribe;
        }
        let sha256: String = Sha256::digest(&raw).iter().map(|octet| format!("{octet:02x}")).collect();
        (report, sha256, source)
    })
    .await
    .map_err(|error| ServiceError::Internal(format!("reading a message ended abnormally: {error}")))?;
    let taken = app.db.write(Actor::System, move |tx| take(tx, &this, &read, (&sha256, source))).await;
    let (received, stopped) = taken?;
    fault::point("mail_report.taken");
    health::stop(app, &stopped).await;
    Ok(received)
}

/// Whether it is the address to unsubscribe at, with or without a mark.
fn is_unsubscribe(app: &App, address: &str) -> bool {
    let given = &app.config.mail.unsubscribe_address;
    let (Some((own, domain)), Some((local, at))) = (given.rsplit_once('@'), address.rsplit_once('@')) else { return false };
    let base = local.split(SEPARATOR).next().unwrap_or(local);
    given != app.config.bounce_address() && base.eq_ignore_ascii_case(own) && at.eq_ignore_ascii_case(domain)
}

/// What was taken in, and the campaigns that must stop because too much of their mail comes back.
type Taken = (Received, Stopped);

fn take(tx: &mut Tx<'_>, app: &App, report: &Report, (sha256, source): (&str, ReportSource)) -> Result<Taken, ServiceError> {
    if let Some(known) = mail_report::find_by_sha256(tx.conn, sha256)? {
        tx.without_entry("the message was taken in before");
        return Ok((received(&known, false), Stopped::default()));
    }
    let found = find_mail(tx, app, report)?;
    let person = match &found {
        Some((mail, _)) => effect::Person::of(tx, mail)?,
        None => None,
    };
    // Of somebody who was erased, a late report brings nothing back.
    let gone = person.is_none() && found.as_ref().is_some_and(|(mail, _)| mail.member_id.is_some());
    let (kind, status, words) = report.about(person.as_ref().map(|p| p.email_norm.as_str()));
    let proven = matches!(found, Some((_, Proof::Mark))) || !app.config.mail.verp;
    let found = found.filter(|_| kind != ReportKind::Unrecognised && (proven || !kind.has_effect())).map(|(mail, _)| mail);
    if found.as_ref().is_some_and(|mail| mail.state == MailState::Sending) {
        return Err(ServiceError::Busy { retry_after_s: NOT_SETTLED_S });
    }
    let mut row = MailReportRow {
        id: MailReportId::new(),
        kind: ReportKind::Unrecognised,
        source,
        message_sha256: sha256.to_owned(),
        mail_id: None,
        campaign_id: None,
        wave_id: None,
        member_id: None,
        status: status.map(|status| status.to_string()),
        // Of a message that is nobody's, nothing is kept that could be somebody's.
        detail: None,
        received_at: At(tx.now),
    };
    if let Some(mail) = &found {
        (row.kind, row.mail_id, row.member_id) = (kind, Some(mail.id), mail.member_id);
        (row.campaign_id, row.wave_id) = match mail.campaign_id {
            None => mail_report::shared_by_digest(tx.conn, mail.id)?,
            known => (known, mail.wave_id),
        };
        row.detail = words.filter(|_| !gone).map(ToOwned::to_owned);
    }
    if !mail_report::add(tx, &row)? {
        tx.without_entry("the message was taken in at the same moment");
        let known = mail_report::find_by_sha256(tx.conn, sha256)?;
        return Ok((received(&known.unwrap_or(row), false), Stopped::default()));
    }
    let Some(mail) = found else {
        tx.without_entry("a message that proves nothing changes nothing");
        return Ok((received(&row, true), Stopped::default()));
    };
    if kind.has_effect() {
        settle_doubt(tx, &mail)?;
    }
    let stopped = effect::follow(tx, app, (&row, report), &mail, person)?;
    Ok((received(&row, true), stopped))
}

fn received(row: &MailReportRow, is_new: bool) -> Received {
    Received { id: row.id, kind: row.kind, mail_id: row.mail_id, is_new }
}

/// The mail that a report is about: by its mark, else by its Message-ID.
fn find_mail(tx: &mut Tx<'_>, app: &App, report: &Report) -> Result<Option<(AboutMail, Proof)>, StoreError> {
    for id in report.addresses.iter().filter_map(|address| app.return_paths.open(address).ok()) {
        if let Some(mail) = mail_report::lock_mail(tx, id)? {
            return Ok(Some((mail, Proof::Mark)));
        }
    }
    let domain = app.config.message_id_domain();
    let ours = |id: &String| {
        let (left, right) = id.rsplit_once('@')?;
        right.eq_ignore_ascii_case(domain).then(|| left.parse::<MailId>().ok()).flatten()
    };
    for id in report.message_ids.iter().filter_map(ours) {
        if let Some(mail) = mail_report::lock_mail(tx, id)? {
            return Ok(Some((mail, Proof::MessageId)));
        }
    }
    Ok(None)
}

/// A report about a mail of unknown fate settles it: the relay took the mail, or there were nothing to report.
fn settle_doubt(tx: &mut Tx<'_>, mail: &AboutMail) -> Result<(), StoreError> {
    if mail.state == MailState::Unknown { outbox::accept_unknown(tx, mail.id) } else { Ok(()) }
}
