//! A member's rights: see, take away, correct, withdraw, be erased; and the mailed link that confirms an erasure.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::data_request::{RequestKind, RequestState};
use crate::domain::text_enum::TextEnum;
use crate::service::ServiceError;
use crate::service::data_request::Wish;
use crate::service::task::{self, Confirmed, DataQuestion, MyRequest, RightsForm};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::extract::body::QueryFields;
use crate::web::faults::Faults;
use crate::web::pages::org::refused;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/my_rights.html")]
struct RightsPage {
    v: View,
    f: Faults,
    t: Fields,
    token: String,
    nonce: String,
    requests: Vec<MyRequest>,
    done: &'static str,
    backup_days: i64,
}

#[derive(Template)]
#[template(path = "pages/erase_confirm.html")]
struct ConfirmPage {
    v: View,
    q: DataQuestion,
    done: Option<Confirmed>,
}

async fn rights_page(req: &HttpRequest, app: &App, token: String, query: &Fields) -> Result<RightsPage, Failure> {
    let data = task::my_data(app, &token).await?;
    let nonce = task::settings(app, &token).await?.nonce;
    let done = ["correct", "erase"].into_iter().find(|word| *word == query.get("done")).unwrap_or_default();
    Ok(RightsPage {
        v: view_of(req, data.profile.locale, &data.profile.zone),
        f: Faults::default(),
        t: Fields::default(),
        token,
        nonce,
        requests: data.requests,
        done,
        backup_days: app.config.privacy.backup_days.into(),
    })
}

/// The page.
///
/// # Errors
/// `link.*` for a link that does not open it.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    token: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    page(&rights_page(&req, &app, token.into_inner(), &query.0).await?)
}

/// Puts a request on file; faults and refusals show the page again.
///
/// # Errors
/// `link.*`, `form.not_from_page`.
pub async fn ask(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    let kind = RequestKind::parse(form.get("kind")).ok();
    let text = |field| form.get(field).to_owned();
    let wish = Wish { name: text("name"), email: text("email"), zone: text("zone"), words: text("words") };
    match task::ask_right(&app, &token, RightsForm { kind, wish, nonce: text("nonce") }).await {
        Ok(_) => Ok(see_other(&format!("{}?done={}", req.path(), form.get("kind")))),
        Err(error @ (ServiceError::Invalid(_) | ServiceError::Refused { code: "request.waiting", .. })) => {
            let shown = rights_page(&req, &app, token.into_inner(), &Fields::default()).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &RightsPage { f, t: form, ..shown })
        }
        Err(error) => Err(error.into()),
    }
}

/// What the mailed link shows; looking changes nothing.
///
/// # Errors
/// `link.*`, `request.unknown`.
pub async fn question(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let q = task::data_question(&app, &token).await?;
    page(&ConfirmPage { v: view_of(&req, q.locale, &q.zone), q, done: None })
}

/// Confirms: the person is erased, and this page is the last that they see.
///
/// # Errors
/// As [`question`].
pub async fn confirm(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let q = task::data_question(&app, &token).await?;
    let v = view_of(&req, q.locale, &q.zone);
    let done = task::confirm_right(&app, &token).await?;
    page(&ConfirmPage { v, q, done: Some(done) })
}
