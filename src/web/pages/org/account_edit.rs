//! Adding an account and changing one. People are named by their employee numbers.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{UnitChoice, choices, read_id, read_version, refused};
use crate::app::App;
use crate::domain::account::Engagement;
use crate::domain::id::{AccountId, MemberId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum;
use crate::service::account::{self, AccountDesk, AccountForm};
use crate::service::{FieldError, ServiceError, member};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_account_edit.html")]
struct EditPage {
    v: View,
    f: Faults,
    t: Fields,
    id: Option<AccountId>,
    units: Vec<UnitChoice>,
}

impl EditPage {
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
}

/// The people whom a form names; each number that is nobody's is a fault at its field.
async fn people(app: &App, signed: &Signed, form: &Fields, faults: &mut Vec<FieldError>) -> Result<Vec<MemberId>, ServiceError> {
    let mut numbers = vec![form.get("employee_no").trim().to_owned()];
    numbers.extend(form.get("operators").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    let found = member::by_numbers(app, &signed.caller, numbers.clone()).await?;
    let mut known = Vec::new();
    for (i, (number, id)) in numbers.iter().zip(found).enumerate() {
        let field = if i == 0 { "employee_no" } else { "operators" };
        match id {
            Some(id) => known.push(id),
            None if number.is_empty() => {
                faults.push(FieldError::new(
                    field,
                    "account.person_missing",
                    "Give the employee number of the person who is asked",
                ));
            }
            None => {
                let message = format!("No member of the units you look after has the employee number {number}");
                faults.push(FieldError::new(field, "account.person_unknown", message));
            }
        }
    }
    Ok(known)
}

async fn read(app: &App, signed: &Signed, form: &Fields) -> Result<AccountForm, ServiceError> {
    let mut faults = Vec::new();
    let mut people = people(app, signed, form, &mut faults).await?.into_iter();
    let kind = AccountKind::parse(form.get("kind")).ok();
    if kind.is_none() {
        faults.push(FieldError::new("kind", "account.kind_missing", "Choose what the account is"));
    }
    let platform = Platform::parse(form.get("platform")).ok();
    if platform.is_none() {
        faults.push(FieldError::new("platform", "account.platform_missing", "Choose where the account lives"));
    }
    let followers = form.filled("followers").unwrap_or("0").replace(['.', ','], "").parse().ok();
    if followers.is_none() {
        faults.push(FieldError::new("followers", "account.followers_number", "Give the number of followers in digits"));
    }
    if form.filled("handle").is_none() {
        faults.push(FieldError::new("handle", "account.handle_missing", "Give the account's handle"));
    }
    let unit_id = form.filled("unit_id").map(str::parse).transpose().map_err(|_| ServiceError::NotFound("it"))?;
    let text = |name: &str| form.get(name).to_owned();
    let whole = people.next().zip(kind).zip(platform).zip(followers).filter(|_| faults.is_empty());
    let Some((((member_id, kind), platform), followers)) = whole else { return Err(ServiceError::Invalid(faults)) };
    Ok(AccountForm {
        member_id,
        unit_id,
        kind,
        platform,
        handle: text("handle"),
        display_name: text("display_name"),
        language: text("language"),
        followers,
        topics: form.get("topics").split(',').map(str::to_owned).collect(),
        engagement: form.filled("engagement").and_then(|word| Engagement::parse(word).ok()),
        public_name: form.is_set("public_name"),
        operators: people.collect(),
    })
}

fn typed(d: &AccountDesk) -> Fields {
    let a = &d.listed.account;
    let operators: Vec<&str> = d.operators.iter().map(|member| member.employee_no.as_str()).collect();
    Fields::of([
        ("employee_no", d.person.as_ref().map(|member| member.employee_no.clone()).unwrap_or_default()),
        ("kind", a.kind.to_string()),
        ("platform", a.platform.to_string()),
        ("handle", a.handle.clone()),
        ("display_name", a.display_name.clone()),
        ("unit_id", a.unit_id.to_string()),
        ("language", a.language.clone()),
        ("followers", a.followers.to_string()),
        ("topics", a.topics.join(", ")),
        ("engagement", a.engagement.map(|engagement| engagement.to_string()).unwrap_or_default()),
        ("public_name", if a.public_name { "yes".into() } else { String::new() }),
        ("operators", operators.join("\n")),
        ("version", a.version.to_string()),
    ])
}

async fn form_page(req: &HttpRequest, app: &App, signed: &Signed, d: Option<&AccountDesk>) -> Result<EditPage, Failure> {
    Ok(EditPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t: d.map(typed).unwrap_or_default(),
        id: d.map(|d| d.listed.account.id),
        units: choices(app, signed, Act::ManageAccounts).await?,
    })
}

/// An empty form; `?employee_no=` names the person.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who keeps no accounts.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let shown = form_page(&req, &app, &signed, None).await?;
    page(&EditPage { t: Fields::of([("employee_no", query.0.get("employee_no"))]), ..shown })
}

/// Adds an account.
///
/// # Errors
/// The use case's, but for faults and refusals of the form, which show it again.
pub async fn add(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let added = match read(&app, &signed, &form).await {
        Ok(wanted) => account::add(&app, &signed.caller, wanted).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(a) => Ok(see_other(&format!("/accounts/{}?done=saved", a.id))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, None).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, t: form, ..shown })
        }
    }
}

/// An account that the caller may change.
///
/// # Errors
/// Not found outside the caller's units, forbidden for who may only look.
pub(super) async fn kept(app: &App, signed: &Signed, id: &str) -> Result<AccountDesk, Failure> {
    let d = account::show(app, &signed.caller, read_id(id)?).await?;
    if d.may_change { Ok(d) } else { Err(ServiceError::Forbidden.into()) }
}

/// The form of an account as it is.
///
/// # Errors
/// As [`kept`].
pub async fn edit(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let d = kept(&app, &signed, &id).await?;
    page(&form_page(&req, &app, &signed, Some(&d)).await?)
}

/// Changes an account.
///
/// # Errors
/// As [`edit`]; faults and refusals show the form again.
pub async fn save(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let d = kept(&app, &signed, &id).await?;
    let id = d.listed.account.id;
    let saved = async {
        let wanted = read(&app, &signed, &form).await?;
        account::change(&app, &signed.caller, id, read_version(&form)?, wanted).await
    };
    match saved.await {
        Ok(_) => Ok(see_other(&format!("/accounts/{id}?done=saved"))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, Some(&d)).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, t: form, ..shown })
        }
    }
}
