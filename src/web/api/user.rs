//! Console users and their roles.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ListQuery, created, done, listed};
use crate::app::App;
use crate::domain::id::{UnitId, UserId};
use crate::domain::role::{Grant, Role};
use crate::service::page::Page;
use crate::service::user::{self, NewUser, UserView};
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// 12 to 128 characters.
    password: String,
}

/// The users who hold a role within reach.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(ListQuery), responses((status = 200, body = Page<UserView>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &user::list(&app, &by.caller, query.0.page()).await?))
}

/// Adds a user.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = NewUser, responses((status = 201, body = UserView)))]
pub async fn add(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewUser>) -> Result<HttpResponse, Failure> {
    let made = user::add(&app, &by.caller, body.0).await?;
    Ok(created("/api/v1/users", &made))
}

/// Sets a user's password and ends their sessions.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(put, path = "/api/v1/users/{id}/password", tag = "users", params(("id" = UserId, Path)), request_body = NewPassword, responses((status = 204)))]
pub async fn set_password(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<UserId>,
    body: JsonBody<NewPassword>,
) -> Result<HttpResponse, Failure> {
    user::set_password(&app, &by.caller, *id, body.0.password).await?;
    Ok(done())
}

/// Gives a user a role.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/users/{id}/roles", tag = "users", params(("id" = UserId, Path)), request_body = Grant, responses((status = 200, body = UserView)))]
pub async fn grant(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<UserId>,
    body: JsonBody<Grant>,
) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(user::grant(&app, &by.caller, *id, body.0).await?))
}

/// Takes a role from a user.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(delete, path = "/api/v1/users/{id}/roles/{unit_id}/{role}", tag = "users", params(("id" = UserId, Path), ("unit_id" = UnitId, Path), ("role" = Role, Path)), responses((status = 200, body = UserView)))]
pub async fn revoke(
    app: web::Data<App>,
    by: ApiCaller,
    path: web::Path<(UserId, UnitId, Role)>,
) -> Result<HttpResponse, Failure> {
    let (id, unit_id, role) = path.into_inner();
    Ok(HttpResponse::Ok().json(user::revoke(&app, &by.caller, id, Grant { role, unit_id }).await?))
}
