//! A campaign's mails, and what a person decides about those in doubt.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{done, list_query, listed};
use crate::app::App;
use crate::domain::id::{CampaignId, MailId};
use crate::domain::outbox::MailState;
use crate::service::mail::{self, Delivery, MailView, Those};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which mails.
    pub struct MailQuery {
        /// Only those in this state.
        state: Option<MailState>,
    }
}

/// A campaign's mails, without their recipients.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/mails", tag = "mail", params(("id" = CampaignId, Path), MailQuery), responses((status = 200, body = Page<MailView>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    query: Query<MailQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &mail::list(&app, &by.caller, *id, query.0.state, query.0.page()).await?))
}

/// Sends a failed or unknown mail again.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/mails/{id}/retry", tag = "mail", params(("id" = MailId, Path)), responses((status = 204)))]
pub async fn retry(app: web::Data<App>, by: ApiCaller, id: web::Path<MailId>) -> Result<HttpResponse, Failure> {
    mail::retry(&app, &by.caller, *id).await?;
    Ok(done())
}

/// Accepts an unknown mail as sent.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/mails/{id}/accept", tag = "mail", params(("id" = MailId, Path)), responses((status = 204)))]
pub async fn accept(app: web::Data<App>, by: ApiCaller, id: web::Path<MailId>) -> Result<HttpResponse, Failure> {
    mail::accept(&app, &by.caller, *id).await?;
    Ok(done())
}

/// How many mails a decision was about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decided {
    /// The number.
    count: u64,
}

/// Sends all failed or unknown mails of a campaign again, or those for one reason.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/mails/retry", tag = "mail", params(("id" = CampaignId, Path)), request_body = Those, responses((status = 200, body = Decided)))]
pub async fn retry_all(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Those>,
) -> Result<HttpResponse, Failure> {
    let count = mail::retry_all(&app, &by.caller, *id, body.0).await?;
    Ok(HttpResponse::Ok().json(Decided { count }))
}

/// Accepts all unknown mails of a campaign as sent, or those for one reason.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/mails/accept", tag = "mail", params(("id" = CampaignId, Path)), request_body = Those, responses((status = 200, body = Decided)))]
pub async fn accept_all(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<Those>,
) -> Result<HttpResponse, Failure> {
    let count = mail::accept_all(&app, &by.caller, *id, body.0).await?;
    Ok(HttpResponse::Ok().json(Decided { count }))
}

/// How a campaign's mail fares: counts that add up, by wave, by kind and by destination, and what came back.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/delivery", tag = "mail", params(("id" = CampaignId, Path)), responses((status = 200, body = Delivery)))]
pub async fn delivery(app: web::Data<App>, by: ApiCaller, id: web::Path<CampaignId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(mail::delivery(&app, &by.caller, *id).await?))
}
