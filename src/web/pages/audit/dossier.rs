//! A campaign's dossier: one page to read or print, and an archive to take away.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::send;
use crate::app::App;
use crate::domain::id::CampaignId;
use crate::service::ServiceError;
use crate::service::dossier::{self, Dossier, POSTS, Texts};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::log::words;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/dossier.html")]
struct DossierPage {
    v: View,
    d: Dossier,
}

#[derive(Template)]
#[template(path = "pages/dossier_file.html")]
struct DossierFile {
    v: View,
    d: Dossier,
}

#[derive(Template)]
#[template(path = "pages/dossier_readme.txt")]
struct Readme<'a> {
    v: &'a View,
    d: &'a Dossier,
}

/// The page.
///
/// # Errors
/// Not found outside the reader's reach, forbidden for who may not read the log.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: CampaignId = id.parse().map_err(|_| Failure::NoRoute)?;
    let d = dossier::read(&app, &signed.caller, id).await?;
    page(&DossierPage { v: View::of_user(&req, &signed), d })
}

/// The archive.
///
/// # Errors
/// As [`show`].
pub async fn zip(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: CampaignId = id.parse().map_err(|_| Failure::NoRoute)?;
    let d = dossier::read(&app, &signed.caller, id).await?;
    let v = View::of_user(&req, &signed);
    let failed = |error: askama::Error| ServiceError::Internal(error.to_string());
    let readme = Readme { v: &v, d: &d }.render().map_err(failed)?;
    let name = format!("gaung-{}.zip", d.campaign.slug);
    let html = DossierFile { v, d }.render().map_err(failed)?;
    let file = dossier::archive(&app, &signed.caller, id, Texts { page: html, readme }).await?;
    send::file(file, &name, "application/zip")
}
