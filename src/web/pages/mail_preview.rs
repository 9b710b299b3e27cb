//! Every message with made-up facts: for whoever writes texts, in debug builds, and for admins.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::mailbox::MAIL_POLICY;
use super::page;
use crate::app::App;
use crate::domain::locale::Locale;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum as _;
use crate::service::mail_preview::{MESSAGES, PreviewedMail, preview};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/mail_preview.html")]
struct PreviewPage {
    v: View,
    shown: &'static str,
    mails: Vec<PreviewedMail>,
}

/// # Errors
/// [`crate::service::ServiceError::Forbidden`] in a release build for all but admins.
fn allow(signed: &Signed) -> Result<(), Failure> {
    if !cfg!(debug_assertions) {
        signed.caller.reach(Act::ManageUsers)?;
    }
    Ok(())
}

/// One message in every language: its subject, its HTML in a frame of its own, its text.
///
/// # Errors
/// As [`allow`]; not found for a message that there is none of.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    allow(&signed)?;
    let v = View::of_user(&req, &signed);
    let wanted = query.0.filled("message").unwrap_or("task");
    let shown = MESSAGES.into_iter().find(|name| *name == wanted).ok_or(Failure::NoRoute)?;
    let mails = Locale::ALL.iter().map(|locale| preview(&app.config, shown, *locale, v.now)).collect::<Result<_, _>>()?;
    page(&PreviewPage { v, shown, mails })
}

/// A message's HTML, under a policy that lets it do nothing.
///
/// # Errors
/// As [`show`].
pub async fn html(app: web::Data<App>, signed: Signed, path: web::Path<(String, String)>) -> Result<HttpResponse, Failure> {
    allow(&signed)?;
    let (message, locale) = path.into_inner();
    let locale: Locale = locale.parse().map_err(|_| Failure::NoRoute)?;
    let mail = preview(&app.config, &message, locale, app.clock.now()).map_err(|_| Failure::NoRoute)?;
    let policy = (header::CONTENT_SECURITY_POLICY, MAIL_POLICY);
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(policy).body(mail.html))
}
