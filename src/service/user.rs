//! Console users: adding them, their roles, their passwords. A role reaches a unit's subtree, and so does the admin who grants it.

mod desk;

use std::collections::HashMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub use desk::{UserRefusal, add_with_made_password, made_password, renew_password, set_active, show};

use super::caller::Caller;
use super::error::{FieldError, ServiceError};
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::auth::hash_pool::PoolError;
use crate::auth::password;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::id::UserId;
use crate::domain::locale::Locale;
use crate::domain::person_name::PersonName;
use crate::domain::role::{Act, Grant};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::user::{self, UserRow};
use crate::store::{Conn, Tx, session, sign_in_link, unit};

/// A user as pages and the API show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserView {
    /// The user's id.
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The language of pages and mails.
    pub locale: Locale,
    /// The IANA zone of pages and mails.
    pub zone: String,
    /// Whether the user may sign in.
    pub active: bool,
    /// The roles held.
    pub roles: Vec<Grant>,
}

impl UserView {
    fn new(row: UserRow, roles: Vec<Grant>) -> Self {
        Self { id: row.id, name: row.name, email: row.email, locale: row.locale, zone: row.zone, active: row.active, roles }
    }
    /// The zone in which times are shown to this user.
    #[must_use]
    pub fn tz(&self) -> Tz {
        crate::domain::zone::parse(&self.zone).unwrap_or(Tz::UTC)
    }
}

/// A user to add.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The first password, 12 to 128 characters.
    pub password: String,
    /// The language; unset: the institution's.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// The IANA zone; unset: the institution's.
    #[serde(default)]
    pub zone: Option<String>,
    /// The roles to begin with, each within the caller's reach.
    pub roles: Vec<Grant>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// Adds a user.
///
/// # Errors
/// Every fault of the input at once; [`ServiceError::Conflict`] for an address in use.
pub async fn add(app: &App, caller: &Caller, new: NewUser) -> Result<UserView, ServiceError> {
    caller.reach(Act::ManageUsers)?;
    let (row, roles) = checked(app, caller, new).await?;
    let caller = caller.clone();
    let saved = app.db.write(caller.actor(), move |tx| {
        for grant in &roles {
            caller.check(tx.conn, Act::ManageUsers, grant.unit_id)?;
        }
        if user::find_by_email(tx.conn, &row.email_norm)?.is_some() {
            return Err(ServiceError::Conflict("a user with this address exists already".into()));
        }
        let row = UserRow { created_at: At(tx.now), updated_at: At(tx.now), ..row };
        user::insert(tx, &row)?;
        let entry = NewEntry::new(EventKind::UserAdded).subject(&row.subject_ref);
        tx.record(entry.detail(json!({ "name": row.name, "email": row.email })));
        for grant in &roles {
            give(tx, &row, *grant)?;
        }
        let held = user::grants(tx.conn, row.id)?;
        Ok(UserView::new(row, held))
    });
    saved.await
}

/// Everything about a new user that can be checked without the database; the password is hashed here.
async fn checked(app: &App, caller: &Caller, new: NewUser) -> Result<(UserRow, Vec<Grant>), ServiceError> {
    let mut faults = Vec::new();
    let name = PersonName::parse(&new.name).map_err(|e| faults.push(FieldError::new("name", e.code(), e.to_string()))).ok();
    let email = EmailAddress::parse(&new.email).map_err(|e| faults.push(FieldError::new("email", e.code(), e.to_string()))).ok();
    if let Err(weak) = password::accept(&new.password, &new.email) {
        faults.push(FieldError::new("password", weak.code(), weak.to_string()));
    }
    let zone = match &new.zone {
        None => app.config.institution.default_zone.name().to_owned(),
        Some(zone) => match crate::domain::zone::parse(zone) {
            Ok(tz) => tz.name().to_owned(),
            Err(e) => {
                faults.push(FieldError::new("zone", e.code(), e.to_string()));
                String::new()
            }
        },
    };
    if new.roles.is_empty() && *caller != Caller::Operator {
        faults.push(FieldError::new("roles", "user.no_role", "give the user at least one role: {role, unit_id}"));
    }
    let (Some(name), Some(email), true) = (name, email, faults.is_empty()) else {
        return Err(ServiceError::Invalid(faults));
    };
    let now = app.clock.now();
    let row = UserRow {
        id: UserId::new(),
        subject_ref: new_subject_ref(),
        email: email.as_str().to_owned(),
        email_norm: email.normalised().to_owned(),
        name: name.as_str().to_owned(),
        password_hash: hashed(app, new.password).await?,
        locale: new.locale.unwrap_or(app.config.institution.default_locale),
        zone,
        active: true,
        created_at: At(now),
        updated_at: At(now),
        version: 1,
    };
    Ok((row, new.roles))
}

/// 128 random bits: what the log calls a person, and nothing that leads back to them.
fn new_subject_ref() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

async fn hashed(app: &App, password: String) -> Result<String, ServiceError> {
    app.passwords.hash(password).await.map_err(from_pool)
}

/// How a full or failed hash pool looks to callers.
pub(super) fn from_pool(error: PoolError) -> ServiceError {
    match error {
        PoolError::Busy => ServiceError::Busy { retry_after_s: 1 },
        PoolError::Hash(error) => ServiceError::Internal(error.to_string()),
    }
}

