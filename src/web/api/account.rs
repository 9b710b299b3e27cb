//! Social media accounts: never a password, never a token of theirs.

use actix_web::{HttpRequest, HttpResponse, web};

use super::version::Version;
use super::{created, list_query, listed, versioned};
use crate::app::App;
use crate::domain::id::{AccountId, UnitId};
use crate::service::account::{self, Account, AccountForm};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which accounts.
    pub struct AccountQuery {
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<uuid::Uuid>)]
        unit_id: Option<UnitId>,
    }
}

/// The accounts within reach.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", params(AccountQuery), responses((status = 200, body = Page<Account>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<AccountQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &account::list(&app, &by.caller, query.0.unit_id, query.0.page()).await?))
}

/// Adds an account. It takes no task before its disclosure is confirmed.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = AccountForm, responses((status = 201, body = Account)))]
pub async fn add(app: web::Data<App>, by: ApiCaller, body: JsonBody<AccountForm>) -> Result<HttpResponse, Failure> {
    let made = account::add(&app, &by.caller, body.0).await?;
    Ok(created(&format!("/api/v1/accounts/{}", made.id), &made))
}

/// One account.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = AccountId, Path)), responses((status = 200, body = Account)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<AccountId>) -> Result<HttpResponse, Failure> {
    let found = account::get(&app, &by.caller, *id).await?;
    Ok(versioned(found.version, &found))
}

/// Changes an account.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(put, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = AccountId, Path)), request_body = AccountForm, responses((status = 200, body = Account)))]
pub async fn change(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<AccountId>,
    version: Version,
    body: JsonBody<AccountForm>,
) -> Result<HttpResponse, Failure> {
    let saved = account::change(&app, &by.caller, *id, version.0, body.0).await?;
    Ok(versioned(saved.version, &saved))
}

/// Takes an account out of service for a time.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/suspend", tag = "accounts", params(("id" = AccountId, Path)), responses((status = 200, body = Account)))]
pub async fn suspend(app: web::Data<App>, by: ApiCaller, id: web::Path<AccountId>) -> Result<HttpResponse, Failure> {
    let saved = account::suspend(&app, &by.caller, *id).await?;
    Ok(versioned(saved.version, &saved))
}

/// Puts a suspended account back into service.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/resume", tag = "accounts", params(("id" = AccountId, Path)), responses((status = 200, body = Account)))]
pub async fn resume(app: web::Data<App>, by: ApiCaller, id: web::Path<AccountId>) -> Result<HttpResponse, Failure> {
    let saved = account::resume(&app, &by.caller, *id).await?;
    Ok(versioned(saved.version, &saved))
}

/// Retires an account for good.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/retire", tag = "accounts", params(("id" = AccountId, Path)), responses((status = 200, body = Account)))]
pub async fn retire(app: web::Data<App>, by: ApiCaller, id: web::Path<AccountId>) -> Result<HttpResponse, Failure> {
    let saved = account::retire(&app, &by.caller, *id).await?;
    Ok(versioned(saved.version, &saved))
}
