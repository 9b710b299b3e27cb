//! A member asks for another address by their own page; it is on file once its reader has confirmed it.

use super::link;
use super::settings::own;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::address_change::AddressAsker;
use crate::domain::email::{EmailAddress, EmailError};
use crate::domain::member::MemberRefusal;
use crate::service::ServiceError;
use crate::service::address_change::{NewAddress, ask, check, give_up};

/// Asks for another address. The one on file again ends a wait; the one that waits again changes nothing.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`; `Invalid` for an address that is none, that somebody has, or that gets no mail.
pub async fn ask_address(app: &App, token: &str, email: &str, nonce: &str) -> Result<(), ServiceError> {
    let link = own(app, token)?;
    let parsed =
        EmailAddress::parse(email).map_err(|error| ServiceError::field("email", EmailError::code(&error), error.to_string()))?;
    let (this, nonce) = (app.clone(), nonce.to_owned());
    app.db
        .write(Actor::System, move |tx| {
            let person = link.enter(tx)?;
            link::form_made_at(&this, person.id.uuid(), &nonce)?;
            if person.state.is_gone() {
                return Err(MemberRefusal::Left.into());
            }
            let wanted = NewAddress { email: parsed.as_str().to_owned(), email_norm: parsed.normalised().to_owned() };
            if wanted.email_norm == person.email_norm {
                if !give_up(tx, &person)? {
                    tx.without_entry("it is the address on file");
                }
                return Ok(());
            }
            check(tx.conn, &person, &wanted)?;
            Ok(ask(tx, &person, wanted, AddressAsker::Member)?)
        })
        .await
}
