//! Whether a member's address takes mail, for who keeps the member: nothing about who paused or declined.

use crate::app::App;
use crate::domain::id::MemberId;
use crate::domain::role::Act;
use crate::domain::suppression::{SuppressionReason, SuppressionScope};
use crate::service::{Caller, ServiceError};
use crate::store::{mail_report, member, suppression};

crate::text_enum! {
    /// Whether an address takes mail.
    pub enum AddressStanding {
        /// Nothing speaks against it.
        Works = "works",
        /// Mail to it came back.
        Bounced = "bounced",
        /// A mail was reported as unwanted.
        Complained = "complained",
        /// It was put on the list on request.
        Suppressed = "suppressed",
    }
}

/// Whether the member's address takes mail, and how many mails in a row came back for now.
///
/// # Errors
/// [`ServiceError::NotFound`] outside the caller's reach.
pub async fn standing(app: &App, caller: &Caller, id: MemberId) -> Result<(AddressStanding, i64), ServiceError> {
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            let person = member::get(conn, id)?;
            caller.check(conn, Act::ManageMembers, person.unit_id)?;
            let mut found = suppression::list_of(conn, &person.email_norm)?;
            // One campaign's silence says nothing about the address.
            found.retain(|row| row.scope != SuppressionScope::Campaign);
            let has = |reason| found.iter().any(|row| row.reason == reason);
            let standing = if has(SuppressionReason::Complained) {
                AddressStanding::Complained
            } else if has(SuppressionReason::Bounced) {
                AddressStanding::Bounced
            } else if has(SuppressionReason::Requested) {
                AddressStanding::Suppressed
            } else {
                AddressStanding::Works
            };
            Ok((standing, mail_report::soft_bounces(conn, &person.email_norm)?))
        })
        .await
}
