//! Neutrality: the accounts of candidates and parties at which no task points, and the election calendar.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{read_id, refused};
use crate::app::App;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum;
use crate::domain::zone::{resolve_local, zone_label};
use crate::service::neutrality::{self, BlockedTarget, Freeze};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_neutrality.html")]
struct NeutralityPage {
    v: View,
    f: Faults,
    t: Fields,
    zone: String,
    blocked: Vec<BlockedTarget>,
    freezes: Vec<Freeze>,
    /// Whether the reader keeps the list and the calendar.
    keeps: bool,
    done: String,
}

impl NeutralityPage {
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
    fn phase(&self, freeze: &Freeze) -> &'static str {
        match (freeze.starts_at <= self.v.now, freeze.ends_at <= self.v.now) {
            (_, true) => "over",
            (true, _) => "now",
            _ => "coming",
        }
    }
}

async fn shown(req: &HttpRequest, app: &App, signed: &Signed) -> Result<NeutralityPage, Failure> {
    let v = View::of_user(req, signed);
    Ok(NeutralityPage {
        f: Faults::default(),
        t: Fields::default(),
        zone: zone_label(v.zone, v.now),
        blocked: neutrality::list_blocked(app, &signed.caller).await?,
        freezes: neutrality::list_freezes(app, &signed.caller).await?,
        keeps: neutrality::keeps(app, &signed.caller).await?,
        done: String::new(),
        v,
    })
}

/// The list and the calendar.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who sees no campaigns.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let known = |word: &&str| ["block", "unblock", "freeze"].contains(word);
    let done = query.0.filled("done").filter(known).unwrap_or_default().to_owned();
    page(&NeutralityPage { done, ..shown(&req, &app, &signed).await? })
}

/// A time as a browser's field gives it, on the reader's wall.
fn instant(form: &Fields, field: &str, zone: Tz, faults: &mut Vec<FieldError>) -> Option<DateTime<Utc>> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let text = form.get(field).trim();
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    if local.is_none() {
        faults.push(FieldError::new(field, "freeze.time_missing", "Give a date and a time"));
    }
    local.map(|local| resolve_local(local, zone))
}

async fn perform(app: &App, signed: &Signed, form: &Fields, zone: Tz) -> Result<&'static str, ServiceError> {
    let (caller, text) = (&signed.caller, |name: &str| form.get(name).to_owned());
    match form.get("act") {
        "block" => {
            let missing = || ServiceError::field("platform", "account.platform_missing", "Choose where the account lives");
            let platform = Platform::parse(form.get("platform")).map_err(|_| missing())?;
            neutrality::block(app, caller, platform, text("handle"), text("label")).await.map(|_| "block")
        }
        "unblock" => {
            let id = form.get("id").parse().map_err(|_| ServiceError::NotFound("it"))?;
            neutrality::unblock(app, caller, id).await.map(|()| "unblock")
        }
        "freeze" => {
            let mut faults = Vec::new();
            let starts = instant(form, "starts_at", zone, &mut faults);
            let ends = instant(form, "ends_at", zone, &mut faults);
            let Some((starts, ends)) = starts.zip(ends) else { return Err(ServiceError::Invalid(faults)) };
            match neutrality::add_freeze(app, caller, text("freeze_label"), starts, ends).await {
                // On this page another form has a label too.
                Err(ServiceError::Invalid(mut faults)) => {
                    faults.iter_mut().filter(|f| f.field == "label").for_each(|f| f.field = "freeze_label".into());
                    Err(ServiceError::Invalid(faults))
                }
                other => other.map(|_| "freeze"),
            }
        }
        _ => Err(ServiceError::field("", "form.act", "This form does not say what to do")),
    }
}

/// Puts an account on the list, takes one off, or adds a freeze.
///
/// # Errors
/// The use case's, but for faults of a form, which show it again.
pub async fn act(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let shown = shown(&req, &app, &signed).await?;
    match perform(&app, &signed, &form, shown.v.zone).await {
        Ok(done) => Ok(see_other(&format!("/neutrality?done={done}"))),
        Err(error) => {
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &NeutralityPage { f, t: form, ..shown })
        }
    }
}

#[derive(Template)]
#[template(path = "pages/org_unblock.html")]
struct UnblockPage {
    v: View,
    b: BlockedTarget,
}

/// Says what taking an account off the list means.
///
/// # Errors
/// Not found for one that is not on it; forbidden for who does not keep the list.
pub async fn ask(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    if !neutrality::keeps(&app, &signed.caller).await? {
        return Err(ServiceError::Forbidden.into());
    }
    let id = read_id(&id)?;
    let found = neutrality::list_blocked(&app, &signed.caller).await?.into_iter().find(|target| target.id == id);
    let b = found.ok_or(ServiceError::NotFound("it"))?;
    page(&UnblockPage { v: View::of_user(&req, &signed), b })
}
