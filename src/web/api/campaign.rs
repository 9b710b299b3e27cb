//! Campaigns: writing one, seeing how it goes, checking and previewing it. Moving it on is in `release.rs`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::version::Version;
use super::{created, list_query, listed, versioned};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::{AccountId, CampaignId, UnitId, WaveId};
use crate::service::campaign::{self, CampaignCheck, CampaignProgress, CampaignSummary, CampaignView, ListCampaigns};
use crate::service::page::Page;
use crate::service::preview::{self, CampaignPreview, MailPreview};
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

/// A campaign to create.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    /// The sponsoring unit.
    unit_id: UnitId,
    /// What it says and asks.
    content: CampaignContent,
}

/// A campaign's new content.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignEdit {
    /// What it says and asks, as a whole.
    content: CampaignContent,
}

list_query! {
    /// Which campaigns.
    pub struct CampaignQuery {
        /// Only those in this state.
        state: Option<CampaignState>,
    }
}

/// Whose mail to show.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MailPreviewQuery {
    /// The wave.
    #[param(value_type = uuid::Uuid)]
    wave_id: WaveId,
    /// The account; unset: the first that is asked.
    #[serde(default)]
    #[param(value_type = Option<uuid::Uuid>)]
    account_id: Option<AccountId>,
}

/// The campaigns within reach, newest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns", params(CampaignQuery), responses((status = 200, body = Page<CampaignSummary>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<CampaignQuery>,
) -> Result<HttpResponse, Failure> {
    let wanted = ListCampaigns { state: query.0.state, page: query.0.page() };
    Ok(listed(&req, &campaign::list(&app, &by.caller, wanted).await?))
}

/// Creates a draft.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", request_body = NewCampaign, responses((status = 201, body = CampaignView)))]
pub async fn create(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewCampaign>) -> Result<HttpResponse, Failure> {
    let made = campaign::create(&app, &by.caller, body.0.unit_id, body.0.content).await?;
    Ok(created(&format!("/api/v1/campaigns/{}", made.id), &made))
}

/// One campaign with its content.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CampaignView)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    let found = campaign::get(&app, &by.caller, *id).await?;
    Ok(versioned(found.version, &found))
}

/// Replaces a campaign's content; a release is voided by it.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = CampaignEdit, responses((status = 200, body = CampaignView)))]
pub async fn edit(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    version: Version,
    body: JsonBody<CampaignEdit>,
) -> Result<HttpResponse, Failure> {
    let saved = campaign::edit(&app, &by.caller, *id, version.0, body.0.content).await?;
    Ok(versioned(saved.version, &saved))
}

/// How a campaign goes: its waves, their counts, what holds them.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/progress", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CampaignProgress)))]
pub async fn progress(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(campaign::view(&app, &by.caller, *id).await?))
}

/// What has to be mended before submitting, and what an approver weighs.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/check", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CampaignCheck)))]
pub async fn check(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(campaign::check(&app, &by.caller, *id).await?))
}

/// What a campaign will do: how many, where, when, who not and why.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/preview", tag = "campaigns", params(("id" = CampaignId, Path)), responses((status = 200, body = CampaignPreview)))]
pub async fn preview(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(preview::preview(&app, &by.caller, *id).await?))
}

/// A wave's mail as one person would get it.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/preview/mail", tag = "campaigns", params(("id" = CampaignId, Path), MailPreviewQuery), responses((status = 200, body = MailPreview)))]
pub async fn preview_mail(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    query: Query<MailPreviewQuery>,
) -> Result<HttpResponse, Failure> {
    let MailPreviewQuery { wave_id, account_id } = query.0;
    Ok(HttpResponse::Ok().json(preview::preview_mail(&app, &by.caller, (*id, wave_id), account_id).await?))
}