fn give(tx: &mut Tx<'_>, to: &UserRow, grant: Grant) -> Result<bool, ServiceError> {
    unit::get(tx.conn, grant.unit_id)?;
    let is_new = user::grant(tx, to.id, grant)?;
    if is_new {
        let entry = NewEntry::new(EventKind::RoleGranted).unit(grant.unit_id).subject(&to.subject_ref);
        tx.record(entry.payload(json!({ "role": grant.role })));
    }
    Ok(is_new)
}

/// Gives a user a role. Giving it twice changes nothing.
///
/// # Errors
/// [`ServiceError::NotFound`] for a unit outside the caller's reach or an unknown user.
pub async fn grant(app: &App, caller: &Caller, id: UserId, grant: Grant) -> Result<UserView, ServiceError> {
    let caller = caller.clone();
    let saved = app.db.write(caller.actor(), move |tx| {
        caller.check(tx.conn, Act::ManageUsers, grant.unit_id)?;
        let row = user::get(tx.conn, id)?;
        if !give(tx, &row, grant)? {
            tx.without_entry("the user held the role already");
        }
        let held = user::grants(tx.conn, id)?;
        Ok(UserView::new(row, held))
    });
    saved.await
}

/// Takes a role from a user. Taking it twice changes nothing.
///
/// # Errors
/// [`ServiceError::Refused`] with `user.own_admin` for one's own admin role; [`ServiceError::NotFound`] for a unit outside the caller's reach or an unknown user.
pub async fn revoke(app: &App, caller: &Caller, id: UserId, grant: Grant) -> Result<UserView, ServiceError> {
    let caller = caller.clone();
    desk::check_own(&caller, id, grant)?;
    let saved = app.db.write(caller.actor(), move |tx| {
        caller.check(tx.conn, Act::ManageUsers, grant.unit_id)?;
        let row = user::get(tx.conn, id)?;
        if user::revoke(tx, id, grant)? {
            let entry = NewEntry::new(EventKind::RoleRevoked).unit(grant.unit_id).subject(&row.subject_ref);
            tx.record(entry.payload(json!({ "role": grant.role })));
        } else {
            tx.without_entry("the user did not hold the role");
        }
        let held = user::grants(tx.conn, id)?;
        Ok(UserView::new(row, held))
    });
    saved.await
}

/// Sets a user's password and ends their sessions. An admin may do so only where every role of the user lies within the
/// admin's reach: otherwise a small unit's admin could become anybody.
///
/// # Errors
/// The password's weakness as a field error; [`ServiceError::NotFound`] for an unknown user or one outside the caller's reach.
pub async fn set_password(app: &App, caller: &Caller, id: UserId, new: String) -> Result<(), ServiceError> {
    caller.reach(Act::ManageUsers)?;
    let row = app.db.read(move |conn| Ok::<_, ServiceError>(user::get(conn, id)?)).await?;
    if let Err(weak) = password::accept(&new, &row.email) {
        return Err(ServiceError::field("password", weak.code(), weak.to_string()));
    }
    let hash = hashed(app, new).await?;
    let caller = caller.clone();
    let saved = app.db.write(caller.actor(), move |tx| {
        let held = user::grants(tx.conn, id)?;
        if held.is_empty() && caller != Caller::Operator {
            return Err(ServiceError::NotFound("the user"));
        }
        for grant in held {
            caller.check(tx.conn, Act::ManageUsers, grant.unit_id)?;
        }
        user::save_password(tx, id, &hash)?;
        let ended = session::delete_of(tx, id)?;
        sign_in_link::take_all_of(tx, id)?;
        let entry = NewEntry::new(EventKind::UserPasswordSet).subject(&row.subject_ref);
        tx.record(entry.payload(json!({ "sessions_ended": ended })));
        Ok(())
    });
    saved.await
}

/// Users who hold a role within the caller's reach, by id; the operator sees everybody.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to manage users anywhere; a field error for a bad page.
pub async fn list(app: &App, caller: &Caller, page: PageRequest) -> Result<Page<UserView>, ServiceError> {
    let roots = caller.reach(Act::ManageUsers)?;
    let after: Option<UserId> = page.after_id()?;
    let read = app.db.read(move |conn| {
        let rows = user::list(conn, roots.as_deref(), after, page.rows())?;
        let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
        let mut held: HashMap<UserId, Vec<Grant>> = HashMap::new();
        for (id, grant) in user::grants_of(conn, &ids)? {
            held.entry(id).or_default().push(grant);
        }
        let views = rows.into_iter().map(|row| {
            let roles = held.remove(&row.id).unwrap_or_default();
            UserView::new(row, roles)
        });
        Ok(Page::of(views.collect(), &page, |view| view.id.to_string()))
    });
    read.await
}

/// The user, and who calls when they do; nothing where there is no such user or they may not sign in any more.
pub(super) fn load(conn: &mut Conn, id: UserId) -> Result<Option<(UserView, Caller)>, ServiceError> {
    let Some(row) = user::find(conn, id)?.filter(|row| row.active) else { return Ok(None) };
    let grants = user::grants(conn, id)?;
    let caller = Caller::User { id, subject_ref: row.subject_ref.clone(), grants: grants.clone() };
    Ok(Some((UserView::new(row, grants), caller)))
}

/// The caller that a user is, for services, commands and tests that act for one.
///
/// # Errors
/// [`ServiceError::NotFound`] for an unknown user or one who may not sign in.
pub async fn caller_of(app: &App, id: UserId) -> Result<Caller, ServiceError> {
    let found = app.db.read(move |conn| load(conn, id)).await?;
    found.map(|(_, caller)| caller).ok_or(ServiceError::NotFound("the user"))
}
