//! Adding a unit, changing it, and moving it by naming another one above it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{UnitChoice, choice, read_id, read_version, refused};
use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::service::ServiceError;
use crate::service::unit::{self, Unit, UnitForm};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_unit_edit.html")]
struct EditPage {
    v: View,
    f: Faults,
    t: Fields,
    id: Option<UnitId>,
    units: Vec<UnitChoice>,
    /// Whether the unit stands at the top, and may stay there.
    is_root: bool,
}

impl EditPage {
    fn parent_hint(&self) -> String {
        if self.id.is_some() { self.v.s("unit-parent-move") } else { self.v.s("unit-parent-hint") }
    }
}

fn read(form: &Fields) -> Result<UnitForm, ServiceError> {
    let parent = form.filled("parent_id").map(str::parse);
    let parent_id = parent.transpose().map_err(|_| ServiceError::NotFound("it"))?;
    let text = |name: &str| form.get(name).to_owned();
    Ok(UnitForm { code: text("code"), name: text("name"), parent_id, zone: text("zone") })
}

/// The units to choose one above from: every one that the caller manages, without the unit itself and those below it.
async fn possible(app: &App, signed: &Signed, id: Option<UnitId>) -> Result<Vec<UnitChoice>, Failure> {
    let mut units = unit::list_where(app, &signed.caller, Act::ManageUnits).await?;
    if let Some(at) = units.iter().position(|unit| Some(unit.id) == id) {
        let depth = units.get(at).map_or(0, |unit| unit.depth);
        let below = units.iter().skip(at + 1).take_while(|unit| unit.depth > depth).count();
        units.drain(at..=at + below);
    }
    Ok(units.iter().map(choice).collect())
}

async fn form_page(req: &HttpRequest, app: &App, signed: &Signed, unit: Option<&Unit>) -> Result<EditPage, Failure> {
    let pairs = unit.map_or_else(Vec::new, |unit| {
        vec![
            ("code", unit.code.clone()),
            ("name", unit.name.clone()),
            ("zone", unit.zone.clone()),
            ("parent_id", unit.parent_id.map(|id| id.to_string()).unwrap_or_default()),
            ("version", unit.version.to_string()),
        ]
    });
    Ok(EditPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t: Fields::of(pairs),
        id: unit.map(|unit| unit.id),
        units: possible(app, signed, unit.map(|unit| unit.id)).await?,
        is_root: unit.is_some_and(|unit| unit.parent_id.is_none()),
    })
}

/// An empty form; `?parent=` chooses the unit above.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who manages no units.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let shown = form_page(&req, &app, &signed, None).await?;
    page(&EditPage { t: Fields::of([("parent_id", query.0.get("parent"))]), ..shown })
}

/// Adds a unit.
///
/// # Errors
/// The use case's, but for faults of the form, which show it again.
pub async fn add(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let added = match read(&form) {
        Ok(unit) if unit.parent_id.is_none() => {
            Err(ServiceError::field("parent_id", "unit.parent_missing", "Choose the unit above; only the operator adds a root"))
        }
        Ok(unit) => unit::add(&app, &signed.caller, unit).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(unit) => Ok(see_other(&format!("/units/{}", unit.id))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, None).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, t: form, ..shown })
        }
    }
}

async fn managed(app: &App, signed: &Signed, id: &str) -> Result<Unit, Failure> {
    let id = read_id(id)?;
    signed.caller.reach(Act::ManageUnits)?;
    let found = unit::get(app, &signed.caller, id).await?;
    if unit::may(app, &signed.caller, Act::ManageUnits, id).await? { Ok(found) } else { Err(ServiceError::Forbidden.into()) }
}

/// The form of a unit as it is.
///
/// # Errors
/// Not found outside the caller's units, forbidden for who may not change it.
pub async fn edit(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let unit = managed(&app, &signed, &id).await?;
    page(&form_page(&req, &app, &signed, Some(&unit)).await?)
}

/// Changes a unit; another one above it moves it with everything below.
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
    let unit = managed(&app, &signed, &id).await?;
    let saved = async {
        let (version, wanted) = (read_version(&form)?, read(&form)?);
        unit::change(&app, &signed.caller, unit.id, version, wanted).await
    };
    match saved.await {
        Ok(saved) => Ok(see_other(&format!("/units/{}", saved.id))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, Some(&unit)).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, t: form, ..shown })
        }
    }
}
