//! Disclosures: filed by one person, confirmed or rejected by another.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ListQuery, created, listed, whole};
use crate::app::App;
use crate::domain::id::{AccountId, DisclosureId};
use crate::service::disclosure::{self, Disclosure};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

/// A disclosure to file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDisclosure {
    /// The public statement, word for word.
    statement: String,
    /// Where it stands: an https address.
    url: String,
}

/// Why a disclosure is rejected.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// What is wanting.
    note: String,
}

/// The disclosures that wait for a second person.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/disclosures", tag = "accounts", params(ListQuery), responses((status = 200, body = Page<Disclosure>)))]
pub async fn waiting(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &disclosure::list_waiting(&app, &by.caller, query.0.page()).await?))
}

/// An account's disclosures, newest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/disclosures", tag = "accounts", params(("id" = AccountId, Path)), responses((status = 200, body = Page<Disclosure>)))]
pub async fn list(app: web::Data<App>, by: ApiCaller, id: web::Path<AccountId>) -> Result<HttpResponse, Failure> {
    Ok(whole(disclosure::list_by_account(&app, &by.caller, *id).await?))
}

/// Files a disclosure.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/disclosures", tag = "accounts", params(("id" = AccountId, Path)), request_body = NewDisclosure, responses((status = 201, body = Disclosure)))]
pub async fn file(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<AccountId>,
    body: JsonBody<NewDisclosure>,
) -> Result<HttpResponse, Failure> {
    let made = disclosure::file(&app, &by.caller, *id, body.0.statement, body.0.url).await?;
    Ok(created(&format!("/api/v1/accounts/{}/disclosures", *id), &made))
}

/// Confirms a disclosure that somebody else filed: the statement was seen where it is said to stand.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/disclosures/{id}/confirm", tag = "accounts", params(("id" = DisclosureId, Path)), responses((status = 200, body = Disclosure)))]
pub async fn confirm(app: web::Data<App>, by: ApiCaller, id: web::Path<DisclosureId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(disclosure::confirm(&app, &by.caller, *id).await?))
}

/// Rejects a disclosure that somebody else filed.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/disclosures/{id}/reject", tag = "accounts", params(("id" = DisclosureId, Path)), request_body = Rejection, responses((status = 200, body = Disclosure)))]
pub async fn reject(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<DisclosureId>,
    body: JsonBody<Rejection>,
) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(disclosure::reject(&app, &by.caller, *id, body.0.note).await?))
}
