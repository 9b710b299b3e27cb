//! A campaign's mails, and what a person decides about those in doubt.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{done, list_query, listed};
use crate::app::App;
use crate::domain::id::{CampaignId, MailId};
use crate::domain::outbox::MailState;
use crate::service::mail::{self, MailView};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::ApiCaller;
use crate::web::extract::body::Query;

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
