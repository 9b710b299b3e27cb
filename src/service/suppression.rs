//! Suppressing an address: a bounce, a complaint, or a request that came by another way than a link.

mod desk;
mod standing;

use serde_json::json;

pub use desk::{Suppressed, SuppressionRefusal, campaigns, lift, list, show};
pub use standing::{AddressStanding, standing};

use super::{Caller, ServiceError};
use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::role::Act;
use crate::domain::suppression::{Silence, SuppressionReason};
use crate::store::tx::NewEntry;
use crate::store::{Tx, campaign, member, outbox, suppression};

/// Suppresses an address within a write: from now on nothing of this scope is sent to it, and unsent tasks are taken out of the
/// outbox. Says whether that is new. The log names the member by reference, and the address only as salted detail.
///
/// # Errors
/// The database's failure.
pub fn suppress(tx: &mut Tx<'_>, email_norm: &str, silence: Silence, reason: SuppressionReason) -> Result<bool, ServiceError> {
    if !suppression::add(tx, email_norm, silence, reason)? {
        tx.without_entry("the address is suppressed already");
        return Ok(false);
    }
    let mut entry = NewEntry::new(EventKind::AddressSuppressed).detail(json!({ "email": email_norm }));
    if let Some(person) = member::find_by_email(tx.conn, email_norm)? {
        outbox::suppress_for_address(tx, person.id, silence)?;
        entry = entry.unit(person.unit_id).subject(person.subject_ref);
    }
    entry.campaign_id = silence.campaign_id();
    tx.record(entry.payload(json!({ "scope": silence.scope(), "reason": reason })));
    Ok(true)
}

/// Suppresses an address by hand: for everything, for tasks, or for one campaign that the caller may see. A member's address takes the right to keep members in that member's unit; an address that is
/// nobody's takes it anywhere.
///
/// # Errors
/// [`ServiceError::NotFound`] for a member outside the caller's reach; [`ServiceError::Forbidden`];
/// [`ServiceError::Invalid`] for what is no address.
pub async fn add(
    app: &App,
    caller: &Caller,
    email: &str,
    silence: Silence,
    reason: SuppressionReason,
) -> Result<bool, ServiceError> {
    let caller = caller.clone();
    caller.reach(Act::ManageMembers)?;
    let address = EmailAddress::parse(email).map_err(|error| ServiceError::field("email", error.code(), error.to_string()))?;
    app.db
        .write(caller.actor(), move |tx| {
            if let Some(person) = member::find_by_email(tx.conn, address.normalised())? {
                caller.check(tx.conn, Act::ManageMembers, person.unit_id)?;
            }
            if let Some(id) = silence.campaign_id() {
                let seen = campaign::get(tx.conn, id).map_err(ServiceError::from);
                seen.and_then(|campaign| caller.check(tx.conn, Act::ViewCampaigns, campaign.unit_id)).map_err(
                    |error| match error {
                        ServiceError::NotFound(_) | ServiceError::Forbidden => {
                            ServiceError::field("campaign_id", "suppression.no_campaign", "There is no such campaign")
                        }
                        other => other,
                    },
                )?;
            }
            suppress(tx, address.normalised(), silence, reason)
        })
        .await
}
