//! One file a page: what it reads, the use case it calls, the template it fills.

pub mod audit;
pub mod calendar;
pub mod campaign;
pub mod claim;
pub mod design;
pub mod error;
pub mod home;
pub mod ledger;
pub mod log;
pub mod mail_preview;
pub mod mailbox;
pub mod member;
pub mod menu;
pub mod org;
pub mod register;
pub mod sign_in;
pub mod sign_in_link;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use askama::Template;

use super::error::Failure;
use crate::service::ServiceError;

/// A page.
///
/// # Errors
/// [`ServiceError::Internal`] where the template fails, which is a fault of ours.
pub fn page(template: &impl Template) -> Result<HttpResponse, Failure> {
    page_with(StatusCode::OK, template)
}

/// A page with another status than 200.
///
/// # Errors
/// As [`page`].
pub fn page_with(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Failure> {
    let body = template.render().map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body))
}

/// On to another page after something was done (RFC 9110 section 15.4.4).
#[must_use]
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}
