//! Turns a failure into what the client can read: an HTML page, or a problem document (RFC 9457) under `/api/`.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};

use crate::web::error::{Failure, Outcome};
use crate::web::pages::error::error_page;
use crate::web::request_id;
use crate::web::view::View;

/// Presents failures of everything within.
///
/// # Errors
/// None of its own.
pub async fn failures(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let res = next.call(req).await?;
    let Some(outcome) = res.response().error().map(read) else { return Ok(res.map_into_boxed_body()) };
    let shown = show(&outcome, res.request());
    Ok(res.into_response(shown))
}

/// The failure behind an error, also behind those of the framework's own.
fn read(error: &Error) -> Outcome {
    match error.as_error::<Failure>() {
        Some(failure) => failure.outcome(),
        None => Outcome::of_status(error.as_response_error().status_code()),
    }
}

fn show(outcome: &Outcome, req: &HttpRequest) -> HttpResponse {
    let request_id = request_id::of(req);
    if let Some(cause) = &outcome.cause {
        tracing::error!(%request_id, %cause, "a request failed");
    }
    let is_api = req.path().starts_with("/api/");
    if let (false, Some(next)) = (is_api, &outcome.sign_in_next) {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        return HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/sign-in?{query}"))).finish();
    }
    let mut response = if is_api {
        HttpResponse::build(outcome.status).json(outcome.problem(&request_id))
    } else {
        error_page(View::of_request(req), outcome, &request_id)
    };
    let headers = response.headers_mut();
    if is_api {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    }
    if let Some(seconds) = outcome.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if outcome.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"gaung\""));
    }
    if let Some(Ok(allow)) = outcome.allow.as_deref().map(HeaderValue::from_str) {
        headers.insert(header::ALLOW, allow);
    }
    response
}
