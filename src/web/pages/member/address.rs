//! A member's new address: asked for on their settings page, confirmed by the link that its reader got.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{settings, view_of};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::address_change::{self, AddressQuestion};
use crate::service::task;
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/address_confirm.html")]
struct ConfirmPage {
    v: View,
    q: AddressQuestion,
    done: bool,
}

/// Asks for another address; faults show the settings again with what was typed.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`.
pub async fn ask(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    match task::ask_address(&app, &token, form.get("email"), form.get("nonce")).await {
        Ok(()) => Ok(see_other(&format!("/m/{token}/settings?address=1#address"))),
        Err(ServiceError::Invalid(errors)) => {
            let mut shown = settings::stored_page(&req, &app, token.into_inner()).await?;
            shown.faults = Faults::new(&shown.v, &errors);
            shown.typed_email = form.get("email").to_owned();
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        Err(error) => Err(error.into()),
    }
}

/// What the mailed link shows; looking changes nothing.
///
/// # Errors
/// `link.*`, `address.unknown`.
pub async fn question(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let q = address_change::question(&app, &token).await?;
    page(&ConfirmPage { v: view_of(&req, q.locale, &q.zone), q, done: false })
}

/// Confirms: the new address is on file.
///
/// # Errors
/// As [`question`]; `address.taken`.
pub async fn confirm(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let q = address_change::question(&app, &token).await?;
    address_change::confirm(&app, &token).await?;
    page(&ConfirmPage { v: view_of(&req, q.locale, &q.zone), q, done: true })
}
