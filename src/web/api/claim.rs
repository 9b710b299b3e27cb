//! Claims: misinformation on file, with the fact and its source, and the answers that were published.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::version::Version;
use super::{created, list_query, listed, versioned, whole};
use crate::app::App;
use crate::domain::claim::ClaimState;
use crate::domain::id::{ClaimId, UnitId};
use crate::service::claim::{self, Answered, Claim, ClaimAnswer, ClaimForm, NewAnswer};
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
        /// Only those that stand so.
        state: Option<ClaimState>,
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
    let states = query.0.state.into_iter().collect();
    Ok(listed(&req, &claim::list(&app, &by.caller, query.0.unit_id, states, query.0.page()).await?))
}

/// Puts a claim on file, with or without its fact.
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
    let found = claim::get(&app, &by.caller, *id).await?;
    Ok(versioned(found.version, &found))
}

/// Changes a claim; a changed fact is confirmed anew.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(put, path = "/api/v1/claims/{id}", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = ClaimForm, responses((status = 200, body = Claim)))]
pub async fn change(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    version: Version,
    body: JsonBody<ClaimForm>,
) -> Result<HttpResponse, Failure> {
    let saved = claim::change(&app, &by.caller, *id, version.0, body.0).await?;
    Ok(versioned(saved.version, &saved))
}

/// The version that was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The claim's version.
    version: i32,
}

/// Confirms the fact that somebody else wrote.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims/{id}/confirm", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = Seen, responses((status = 200, body = Claim)))]
pub async fn confirm(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    body: JsonBody<Seen>,
) -> Result<HttpResponse, Failure> {
    let saved = claim::confirm(&app, &by.caller, *id, body.0.version).await?;
    Ok(versioned(saved.version, &saved))
}

/// Whether the public register shows a claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The claim's version.
    version: i32,
    /// Whether it is shown.
    public: bool,
}

/// Shows a claim in the public register once an answer stands, or takes it off.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims/{id}/publish", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = Publication, responses((status = 200, body = Claim)))]
pub async fn publish(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    body: JsonBody<Publication>,
) -> Result<HttpResponse, Failure> {
    let saved = claim::publish(&app, &by.caller, *id, body.0.version, body.0.public).await?;
    Ok(versioned(saved.version, &saved))
}

/// Closes a claim as answered.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims/{id}/close", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = Seen, responses((status = 200, body = Claim)))]
pub async fn close(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    body: JsonBody<Seen>,
) -> Result<HttpResponse, Failure> {
    let saved = claim::close(&app, &by.caller, *id, body.0.version).await?;
    Ok(versioned(saved.version, &saved))
}

/// Why a claim is closed without an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The claim's version.
    version: i32,
    /// The reason.
    reason: String,
}

/// Closes a claim without an answer.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims/{id}/withdraw", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = Withdrawal, responses((status = 200, body = Claim)))]
pub async fn withdraw(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    body: JsonBody<Withdrawal>,
) -> Result<HttpResponse, Failure> {
    let saved = claim::withdraw(&app, &by.caller, *id, body.0.version, &body.0.reason).await?;
    Ok(versioned(saved.version, &saved))
}

/// Takes a closed claim up again.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims/{id}/reopen", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = Seen, responses((status = 200, body = Claim)))]
pub async fn reopen(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    body: JsonBody<Seen>,
) -> Result<HttpResponse, Failure> {
    let saved = claim::reopen(&app, &by.caller, *id, body.0.version).await?;
    Ok(versioned(saved.version, &saved))
}

/// The published answers to a claim, the newest first; at most two hundred.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/claims/{id}/answers", tag = "campaigns", params(("id" = ClaimId, Path)), responses((status = 200, body = Page<ClaimAnswer>)))]
pub async fn answers(app: web::Data<App>, by: ApiCaller, id: web::Path<ClaimId>) -> Result<HttpResponse, Failure> {
    Ok(whole(claim::show(&app, &by.caller, *id).await?.answers))
}

/// Files an answer that an account on file has published: its post goes on the register.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/claims/{id}/answers", tag = "campaigns", params(("id" = ClaimId, Path)), request_body = NewAnswer, responses((status = 201, body = Answered)))]
pub async fn answer(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<ClaimId>,
    body: JsonBody<NewAnswer>,
) -> Result<HttpResponse, Failure> {
    let made = claim::answer(&app, &by.caller, *id, body.0).await?;
    Ok(created(&format!("/api/v1/claims/{}/answers", *id), &made))
}
