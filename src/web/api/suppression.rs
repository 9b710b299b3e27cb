//! Suppressed addresses: what came by another way than a link.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::suppression::{SuppressionReason, SuppressionScope};
use crate::service::suppression;
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// An address to suppress.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuppression {
    /// The address.
    email: String,
    /// What it no longer gets.
    scope: SuppressionScope,
    /// Why.
    reason: SuppressionReason,
}

/// Whether it was new.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suppressed {
    /// False where the address was suppressed already.
    is_new: bool,
}

/// Suppresses an address.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "mail", request_body = NewSuppression, responses((status = 200, body = Suppressed)))]
pub async fn add(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewSuppression>) -> Result<HttpResponse, Failure> {
    let NewSuppression { email, scope, reason } = body.0;
    let is_new = suppression::add(&app, &by.caller, &email, scope, reason).await?;
    Ok(HttpResponse::Ok().json(Suppressed { is_new }))
}
