//! Erasing a person: from everything that this installation holds, and what has to be done about its files afterwards.

mod list;
mod marks;
mod sweep;

use serde_json::json;

pub use list::{ListFault, read_list};
pub use marks::came_back;
pub(in crate::service) use marks::revive;
pub use sweep::{list_path, sweep, sweep_now};

use super::error::ServiceError;
use super::{Caller, consent};
use crate::app::App;
use crate::domain::data_request::DataRequestRefusal;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::member::MemberState;
use crate::fault;
use crate::store::erase::{self, Taken};
use crate::store::member::{self, MemberRow};
use crate::store::tx::NewEntry;
use crate::store::{Tx, address_mark, suppression, user};

/// Whether nobody else's address is in the domain of this member's: asked before the write, because every address is looked at.
///
/// # Errors
/// `NotFound`; the database's failure.
pub(in crate::service) async fn has_own_domain(app: &App, id: MemberId) -> Result<bool, ServiceError> {
    app.db
        .read_at_length(move |conn| {
            let row = member::get(conn, id)?;
            Ok::<_, ServiceError>(!erase::is_shared_domain(conn, &row)?)
        })
        .await
}

/// Erases a member whose row is locked, within a write; the entry says so under the reference that from now on means nobody.
///
/// # Errors
/// `Refused` with `request.erased`, or `request.console_user` while somebody signs in with the same address.
pub(in crate::service) fn erase_within(
    tx: &mut Tx<'_>,
    app: &App,
    mut row: MemberRow,
    own_domain: bool,
) -> Result<Taken, ServiceError> {
    if row.state == MemberState::Erased {
        return Err(DataRequestRefusal::Erased.into());
    }
    if user::find_by_email(tx.conn, &row.email_norm)?.is_some_and(|user| user.active) {
        return Err(DataRequestRefusal::ConsoleUser.into());
    }
    consent::withdraw_all(tx, &mut row)?;
    let known = erase::known(tx.conn, &row)?;
    for email in &known.emails {
        let suppressed = suppression::list_of(tx.conn, email)?;
        address_mark::leave(tx, &app.address_hashes.hash(email), &suppressed)?;
    }
    let taken = erase::erase(tx, &row, &known, (app.config.message_id_domain(), own_domain))?;
    let entry = NewEntry::new(EventKind::MemberErased).unit(row.unit_id).subject(&row.subject_ref);
    tx.record(entry.payload(json!(taken)));
    fault::point("erase.before_commit");
    Ok(taken)
}

/// What came of erasing again after a restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Again {
    /// People who were there again, and are erased again.
    pub erased: u64,
    /// People whom this database knows as erased, or never knew.
    pub gone: u64,
}

/// Erases again whoever was erased after a copy of the database was made that is now in place.
///
/// # Errors
/// `Forbidden` but for the operator; as [`erase_within`]; who was erased before that stays erased.
pub async fn again(app: &App, caller: &Caller, ids: Vec<MemberId>) -> Result<Again, ServiceError> {
    if *caller != Caller::Operator {
        return Err(ServiceError::Forbidden);
    }
    let mut done = Again::default();
    for id in ids {
        let known = app.db.read(move |conn| Ok::<_, ServiceError>(member::find(conn, id)?)).await?;
        if known.is_none_or(|row| row.state == MemberState::Erased) {
            done.gone += 1;
            continue;
        }
        let (this, own_domain) = (app.clone(), has_own_domain(app, id).await?);
        app.db
            .write_at_length(caller.actor(), move |tx| {
                let row = member::lock(tx, id)?.ok_or(ServiceError::NotFound("it"))?;
                erase_within(tx, &this, row, own_domain)
            })
            .await?;
        fault::point("erase.committed");
        done.erased += 1;
    }
    Ok(done)
}
