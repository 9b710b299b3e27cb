//! Signing in by a mailed link: asking for it, and the page behind it, whose button alone signs in.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{page, page_with, see_other, sign_in};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::session::{self, LinkView, SignInFailure};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{ClientIp, Fields};
use crate::web::faults::Faults;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/sign_in_ask.html")]
struct AskPage {
    v: View,
    email: String,
    faults: Faults,
    is_sent: bool,
}

#[derive(Template)]
#[template(path = "pages/sign_in_link.html")]
struct LinkPage {
    v: View,
    /// Who would be signed in; or why nobody is.
    link: Result<LinkView, String>,
}

/// The form; or, after it was sent, what happens next.
///
/// # Errors
/// None but our own faults.
pub async fn ask(req: HttpRequest, query: QueryFields) -> Result<HttpResponse, Failure> {
    let v = View::of_request(&req);
    page(&AskPage { v, email: String::new(), faults: Faults::default(), is_sent: query.0.is_set("sent") })
}

/// Mails a link, if somebody has the address; the answer does not tell.
///
/// # Errors
/// The database's failure.
pub async fn mail(req: HttpRequest, app: web::Data<App>, client: ClientIp, form: Fields) -> Result<HttpResponse, Failure> {
    let email = form.get("email").trim().to_owned();
    let again = |v: View, fault: String, status| {
        let faults = Faults::one("email", fault);
        page_with(status, &AskPage { v, email: email.clone(), faults, is_sent: false })
    };
    let v = View::of_request(&req);
    if !email.contains('@') {
        let fault = v.s("signlink-no-address");
        return again(v, fault, StatusCode::UNPROCESSABLE_ENTITY);
    }
    match session::mail_link(&app, &email, client.0).await {
        Ok(()) => Ok(see_other("/sign-in/link?sent=1")),
        Err(SignInFailure::Limited { retry_after_s }) => {
            let fault = v.a("sign-in-limited", "seconds", retry_after_s);
            let mut answer = again(v, fault, StatusCode::TOO_MANY_REQUESTS)?;
            answer.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
            Ok(answer)
        }
        Err(other) => Err(other.into()),
    }
}

/// The page with the button. Opening it uses nothing: mail programs open every link.
///
/// # Errors
/// The database's failure.
pub async fn show(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let found = session::look_at_link(&app, &token).await;
    answer(&req, found.map(|link| (StatusCode::OK, Ok(link))))
}

/// Signs in and uses the link up.
///
/// # Errors
/// The database's failure.
pub async fn sign_in(req: HttpRequest, app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    match session::use_link(&app, &token).await {
        Ok(opened) => sign_in::enter(&req, &app, opened, "/").await,
        Err(error) => answer(&req, Err(error)),
    }
}

type Shown = (StatusCode, Result<LinkView, String>);

/// The link's page, also for a link that signs nobody in: it says why and offers a new one.
fn answer(req: &HttpRequest, found: Result<Shown, ServiceError>) -> Result<HttpResponse, Failure> {
    let v = View::of_request(req);
    let (status, link) = match found {
        Ok(shown) => shown,
        Err(ServiceError::Refused { code, message }) => {
            let why = v.refusal(code, &message);
            (Failure::from(ServiceError::Refused { code, message }).outcome().status, Err(why))
        }
        Err(other) => return Err(other.into()),
    };
    page_with(status, &LinkPage { v, link })
}
