//! Adding a member and changing what is on file about one.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{UnitChoice, choices, read_id, read_version, refused};
use crate::app::App;
use crate::domain::id::MemberId;
use crate::domain::role::Act;
use crate::service::ServiceError;
use crate::service::member::{self, Member, MemberForm};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_member_edit.html")]
struct EditPage {
    v: View,
    f: Faults,
    t: Fields,
    id: Option<MemberId>,
    name: String,
    units: Vec<UnitChoice>,
}

fn read(form: &Fields) -> Result<MemberForm, ServiceError> {
    let unit = form.filled("unit_id").ok_or_else(|| ServiceError::field("unit_id", "unit.missing", "Choose a unit"))?;
    let text = |name: &str| form.get(name).to_owned();
    Ok(MemberForm {
        unit_id: unit.parse().map_err(|_| ServiceError::NotFound("it"))?,
        employee_no: text("employee_no"),
        name: text("name"),
        email: text("email"),
        locale: text("locale"),
        zone: text("zone"),
    })
}

async fn form_page(req: &HttpRequest, app: &App, signed: &Signed, member: Option<&Member>) -> Result<EditPage, Failure> {
    let pairs = member.map_or_else(Vec::new, |m| {
        vec![
            ("employee_no", m.employee_no.clone()),
            ("name", m.name.clone()),
            ("email", m.email.clone()),
            ("unit_id", m.unit_id.to_string()),
            ("locale", m.locale.to_string()),
            ("zone", m.zone.clone()),
            ("version", m.version.to_string()),
        ]
    });
    Ok(EditPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t: Fields::of(pairs),
        id: member.map(|m| m.id),
        name: member.map(|m| m.name.clone()).unwrap_or_default(),
        units: choices(app, signed, Act::ManageMembers).await?,
    })
}

/// An empty form; `?unit=` chooses the unit.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who keeps no members.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let shown = form_page(&req, &app, &signed, None).await?;
    page(&EditPage { t: Fields::of([("unit_id", query.0.get("unit"))]), ..shown })
}

/// Adds a member.
///
/// # Errors
/// The use case's, but for faults of the form, which show it again.
pub async fn add(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let added = match read(&form) {
        Ok(wanted) => member::add(&app, &signed.caller, wanted).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(m) => Ok(see_other(&format!("/members/{}?done=saved", m.id))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, None).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, t: form, ..shown })
        }
    }
}

/// The form of a member as they are.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn edit(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let m = member::kept(&app, &signed.caller, read_id(&id)?).await?;
    page(&form_page(&req, &app, &signed, Some(&m)).await?)
}

/// Changes a member.
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
    let m = member::kept(&app, &signed.caller, read_id(&id)?).await?;
    let saved = async {
        let (version, wanted) = (read_version(&form)?, read(&form)?);
        member::change(&app, &signed.caller, m.id, version, wanted).await
    };
    match saved.await {
        Ok(saved) => Ok(see_other(&format!("/members/{}?done=saved", saved.id))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, Some(&m)).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, t: form, ..shown })
        }
    }
}
