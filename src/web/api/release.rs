//! Moving a campaign or a wave on: submit, release, return, pause, resume, cancel, open, skip.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::version::Version;
use super::{Reason, done, versioned};
use crate::app::App;
use crate::domain::id::{CampaignId, WaveId};
use crate::service::ServiceError;
use crate::service::campaign::{self, CampaignView};
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// What goes with a submission.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// That nearly identical texts are known and meant.
    #[serde(default)]
    acknowledge_near_identical: bool,
}

/// What a release binds.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The hash of the content that the approver looked at.
    content_hash: String,
}

/// What the author should know.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The note, at most 1,000 characters.
    note: String,
}

fn moved(result: Result<CampaignView, ServiceError>) -> Result<HttpResponse, Failure> {
    let campaign = result?;
    Ok(versioned(campaign.version, &campaign))
}

/// Asks for the release.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/submit", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = Submission, responses((status = 200, body = CampaignView)))]
pub async fn submit(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    version: Version,
    body: JsonBody<Submission>,
) -> Result<HttpResponse, Failure> {
    moved(campaign::submit(&app, &by.caller, *id, version.0, body.0.acknowledge_near_identical).await)
}

/// Releases what was looked at.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/release", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = Seen, responses((status = 200, body = CampaignView)))]
pub async fn release(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Seen>,
) -> Result<HttpResponse, Failure> {
    moved(campaign::release(&app, &by.caller, *id, &body.0.content_hash).await)
}

/// Sends it back to its author.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/return", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = Note, responses((status = 200, body = CampaignView)))]
pub async fn return_to_author(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Note>,
) -> Result<HttpResponse, Failure> {
    moved(campaign::return_to_author(&app, &by.caller, *id, &body.0.note).await)
}

/// Puts on file why it may go out in an election freeze.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/freeze-reason", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = Reason, responses((status = 204)))]
pub async fn freeze_reason(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Reason>,
) -> Result<HttpResponse, Failure> {
    campaign::give_freeze_reason(&app, &by.caller, *id, &body.0.reason).await?;
    Ok(done())
}

/// Stops it for a time.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/pause", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = Reason, responses((status = 200, body = CampaignView)))]
pub async fn pause(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Reason>,
) -> Result<HttpResponse, Failure> {
    moved(campaign::pause(&app, &by.caller, *id, &body.0.reason).await)
}

/// Lets it go on from where it stood.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/resume", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CampaignView)))]
pub async fn resume(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    moved(campaign::resume(&app, &by.caller, *id).await)
}

/// Ends it.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/cancel", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = Reason, responses((status = 200, body = CampaignView)))]
pub async fn cancel(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Reason>,
) -> Result<HttpResponse, Failure> {
    moved(campaign::cancel(&app, &by.caller, *id, &body.0.reason).await)
}

/// Makes a held wave due now.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/waves/{id}/open", tag = "campaigns", params(("id" = WaveId, Path)), responses((status = 204)))]
pub async fn open_wave(app: web::Data<App>, by: ApiCaller, id: web::Path<WaveId>) -> Result<HttpResponse, Failure> {
    campaign::open_held_wave(&app, &by.caller, *id).await?;
    Ok(done())
}

/// Leaves a planned or held wave out.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/waves/{id}/skip", tag = "campaigns", params(("id" = WaveId, Path)), request_body = Reason, responses((status = 204)))]
pub async fn skip_wave(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<WaveId>,
    body: JsonBody<Reason>,
) -> Result<HttpResponse, Failure> {
    campaign::skip_wave(&app, &by.caller, *id, &body.0.reason).await?;
    Ok(done())
}
