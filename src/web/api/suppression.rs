//! Suppressed addresses: what came by another way than a link.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{done, list_query, listed};
use crate::app::App;
use crate::domain::id::{CampaignId, SuppressionId};
use crate::domain::suppression::{Silence, SuppressionReason, SuppressionScope};
use crate::service::ServiceError;
use crate::service::page::Page;
use crate::service::suppression::{self, Suppressed as Entry};
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

/// An address to suppress.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuppression {
    /// The address.
    email: String,
    /// What it no longer gets.
    scope: SuppressionScope,
    /// The campaign, where the scope is one campaign.
    campaign_id: Option<CampaignId>,
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
    let NewSuppression { email, scope, campaign_id, reason } = body.0;
    let silence = Silence::of(scope, campaign_id).ok_or_else(|| {
        let problem = "Name the campaign where the scope is a campaign, and none where it is not";
        ServiceError::field("campaign_id", "suppression.campaign_id", problem)
    })?;
    let is_new = suppression::add(&app, &by.caller, &email, silence, reason).await?;
    Ok(HttpResponse::Ok().json(Suppressed { is_new }))
}

list_query! {
    /// Which addresses.
    pub struct SuppressionQuery {
        /// Only those that begin so.
        q: Option<String>,
    }
}

/// A suppressed address.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressedAddress {
    /// The entry's id.
    id: SuppressionId,
    /// The address.
    email: String,
    /// What it no longer gets.
    scope: SuppressionScope,
    /// The campaign, where the scope is one campaign.
    campaign_id: Option<CampaignId>,
    /// Why.
    reason: SuppressionReason,
    /// Since when.
    since: DateTime<Utc>,
}

impl From<Entry> for SuppressedAddress {
    fn from(entry: Entry) -> Self {
        let Entry { id, email, scope, campaign, reason, since } = entry;
        Self { id, email, scope, campaign_id: campaign.map(|(id, _)| id), reason, since }
    }
}

/// Suppressed addresses, the newest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "mail", params(SuppressionQuery), responses((status = 200, body = Page<SuppressedAddress>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<SuppressionQuery>,
) -> Result<HttpResponse, Failure> {
    let page = query.0.page();
    let found = suppression::list(&app, &by.caller, query.0.q.as_deref().unwrap_or_default(), page).await?;
    Ok(listed(&req, &found.map(SuppressedAddress::from)))
}

/// Sends to an address again that only bounced.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(delete, path = "/api/v1/suppressions/{id}", tag = "mail", params(("id" = SuppressionId, Path)), responses((status = 204)))]
pub async fn lift(app: web::Data<App>, by: ApiCaller, id: web::Path<SuppressionId>) -> Result<HttpResponse, Failure> {
    suppression::lift(&app, &by.caller, *id).await?;
    Ok(done())
}
