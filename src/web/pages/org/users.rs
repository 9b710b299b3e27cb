//! Users and their roles: the list, adding one with a password that is shown once, roles per unit, a new password, stopping somebody.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{UnitChoice, address, choices, read_id, refused, unit_names};
use crate::app::App;
use crate::domain::id::{UnitId, UserId};
use crate::domain::locale::Locale;
use crate::domain::role::{Act, Grant, Role};
use crate::domain::text_enum::TextEnum;
use crate::service::page::PageRequest;
use crate::service::user::{self, NewUser, UserView};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_users.html")]
struct UsersPage {
    v: View,
    users: Vec<UserView>,
    units: HashMap<UnitId, String>,
    next_url: Option<String>,
}

impl UsersPage {
    fn unit(&self, id: &UnitId) -> &str {
        self.units.get(id).map_or("", String::as_str)
    }
}

#[derive(Template)]
#[template(path = "pages/org_user_new.html")]
struct NewPage {
    v: View,
    f: Faults,
    t: Fields,
    units: Vec<UnitChoice>,
}

impl NewPage {
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
}

#[derive(Template)]
#[template(path = "pages/org_user.html")]
struct UserPage {
    v: View,
    f: Faults,
    t: Fields,
    u: UserView,
    /// Whether every role of the user lies within the reader's reach.
    whole: bool,
    is_self: bool,
    names: HashMap<UnitId, String>,
    units: Vec<UnitChoice>,
    /// A password that was made just now, and is shown this once.
    password: Option<String>,
    done: String,
}

impl UserPage {
    fn revoke_which(&self, grant: &Grant) -> String {
        let (role, unit) = (self.v.word("role", grant.role), self.unit(&grant.unit_id).to_owned());
        self.v.two("user-revoke-which", ("role", role), ("unit", unit))
    }
    fn unit(&self, id: &UnitId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
}

/// The list.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who manages no users.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let wanted = PageRequest { after: query.0.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = user::list(&app, &signed.caller, wanted).await?;
    let next_url = found.next.map(|after| address("/users", &query.0, &[], &after));
    let units = unit_names(&app, &signed).await?;
    page(&UsersPage { v: View::of_user(&req, &signed), users: found.items, units, next_url })
}

/// The role and unit that a form grants.
fn read_grant(form: &Fields) -> Result<Grant, ServiceError> {
    let mut faults = Vec::new();
    let role = Role::parse(form.get("role")).ok();
    if role.is_none() {
        faults.push(FieldError::new("role", "user.no_role", "Choose a role"));
    }
    let unit_id = form.filled("unit_id").map(str::parse).transpose().map_err(|_| ServiceError::NotFound("it"))?;
    if unit_id.is_none() {
        faults.push(FieldError::new("unit_id", "unit.missing", "Choose a unit"));
    }
    match role.zip(unit_id) {
        Some((role, unit_id)) => Ok(Grant { role, unit_id }),
        None => Err(ServiceError::Invalid(faults)),
    }
}

async fn new_page(req: &HttpRequest, app: &App, signed: &Signed) -> Result<NewPage, Failure> {
    let units = choices(app, signed, Act::ManageUsers).await?;
    Ok(NewPage { v: View::of_user(req, signed), f: Faults::default(), t: Fields::default(), units })
}

/// An empty form.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who manages no users.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    page(&new_page(&req, &app, &signed).await?)
}

/// Adds a user. The answer shows their first password, this once: a redirect would have to keep it.
///
/// # Errors
/// The use case's, but for faults of the form, which show it again.
pub async fn add(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let added = match read_grant(&form) {
        Ok(grant) => {
            let new = NewUser {
                name: form.get("name").to_owned(),
                email: form.get("email").to_owned(),
                password: String::new(),
                locale: Locale::parse(form.get("locale")).ok(),
                zone: form.filled("zone").map(str::to_owned),
                roles: vec![grant],
            };
            user::add_with_made_password(&app, &signed.caller, new).await
        }
        Err(error) => Err(error),
    };
    match added {
        Ok((added, password)) => {
            let shown = user_page(&req, &app, &signed, added.id).await?;
            page_with(StatusCode::CREATED, &UserPage { password: Some(password), done: "added".into(), ..shown })
        }
        Err(error) => {
            let shown = new_page(&req, &app, &signed).await?;
            let error = match error {
                ServiceError::Conflict(message) => ServiceError::field("email", "user.email_taken", message),
                other => other,
            };
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &NewPage { f, t: form, ..shown })
        }
    }
}

async fn user_page(req: &HttpRequest, app: &App, signed: &Signed, id: UserId) -> Result<UserPage, Failure> {
    let (u, whole) = user::show(app, &signed.caller, id).await?;
    Ok(UserPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t: Fields::default(),
        is_self: u.id == signed.user.id,
        u,
        whole,
        names: unit_names(app, signed).await?,
        units: choices(app, signed, Act::ManageUsers).await?,
        password: None,
        done: String::new(),
    })
}

/// One user.
///
/// # Errors
/// Not found for who holds no role within the reader's reach.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let shown = user_page(&req, &app, &signed, read_id(&id)?).await?;
    let known = |word: &&str| ["grant", "revoke", "stop", "start"].contains(word);
    let done = query.0.filled("done").filter(known).unwrap_or_default().to_owned();
    page(&UserPage { done, ..shown })
}

/// Does what the pressed button says: grants or takes a role, makes a new password, stops somebody or lets them in again.
///
/// # Errors
/// As [`show`]; faults and refusals show the page again.
pub async fn act(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let mut shown = user_page(&req, &app, &signed, read_id(&id)?).await?;
    let id = shown.u.id;
    let word = form.get("act").to_owned();
    let done = async {
        match word.as_str() {
            "grant" => user::grant(&app, &signed.caller, id, read_grant(&form)?).await.map(|_| None),
            "revoke" => user::revoke(&app, &signed.caller, id, read_grant(&form)?).await.map(|_| None),
            "password" => user::renew_password(&app, &signed.caller, id).await.map(Some),
            "stop" => user::set_active(&app, &signed.caller, id, false).await.map(|()| None),
            "start" => user::set_active(&app, &signed.caller, id, true).await.map(|()| None),
            _ => Err(ServiceError::field("", "form.act", "This form does not say what to do")),
        }
    };
    match done.await {
        Ok(Some(password)) => page(&UserPage { password: Some(password), done: "password".into(), ..shown }),
        // Who took the last role that they see of a user sees the list.
        Ok(None) if word == "revoke" && shown.u.roles.len() == 1 => Ok(see_other("/users")),
        Ok(None) => Ok(see_other(&format!("/users/{id}?done={word}"))),
        Err(error) => {
            let (status, f) = refused(&shown.v, error)?;
            if word == "grant" {
                shown.t = form;
            }
            page_with(status, &UserPage { f, ..shown })
        }
    }
}
