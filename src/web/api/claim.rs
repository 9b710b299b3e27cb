//! Claims: misinformation on file, with the fact and its source.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{created, list_query, listed};
use crate::app::App;
use crate::domain::id::{ClaimId, UnitId};
use crate::service::claim::{self, Claim, ClaimForm};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which claims.
    pub struct ClaimQuery {
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<uuid::Uuid>)]
        unit_id: Option<UnitId>,
    }
}

/// The claims within reach.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/claims", tag = "campaigns", params(ClaimQuery), responses((status = 200, body = Page<Claim>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<ClaimQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &claim::list(&app, &by.caller, query.0.unit_id, query.0.page()).await?))
}

/// Puts a claim on file.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims", tag = "campaigns", request_body = ClaimForm, responses((status = 201, body = Claim)))]
pub async fn file(app: web::Data<App>, by: ApiCaller, body: JsonBody<ClaimForm>) -> Result<HttpResponse, Failure> {
    let made = claim::file(&app, &by.caller, body.0).await?;
    Ok(created(&format!("/api/v1/claims/{}", made.id), &made))
}

/// One claim.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/claims/{id}", tag = "campaigns", params(("id" = ClaimId, Path)), responses((status = 200, body = Claim)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<ClaimId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(claim::get(&app, &by.caller, *id).await?))
}
