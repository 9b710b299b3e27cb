//! What the headers of a mail that a person may stop say besides: how to stop it by mail, and whose stream it belongs to.

use super::Mail;
use crate::app::App;
use crate::auth::return_path::SEPARATOR;
use crate::domain::id::MailId;
use crate::mail::envelope::Address;
use crate::store::outbox::Claimed;

/// Completes what kinds of mail share. Account mail (sign-in, opt-in, release, tests) has no list, and stays as it is.
pub(super) fn complete(app: &App, claimed: &Claimed, mut mail: Box<Mail>) -> Box<Mail> {
    if let Some(list) = &mut mail.headers.list {
        list.unsubscribe_mailto = unsubscribe_address(app, claimed.id);
        mail.headers.feedback_id = Some(feedback_id(app, claimed));
    }
    mail
}

/// Where a wish to unsubscribe goes by mail: with the mail's mark, so that it is the recipient's wish whoever the sender says to be.
fn unsubscribe_address(app: &App, id: MailId) -> Option<Address> {
    let given = &app.config.mail.unsubscribe_address;
    let marked = match given.rsplit_once('@')? {
        (local, domain) if app.config.mail.verp => format!("{local}{SEPARATOR}{}@{domain}", app.return_paths.seal(id)),
        _ => given.clone(),
    };
    // The configuration was checked at start.
    Address::parse(&marked).ok()
}

/// `campaign:wave:kind:institution`, what mailbox providers count complaints by: the last word is the same in every mail.
fn feedback_id(app: &App, claimed: &Claimed) -> String {
    let word = |id: Option<uuid::Uuid>| id.map_or_else(|| "all".to_owned(), |id| id.simple().to_string());
    let campaign = word(claimed.campaign_id.map(|id| id.uuid()));
    let wave = word(claimed.wave_id.map(|id| id.uuid()));
    format!("{campaign}:{wave}:{}:{}", claimed.kind, app.config.feedback_sender())
}
