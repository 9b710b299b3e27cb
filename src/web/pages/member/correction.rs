//! A correction's page: what was wrong, what the member published, and two buttons to say that it is fixed or gone.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::service::task::{self, Answered, CorrectionSheet};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::extract::body::QueryFields;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/correction.html")]
struct CorrectionPage {
    v: View,
    c: CorrectionSheet,
    /// Whether the last press came too soon to be a person's.
    again: bool,
    /// Whether an answer that stands is to be changed.
    anew: bool,
}

/// The page; looking changes nothing.
///
/// # Errors
/// `link.*` for a link that opens nothing.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    token: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let c = task::correction_sheet(&app, &token).await?;
    let v = view_of(&req, c.locale, &c.zone);
    page(&CorrectionPage { v, c, again: query.0.get("again") == "1", anew: query.0.get("anew") == "1" })
}

/// What the member pressed.
///
/// # Errors
/// `link.*`, `form.*`, `correction.*` as pages of their own.
pub async fn act(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    let unknown = || Failure::Malformed { code: "form.act", message: "The form says nothing that can be done".into() };
    let answer = form.get("answer").parse().map_err(|_| unknown())?;
    let there = match task::answer_correction(&app, &token, answer, form.get("nonce")).await? {
        Answered::Recorded => req.path().to_owned(),
        Answered::PressAgain => format!("{}?again=1", req.path()),
    };
    Ok(see_other(&there))
}
