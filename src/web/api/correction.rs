//! Corrections: issuing one, and how far it got.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::versioned;
use crate::app::App;
use crate::domain::id::CampaignId;
use crate::service::ServiceError;
use crate::service::campaign::{self, CampaignView, CorrectionView};
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// A correction to be issued.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCorrection {
    /// What was wrong and what is right, at most 2,000 characters. It is mailed and published.
    text: String,
}

/// Corrects a campaign: ends it, asks everyone who completed a task to fix or remove what they published, and publishes the correction.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/correct", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = NewCorrection, responses((status = 200, body = CampaignView)))]
pub async fn correct(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<NewCorrection>,
) -> Result<HttpResponse, Failure> {
    let campaign = campaign::correct(&app, &by.caller, *id, &body.0.text).await?;
    Ok(versioned(campaign.version, &campaign))
}

/// A campaign's correction and how far it got.
///
/// # Errors
/// Those of the use case; not found for a campaign without one.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/correction", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CorrectionView)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    let found = campaign::correction(&app, &by.caller, *id).await?;
    Ok(HttpResponse::Ok().json(found.ok_or(ServiceError::NotFound("the correction"))?))
}
