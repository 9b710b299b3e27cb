//! Signing in and out. The form keeps the address that was typed, never the password.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{page_with, see_other};
use crate::app::App;
use crate::service::session::{self, Opened, SignInFailure};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::signed::safe_next;
use crate::web::extract::{ClientIp, Fields, session_cookie_name};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    v: View,
    next: String,
    email: String,
    problem: Option<String>,
}

/// The form.
///
/// # Errors
/// None but our own faults.
pub async fn show(req: HttpRequest, query: QueryFields) -> Result<HttpResponse, Failure> {
    let next = safe_next(query.0.get("next")).to_owned();
    let page = SignInPage { v: View::of_request(&req), next, email: String::new(), problem: None };
    page_with(StatusCode::OK, &page)
}

/// Opens a session in place of the one before.
///
/// # Errors
/// The database's failure; wrong input shows the form again.
pub async fn sign_in(req: HttpRequest, app: web::Data<App>, client: ClientIp, form: Fields) -> Result<HttpResponse, Failure> {
    let (email, next) = (form.get("email").trim().to_owned(), safe_next(form.get("next")).to_owned());
    let opened = match session::sign_in(&app, &email, form.get("password").to_owned(), client.0).await {
        Ok(opened) => opened,
        Err(SignInFailure::Service(error)) => return Err(error.into()),
        Err(failure) => {
            let v = View::of_request(&req);
            let (status, problem, wait) = match failure {
                SignInFailure::Limited { retry_after_s } => {
                    let problem = v.a("sign-in-limited", "seconds", retry_after_s);
                    (StatusCode::TOO_MANY_REQUESTS, problem, Some(retry_after_s))
                }
                _ => (StatusCode::UNPROCESSABLE_ENTITY, v.s("sign-in-wrong"), None),
            };
            let mut answer = page_with(status, &SignInPage { v, next, email, problem: Some(problem) })?;
            if let Some(seconds) = wait {
                answer.headers_mut().insert(actix_web::http::header::RETRY_AFTER, seconds.into());
            }
            return Ok(answer);
        }
    };
    enter(&req, &app, opened, &next).await
}

/// Puts a session that was just opened in place of the browser's one before, and goes on.
///
/// # Errors
/// The database's failure.
pub(super) async fn enter(req: &HttpRequest, app: &App, opened: Opened, next: &str) -> Result<HttpResponse, Failure> {
    if let Some(before) = req.cookie(session_cookie_name(app)) {
        session::sign_out(app, before.value()).await?;
    }
    let longest = Duration::hours(app.config.session.absolute_h.into());
    let mut answer = see_other(next);
    set_cookie(&mut answer, app, opened.token, longest)?;
    Ok(answer)
}

/// Ends the session.
///
/// # Errors
/// The database's failure.
pub async fn sign_out(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Failure> {
    if let Some(cookie) = req.cookie(session_cookie_name(&app)) {
        session::sign_out(&app, cookie.value()).await?;
    }
    let mut answer = see_other("/sign-in");
    set_cookie(&mut answer, &app, String::new(), Duration::ZERO)?;
    Ok(answer)
}

fn set_cookie(answer: &mut HttpResponse, app: &App, value: String, age: Duration) -> Result<(), Failure> {
    let is_https = app.config.institution.base_url.starts_with("https://");
    // Lax: a link in a mail to an approver must find the session.
    let cookie = Cookie::build(session_cookie_name(app), value).path("/").http_only(true).secure(is_https);
    let cookie = cookie.same_site(SameSite::Lax).max_age(age).finish();
    answer.add_cookie(&cookie).map_err(|error| crate::service::ServiceError::Internal(error.to_string()).into())
}
