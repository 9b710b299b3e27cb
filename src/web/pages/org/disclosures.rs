//! Disclosures: filing one, and what waits for a second person to look, confirm or reject.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use super::account_edit::kept;
use super::{address, read_id, refused};
use crate::app::App;
use crate::domain::account::{AccountState, disclosure_lapses_at};
use crate::domain::id::DisclosureId;
use crate::service::ServiceError;
use crate::service::account::Account;
use crate::service::disclosure::{self, Filed};
use crate::service::page::PageRequest;
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_disclose.html")]
struct FilePage {
    v: View,
    f: Faults,
    t: Fields,
    a: Account,
}

#[derive(Template)]
#[template(path = "pages/org_disclosures.html")]
struct WaitingPage {
    v: View,
    waiting: Vec<Filed>,
    done: String,
    next_url: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/org_disclosure.html")]
struct CheckPage {
    v: View,
    f: Faults,
    note: String,
    d: Filed,
    until: DateTime<Utc>,
}

async fn file_page(req: &HttpRequest, app: &App, signed: &Signed, id: &str) -> Result<FilePage, Failure> {
    let a = kept(app, signed, id).await?.listed.account;
    if a.state == AccountState::Retired {
        return Err(ServiceError::from(crate::domain::account::AccountRefusal::Retired).into());
    }
    Ok(FilePage { v: View::of_user(req, signed), f: Faults::default(), t: Fields::default(), a })
}

/// The form to file one.
///
/// # Errors
/// Not found outside the caller's units; refused for a retired account.
pub async fn new(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    page(&file_page(&req, &app, &signed, &id).await?)
}

/// Files it.
///
/// # Errors
/// As [`new`]; faults show the form again.
pub async fn file(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let shown = file_page(&req, &app, &signed, &id).await?;
    let text = |name: &str| form.get(name).to_owned();
    match disclosure::file(&app, &signed.caller, shown.a.id, text("statement"), text("url")).await {
        Ok(filed) => Ok(see_other(&format!("/accounts/{}?done=filed", filed.account_id))),
        Err(error) => {
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &FilePage { f, t: form, ..shown })
        }
    }
}

/// What waits for the caller.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who confirms none.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let wanted = PageRequest { after: query.0.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = disclosure::waiting(&app, &signed.caller, wanted).await?;
    let next_url = found.next.map(|after| address("/disclosures", &query.0, &[], &after));
    let done = query.0.filled("done").filter(|word| ["confirm", "reject"].contains(word)).unwrap_or_default().to_owned();
    page(&WaitingPage { v: View::of_user(&req, &signed), waiting: found.items, done, next_url })
}

async fn check_page(req: &HttpRequest, app: &App, signed: &Signed, id: DisclosureId) -> Result<CheckPage, Failure> {
    let d = disclosure::to_check(app, &signed.caller, id).await?;
    let until = disclosure_lapses_at(app.clock.now(), app.config.disclosure.valid_months);
    Ok(CheckPage { v: View::of_user(req, signed), f: Faults::default(), note: String::new(), d, until })
}

/// One, with what to look at before it is confirmed or rejected.
///
/// # Errors
/// Not found outside the caller's units; refused where it has been settled.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    page(&check_page(&req, &app, &signed, read_id(&id)?).await?)
}

/// Confirms or rejects it.
///
/// # Errors
/// As [`show`]; a missing note and a refusal show the page again.
pub async fn settle(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let shown = check_page(&req, &app, &signed, read_id(&id)?).await?;
    let id = shown.d.told.disclosure.id;
    let note = form.get("note").to_owned();
    let (act, settled) = match form.get("act") {
        "confirm" => ("confirm", disclosure::confirm(&app, &signed.caller, id).await),
        "reject" => ("reject", disclosure::reject(&app, &signed.caller, id, note.clone()).await),
        _ => {
            let f = Faults::one("", shown.v.refusal("form.act", "This form does not say what to do"));
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &CheckPage { f, note, ..shown });
        }
    };
    match settled {
        Ok(_) => Ok(see_other(&format!("/disclosures?done={act}"))),
        Err(error) => {
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &CheckPage { f, note, ..shown })
        }
    }
}
