//! The consent that a member is asked for: its text in full, the accounts it is about, agree or not, one press each.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::view_of;
use crate::app::App;
use crate::domain::kind::ConsentKind;
use crate::service::consent::{self, ConsentPage};
use crate::service::task::first_name;
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::pages::{page, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/opt_in.html")]
struct OptInPage {
    v: View,
    name: String,
    refused: bool,
    own: String,
    consent: ConsentPage,
}

impl OptInPage {
    /// What agreeing means, in a few sentences.
    const fn means(&self) -> [&'static str; 4] {
        match self.consent.kind {
            ConsentKind::Participate => ["consent-means-mail", "consent-means-free", "consent-means-public", "consent-means-own"],
            ConsentKind::Operate => ["consent-means-mail", "consent-means-role", "consent-means-public", "consent-means-operate"],
        }
    }
}

/// The page; looking changes nothing.
///
/// # Errors
/// `consent.unknown`, `consent.text_changed`, `member.left`.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let consent = consent::view_by_token(&app, &token).await?;
    let name = first_name(&consent.member_name).to_owned();
    let (refused, own) = (consent.refused_at.is_some(), consent.own_token.clone());
    page(&OptInPage { v: view_of(&req, consent.locale, &consent.zone), name, refused, own, consent })
}

/// What the member pressed.
///
/// # Errors
/// As [`show`].
pub async fn act(req: HttpRequest, app: web::Data<App>, token: web::Path<String>, form: Fields) -> Result<HttpResponse, Failure> {
    match form.get("act") {
        "give" => consent::give(&app, &token).await?,
        "withdraw" => consent::withdraw(&app, &token).await?,
        _ => return Err(Failure::Malformed { code: "form.act", message: "The form says nothing that can be done".into() }),
    }
    Ok(see_other(req.path()))
}
