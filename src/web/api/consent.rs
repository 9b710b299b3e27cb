//! Asking members for their consent. What each answered is theirs: it is not shown.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::service::consent::{self, Requested, Whom};
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// Asks members, or everybody in a unit, for the consents that they have not given.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/consents/requests", tag = "organisation", request_body = Whom, responses((status = 200, body = Requested)))]
pub async fn request(app: web::Data<App>, by: ApiCaller, body: JsonBody<Whom>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(consent::request(&app, &by.caller, body.0).await?))
}
