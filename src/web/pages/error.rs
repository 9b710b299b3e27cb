//! The page that says what went wrong: in the reader's language, with the request's id, without a cause.

use actix_web::HttpResponse;
use askama::Template;

use crate::web::error::Outcome;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage {
    v: View,
    title: String,
    detail: String,
    errors: Vec<String>,
    request_id: String,
}

/// Shows a failure.
#[must_use]
pub fn error_page(v: View, outcome: &Outcome, request_id: &str) -> HttpResponse {
    let title = match outcome.status.as_u16() {
        status @ (400 | 401 | 403 | 404 | 405 | 409 | 413 | 422 | 429 | 500 | 503) => v.s(&format!("error-{status}")),
        _ => v.s("error-other"),
    };
    let detail = v.refusal(&outcome.code, &outcome.detail);
    let errors = outcome.errors.iter().map(|fault| match fault.field.as_str() {
        "" => v.refusal(&fault.code, &fault.message),
        field => format!("{field}: {}", v.refusal(&fault.code, &fault.message)),
    });
    let page = ErrorPage { title, detail, errors: errors.collect(), request_id: request_id.to_owned(), v };
    let body = page.render().unwrap_or_else(|_| format!("{} {request_id}", outcome.status));
    HttpResponse::build(outcome.status).content_type("text/html; charset=utf-8").body(body)
}
