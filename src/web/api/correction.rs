//! Corrections: issuing one, and how far it got.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{done, versioned};
use crate::app::App;
use crate::domain::id::CampaignId;
use crate::service::ServiceError;
use crate::service::campaign::{self, CampaignView, CorrectionView, ProposalView};
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// A correction to be issued.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCorrection {
    /// What was wrong and what is right, at most 2,000 characters. It is mailed and published.
    text: String,
    /// Whether it is a drill: the same up to the confirmation, and nothing is stopped, mailed to members or published.
    #[serde(default)]
    drill: bool,
}

/// Proposes to correct a campaign; another person, an approver, confirms. Every other approver of the unit is mailed.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/correct", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = NewCorrection, responses((status = 200, body = ProposalView)))]
pub async fn correct(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<NewCorrection>,
) -> Result<HttpResponse, Failure> {
    let proposal = campaign::propose_correction(&app, &by.caller, *id, &body.0.text, body.0.drill).await?;
    Ok(HttpResponse::Ok().json(proposal))
}

/// Confirms what another person proposed: ends the campaign, asks everyone who completed a task to fix or remove what they published, and
/// publishes the correction. A drill ends here, and nothing of that is done.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/correct/confirm", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CampaignView)))]
pub async fn confirm(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    let campaign = campaign::confirm_correction(&app, &by.caller, *id).await?;
    Ok(versioned(campaign.version, &campaign))
}

/// Withdraws a proposed correction.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/correct/withdraw", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 204)))]
pub async fn withdraw(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    campaign::withdraw_correction(&app, &by.caller, *id).await?;
    Ok(done())
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
