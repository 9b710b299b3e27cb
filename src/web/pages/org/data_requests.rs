//! The desk for what people ask about their data: what waits with its clock, what came by letter, one request and its answer.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};

use super::{read_id, refused};
use crate::app::App;
use crate::domain::data_request::{ClockStanding, RequestKind, RequestState};
use crate::domain::id::{DataRequestId, MemberId};
use crate::domain::text_enum::TextEnum;
use crate::domain::zone::resolve_local;
use crate::service::data_request::{self, Answer, DataRequest, Filing, NamedIn, Wish};
use crate::service::member::{self, Member};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/data_requests.html")]
struct ListPage {
    v: View,
    open: Vec<DataRequest>,
    answered: Vec<DataRequest>,
    overdue: i64,
    now: DateTime<Utc>,
}

impl ListPage {
    #[allow(clippy::unused_self)] // A template reaches it by the page.
    fn colour(&self, clock: &ClockStanding) -> &'static str {
        colour(*clock)
    }
}

#[derive(Template)]
#[template(path = "pages/data_request_new.html")]
struct NewPage {
    v: View,
    f: Faults,
    t: Fields,
    m: Member,
}

impl NewPage {
    fn is(&self, kind: &RequestKind) -> bool {
        self.t.get("kind") == kind.as_str()
    }
}

#[derive(Template)]
#[template(path = "pages/data_request.html")]
struct ShowPage {
    v: View,
    f: Faults,
    t: Fields,
    r: DataRequest,
    named: Vec<NamedIn>,
    now: DateTime<Utc>,
    backup_days: i64,
}

impl ShowPage {
    #[allow(clippy::unused_self)] // A template reaches it by the page.
    fn colour(&self, clock: &ClockStanding) -> &'static str {
        colour(*clock)
    }
    /// What stands in a field: what was typed, or what the person wishes.
    fn put(&self, field: &str) -> &str {
        match (self.t.filled(field), field) {
            (Some(typed), _) => typed,
            (None, "name") => &self.r.wish.name,
            (None, "email") => &self.r.wish.email,
            (None, "zone") => &self.r.wish.zone,
            _ => "",
        }
    }
}

/// The tag's colour for a clock.
const fn colour(clock: ClockStanding) -> &'static str {
    match clock {
        ClockStanding::Running | ClockStanding::Kept => "live",
        ClockStanding::Soon => "wait",
        ClockStanding::Overdue | ClockStanding::Late => "stop",
    }
}

/// The list: what waits, the most urgent first; and what was answered last.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who answers none.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    let open = data_request::list(&app, &signed.caller, false).await?;
    let answered = data_request::list(&app, &signed.caller, true).await?;
    let overdue = open.iter().filter(|r| r.clock == ClockStanding::Overdue).count();
    let overdue = i64::try_from(overdue).unwrap_or(i64::MAX);
    page(&ListPage { v: View::of_user(&req, &signed), open, answered, overdue, now: app.clock.now() })
}

/// The form for what came by letter, by telephone or in person.
///
/// # Errors
/// Not found for a member outside the caller's units.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let m = member::kept(&app, &signed.caller, read_id(query.0.get("member"))?).await?;
    page(&NewPage { v: View::of_user(&req, &signed), f: Faults::default(), t: Fields::default(), m })
}

fn wish_of(form: &Fields) -> Wish {
    let text = |field| form.get(field).to_owned();
    Wish { name: text("name"), email: text("email"), zone: text("zone"), words: text("words") }
}

/// Puts it on file.
///
/// # Errors
/// As [`new`]; faults and refusals show the form again.
pub async fn file(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let member_id: MemberId = read_id(form.get("member"))?;
    let v = View::of_user(&req, &signed);
    let zone = v.zone;
    let came = form.filled("came_at").map(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"));
    let filed = match (RequestKind::parse(form.get("kind")), came.transpose()) {
        (Ok(kind), Ok(came)) => {
            let came_at = came.map(|local| resolve_local(local, zone));
            data_request::file(&app, &signed.caller, Filing { member_id, kind, wish: wish_of(&form), came_at }).await
        }
        (kind, came) => {
            let mut faults = Vec::new();
            if kind.is_err() {
                faults.push(FieldError::new("kind", "request.kind", "Choose what you ask for"));
            }
            if came.is_err() {
                let problem = "Give the time at which the request came: within the last 30 days";
                faults.push(FieldError::new("came_at", "request.came_at", problem));
            }
            Err(ServiceError::Invalid(faults))
        }
    };
    match filed {
        Ok(r) => Ok(see_other(&format!("/data-requests/{}", r.id))),
        Err(error) => {
            let m = member::kept(&app, &signed.caller, member_id).await?;
            let (status, f) = refused(&v, error)?;
            page_with(status, &NewPage { v, f, t: form, m })
        }
    }
}

async fn show_page(req: &HttpRequest, app: &App, signed: &Signed, id: DataRequestId) -> Result<ShowPage, Failure> {
    let (r, named) = data_request::show(app, &signed.caller, id).await?;
    Ok(ShowPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t: Fields::default(),
        r,
        named,
        now: app.clock.now(),
        backup_days: app.config.privacy.backup_days.into(),
    })
}

/// One request.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    page(&show_page(&req, &app, &signed, read_id(&id)?).await?)
}

/// Answers it.
///
/// # Errors
/// As [`show`]; faults and refusals show the page again.
pub async fn answer(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let id: DataRequestId = read_id(&id)?;
    let shown = show_page(&req, &app, &signed, id).await?;
    let sure = shown.r.kind != RequestKind::Erase || form.get("sure") == "yes";
    let answer = match form.get("act") {
        "grant" if sure => Ok(Answer::Grant(wish_of(&form))),
        "grant" => Err(ServiceError::field("sure", "request.sure", "Tick that you have read what will happen")),
        "refuse" => Ok(Answer::Refuse(form.get("reason").to_owned())),
        _ => Err(ServiceError::field("", "form.act", "This form does not say what to do")),
    };
    let done = match answer {
        Ok(answer) => data_request::answer(&app, &signed.caller, id, answer).await.map(drop),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/data-requests/{id}"))),
        Err(error) => {
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &ShowPage { f, t: form, ..shown })
        }
    }
}

/// Everything that is held about the person, as a JSON file: what the person gets by their own page.
///
/// # Errors
/// As [`show`]; `request.erased`.
pub async fn data(app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let data = data_request::data_of(&app, &signed.caller, read_id(&id)?).await?;
    let json = serde_json::to_string_pretty(&data).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"gaung-data-{}.json\"", data.made_at.format("%Y-%m-%d"));
    Ok(HttpResponse::Ok().content_type("application/json").insert_header((header::CONTENT_DISPOSITION, name)).body(json))
}
