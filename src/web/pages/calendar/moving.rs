//! Moving a wave by a form, which the drag fills in too: what it changes is said first where it takes something back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::service::ServiceError;
use crate::service::calendar::{self, Moving, Target, Wanted};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/calendar_move.html")]
struct MovePage {
    v: View,
    moving: Moving,
    local: String,
    zone: String,
    faults: Faults,
    /// Somebody changed the campaign meanwhile.
    is_stale: bool,
}

#[derive(Template)]
#[template(path = "pages/calendar_check.html")]
struct CheckPage {
    v: View,
    moving: Moving,
    target: Target,
    local: String,
}

fn wanted(form: &Fields) -> Result<Wanted, Failure> {
    Ok(Wanted {
        campaign_id: form.get("campaign").parse().map_err(|_| Failure::NoRoute)?,
        wave_id: form.get("wave").parse().map_err(|_| Failure::NoRoute)?,
        version: form.get("version").parse().unwrap_or_default(),
        local: form.get("local").to_owned(),
        zone: form.get("zone").to_owned(),
    })
}

/// The form.
///
/// # Errors
/// Not found for what is no wave in reach; `calendar.not_fixed`, `campaign.not_editable`.
pub async fn ask(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let wanted = wanted(&query.0)?;
    let moving = calendar::look(&app, &signed.caller, wanted.campaign_id, wanted.wave_id).await?;
    let (local, zone) = (moving.local.format("%Y-%m-%dT%H:%M").to_string(), moving.zone.clone());
    let v = View::of_user(&req, &signed);
    page_with(StatusCode::OK, &MovePage { v, moving, local, zone, faults: Faults::default(), is_stale: false })
}

/// Moves it; or shows once more what that takes back; or the form again with everything that was typed.
///
/// # Errors
/// As [`ask`].
pub async fn perform(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let wanted = wanted(&form)?;
    let moving = calendar::look(&app, &signed.caller, wanted.campaign_id, wanted.wave_id).await?;
    let v = View::of_user(&req, &signed);
    let (local, zone) = (wanted.local.clone(), wanted.zone.clone());
    let stale = moving.version != wanted.version;
    let target = match calendar::target(&app, &wanted).await {
        Ok(target) if !stale => target,
        Ok(_) => return again(v, moving, (local, zone), Faults::default()),
        Err(ServiceError::Invalid(errors)) => {
            let faults = Faults::new(&v, &errors);
            return again(v, moving, (local, zone), faults);
        }
        Err(error) => return Err(error.into()),
    };
    if (moving.voids() || target.freeze.is_some()) && !form.is_set("sure") {
        return page_with(StatusCode::OK, &CheckPage { v, moving, target, local });
    }
    match calendar::move_wave(&app, &signed.caller, wanted).await {
        Ok(moved) => Ok(see_other(&back(&v, &moved))),
        Err(ServiceError::Conflict(_)) => again(v, moving, (local, zone), Faults::default()),
        Err(error) => Err(error.into()),
    }
}

/// The form once more: with faults, or, without any, because somebody else changed the campaign.
fn again(v: View, moving: Moving, (local, zone): (String, String), faults: Faults) -> Result<HttpResponse, Failure> {
    let is_stale = faults.is_empty();
    let status = if is_stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &MovePage { v, moving, local, zone, faults, is_stale })
}

/// The month of the new time, with what it takes to move the wave back.
fn back(v: &View, moved: &calendar::Moved) -> String {
    let month = moved.at.with_timezone(&v.zone).format("%Y-%m");
    let before = &moved.before;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("month", &month.to_string());
    query.append_pair("moved", &before.campaign_id.to_string()).append_pair("wave", &before.wave_id.to_string());
    query.append_pair("local", &before.local.format("%Y-%m-%dT%H:%M").to_string()).append_pair("zone", &before.zone);
    if before.voids() {
        query.append_pair("voided", "1");
    }
    format!("/calendar?{}", query.finish())
}
