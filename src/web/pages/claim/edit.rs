//! Putting a claim on file and changing it: one form. What was typed is kept whatever goes wrong; who was slower sees what stands now.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;
use chrono_tz::Tz;

use crate::app::App;
use crate::domain::id::{ClaimId, UserId};
use crate::domain::role::Act;
use crate::domain::zone::resolve_local;
use crate::service::claim::{self, Claim, ClaimForm};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::org::{UnitChoice, choices, read_id, read_version, refused};
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

/// How a browser's control writes a time.
const LOCAL: &str = "%Y-%m-%dT%H:%M";

#[derive(Template)]
#[template(path = "pages/claim_edit.html")]
struct EditPage {
    v: View,
    f: Faults,
    t: Fields,
    id: Option<ClaimId>,
    /// The claim as it stands, where somebody else changed it meanwhile.
    now: Option<Claim>,
    units: Vec<UnitChoice>,
    users: Vec<(UserId, String)>,
}

impl EditPage {
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
}

fn typed(c: &Claim, zone: Tz) -> Fields {
    let text = |id: Option<String>| id.unwrap_or_default();
    Fields::of([
        ("unit_id", c.unit_id.to_string()),
        ("claim", c.claim.clone()),
        ("seen_url", text(c.seen_url.clone())),
        ("seen_at", text(c.seen_at.map(|at| at.with_timezone(&zone).format(LOCAL).to_string()))),
        ("fact", c.fact.clone()),
        ("source_url", c.source_url.clone()),
        ("answer_unit_id", text(c.answer_unit_id.map(|id| id.to_string()))),
        ("answer_user_id", text(c.answer_user_id.map(|id| id.to_string()))),
        ("version", c.version.to_string()),
    ])
}

/// The form as the use case takes it; `kept` is the time that is on file, which a control shows without its seconds.
fn read(form: &Fields, zone: Tz, kept: Option<&Claim>) -> Result<ClaimForm, ServiceError> {
    let mut faults = Vec::new();
    let unit_id = form.get("unit_id").parse().ok();
    if unit_id.is_none() {
        faults.push(FieldError::new("unit_id", "unit.missing", "Choose a unit"));
    }
    let seen = form.filled("seen_at").map(|text| {
        let as_shown = kept.and_then(|c| c.seen_at).filter(|at| at.with_timezone(&zone).format(LOCAL).to_string() == text);
        as_shown.or_else(|| NaiveDateTime::parse_from_str(text, LOCAL).ok().map(|local| resolve_local(local, zone)))
    });
    if seen.is_some_and(|at| at.is_none()) {
        faults.push(FieldError::new("seen_at", "claim.seen_at", "Give the day and the time at which it was seen"));
    }
    let chosen = |field: &str| form.filled(field).map(str::to_owned);
    let text = |field: &str| form.get(field).to_owned();
    match unit_id.filter(|_| faults.is_empty()) {
        None => Err(ServiceError::Invalid(faults)),
        Some(unit_id) => Ok(ClaimForm {
            unit_id,
            claim: text("claim"),
            seen_url: text("seen_url"),
            seen_at: seen.flatten(),
            fact: text("fact"),
            source_url: text("source_url"),
            answer_unit_id: chosen("answer_unit_id").and_then(|id| id.parse().ok()),
            answer_user_id: chosen("answer_user_id").and_then(|id| id.parse().ok()),
        }),
    }
}

async fn form_page(req: &HttpRequest, app: &App, signed: &Signed, id: Option<ClaimId>, t: Fields) -> Result<EditPage, Failure> {
    Ok(EditPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t,
        id,
        now: None,
        units: choices(app, signed, Act::RunCampaigns).await?,
        users: claim::answerers(app, &signed.caller).await?,
    })
}

/// An empty form; `?seen_url=` says where it was seen.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who runs no campaigns.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let mut shown = form_page(&req, &app, &signed, None, Fields::default()).await?;
    // Most leads have one place: it is chosen for them.
    let unit = shown.units.first().map(|unit| unit.id.clone()).unwrap_or_default();
    shown.t = Fields::of([("seen_url", query.0.get("seen_url").to_owned()), ("unit_id", unit)]);
    page(&shown)
}

/// Puts it on file.
///
/// # Errors
/// As [`new`]; faults show the form again.
pub async fn file(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let filed = match read(&form, View::of_user(&req, &signed).zone, None) {
        Ok(wanted) => claim::file(&app, &signed.caller, wanted).await,
        Err(error) => Err(error),
    };
    match filed {
        Ok(made) => Ok(see_other(&format!("/claims/{}?done=filed", made.id))),
        Err(error) => {
            let shown = form_page(&req, &app, &signed, None, form).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, ..shown })
        }
    }
}

/// The form with the claim as it stands.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn edit(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let stands = claim::get(&app, &signed.caller, read_id(&id)?).await?;
    let t = typed(&stands, View::of_user(&req, &signed).zone);
    page(&form_page(&req, &app, &signed, Some(stands.id), t).await?)
}

/// Keeps what was typed.
///
/// # Errors
/// As [`edit`]; faults, refusals and a newer version show the form again.
pub async fn save(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let stands = claim::get(&app, &signed.caller, read_id(&id)?).await?;
    let zone = View::of_user(&req, &signed).zone;
    let saved = match (read(&form, zone, Some(&stands)), read_version(&form)) {
        (Ok(wanted), Ok(version)) => claim::change(&app, &signed.caller, stands.id, version, wanted).await,
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match saved {
        Ok(saved) => Ok(see_other(&format!("/claims/{}?done=saved", saved.id))),
        Err(ServiceError::Conflict(message)) => {
            // What was typed stays; it then is of the version that stands, so that saving again is a decision.
            let stands = claim::get(&app, &signed.caller, stands.id).await?;
            let others = form.iter().filter(|(name, _)| name != "version").cloned();
            let t = Fields::of(others.chain([("version".to_owned(), stands.version.to_string())]));
            let shown = form_page(&req, &app, &signed, Some(stands.id), t).await?;
            let f = Faults::one("", shown.v.refusal("conflict", &message));
            page_with(StatusCode::CONFLICT, &EditPage { f, now: Some(stands), ..shown })
        }
        Err(error) => {
            let shown = form_page(&req, &app, &signed, Some(stands.id), form).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &EditPage { f, ..shown })
        }
    }
}
