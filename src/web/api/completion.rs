//! Evidence: the linked completions that wait for a reviewer, and what the reviewer saw.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{done, list_query, listed};
use crate::app::App;
use crate::domain::id::{CampaignId, CompletionId};
use crate::service::evidence::{self, Unchecked};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which completions.
    pub struct CompletionQuery {
        /// Only those of this campaign.
        #[param(value_type = Option<uuid::Uuid>)]
        campaign_id: Option<CampaignId>,
    }
}

/// What a reviewer saw.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Whether the post is what was asked.
    ok: bool,
}

/// The linked completions within reach that nobody looked at, oldest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/completions", tag = "evidence", params(CompletionQuery), responses((status = 200, body = Page<Unchecked>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<CompletionQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &evidence::list_unchecked(&app, &by.caller, query.0.campaign_id, query.0.page()).await?))
}

/// Notes what the reviewer saw.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/completions/{id}/check", tag = "evidence", params(("id" = CompletionId, Path)), request_body = Verdict, responses((status = 204)))]
pub async fn check(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CompletionId>,
    body: JsonBody<Verdict>,
) -> Result<HttpResponse, Failure> {
    evidence::check(&app, &by.caller, *id, body.0.ok).await?;
    Ok(done())
}
