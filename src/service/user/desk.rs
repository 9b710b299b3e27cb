//! Users as the admin's desk keeps them: one with their roles, a first password that is made and shown once, and stopping somebody.

use serde_json::json;

use super::{NewUser, UserView, set_password};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::UserId;
use crate::domain::role::{Act, Grant, Role};
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::store::tx::NewEntry;
use crate::store::{Conn, Tx, session, user};

crate::refusals! {
    /// Why an admin may not do something to a user.
    pub enum UserRefusal {
        /// Somebody else does that.
        OwnAdmin = "user.own_admin": "You can't take your own admin role or stop yourself; another admin does that",
    }
}

/// Twenty characters of 32 that are hard to mistake for one another: 100 bits.
#[must_use]
pub fn made_password() -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let random: [u8; 20] = rand::random();
    let letters: Vec<char> =
        random.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 31))).map(|b| char::from(*b)).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A user whose every role lies within the caller's reach; the operator reaches everybody.
fn reached(conn: &mut Conn, caller: &Caller, id: UserId) -> Result<UserView, ServiceError> {
    let row = user::get(conn, id)?;
    let held = user::grants(conn, id)?;
    if held.is_empty() && *caller != Caller::Operator {
        return Err(ServiceError::NotFound("it"));
    }
    for grant in &held {
        caller.check(conn, Act::ManageUsers, grant.unit_id)?;
    }
    Ok(UserView::new(row, held))
}

/// A user, and whether all of their roles lie within the caller's reach: only then may their password and sign-in be changed.
///
/// # Errors
/// `NotFound` for who holds no role within the caller's reach.
pub async fn show(app: &App, caller: &Caller, id: UserId) -> Result<(UserView, bool), ServiceError> {
    let who = caller.clone();
    who.reach(Act::ManageUsers)?;
    app.db
        .read(move |conn| {
            let row = user::get(conn, id)?;
            let held = user::grants(conn, id)?;
            let mut seen = Vec::new();
            for grant in &held {
                if who.check(conn, Act::ManageUsers, grant.unit_id).is_ok() {
                    seen.push(*grant);
                }
            }
            if seen.is_empty() && who != Caller::Operator {
                return Err(ServiceError::NotFound("it"));
            }
            let whole = seen.len() == held.len();
            Ok((UserView::new(row, seen), whole))
        })
        .await
}

/// Adds a user with a password that is made here; it is given back once and kept nowhere.
///
/// # Errors
/// As [`super::add`].
pub async fn add_with_made_password(app: &App, caller: &Caller, new: NewUser) -> Result<(UserView, String), ServiceError> {
    let password = made_password();
    let added = super::add(app, caller, NewUser { password: password.clone(), ..new }).await?;
    Ok((added, password))
}

/// Gives a user a new password that is made here, and ends their sessions.
///
/// # Errors
/// As [`set_password`].
pub async fn renew_password(app: &App, caller: &Caller, id: UserId) -> Result<String, ServiceError> {
    let password = made_password();
    set_password(app, caller, id, password.clone()).await?;
    Ok(password)
}

/// Whether the caller would take their own admin role.
pub(super) fn check_own(caller: &Caller, id: UserId, grant: Grant) -> Result<(), UserRefusal> {
    let own = matches!(caller, Caller::User { id: own, .. } if *own == id);
    if own && grant.role == Role::Admin { Err(UserRefusal::OwnAdmin) } else { Ok(()) }
}

/// Lets a user sign in, or stops them and ends their sessions; their roles stay. Doing it twice changes nothing.
///
/// # Errors
/// `Refused` with `user.own_admin` for oneself; `NotFound` where not every role of the user lies within the caller's reach.
pub async fn set_active(app: &App, caller: &Caller, id: UserId, active: bool) -> Result<(), ServiceError> {
    let who = caller.clone();
    if matches!(&who, Caller::User { id: own, .. } if *own == id) {
        return Err(UserRefusal::OwnAdmin.into());
    }
    app.db
        .write(caller.actor(), move |tx| {
            let view = reached(tx.conn, &who, id)?;
            if view.active == active {
                tx.without_entry("the user was in that state already");
                return Ok(());
            }
            let ended = change_active(tx, id, active)?;
            let kind = if active { EventKind::UserEnabled } else { EventKind::UserDisabled };
            let subject_ref = user::get(tx.conn, id)?.subject_ref;
            tx.record(NewEntry::new(kind).subject(subject_ref).payload(json!({ "sessions_ended": ended })));
            Ok(())
        })
        .await
}

fn change_active(tx: &mut Tx<'_>, id: UserId, active: bool) -> Result<usize, ServiceError> {
    user::save_active(tx, id, active)?;
    if active { Ok(0) } else { Ok(session::delete_of(tx, id)?) }
}
