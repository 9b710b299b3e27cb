//! Organisation units.

use actix_web::{HttpResponse, web};

use super::version::Version;
use super::{created, versioned, whole};
use crate::app::App;
use crate::domain::id::UnitId;
use crate::service::page::Page;
use crate::service::unit::{self, Unit, UnitForm};
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// The units within reach, in the order of the tree.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/units", tag = "organisation", responses((status = 200, body = Page<Unit>)))]
pub async fn list(app: web::Data<App>, by: ApiCaller) -> Result<HttpResponse, Failure> {
    Ok(whole(unit::list(&app, &by.caller).await?))
}

/// Adds a unit.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/units", tag = "organisation", request_body = UnitForm, responses((status = 201, body = Unit)))]
pub async fn add(app: web::Data<App>, by: ApiCaller, body: JsonBody<UnitForm>) -> Result<HttpResponse, Failure> {
    let made = unit::add(&app, &by.caller, body.0).await?;
    Ok(created(&format!("/api/v1/units/{}", made.id), &made))
}

/// One unit.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/units/{id}", tag = "organisation", params(("id" = UnitId, Path)), responses((status = 200, body = Unit)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<UnitId>) -> Result<HttpResponse, Failure> {
    let found = unit::get(&app, &by.caller, *id).await?;
    Ok(versioned(found.version, &found))
}

/// Changes a unit: name, code, zone or place.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(put, path = "/api/v1/units/{id}", tag = "organisation", params(("id" = UnitId, Path)), request_body = UnitForm, responses((status = 200, body = Unit)))]
pub async fn change(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<UnitId>,
    version: Version,
    body: JsonBody<UnitForm>,
) -> Result<HttpResponse, Failure> {
    let saved = unit::change(&app, &by.caller, *id, version.0, body.0).await?;
    Ok(versioned(saved.version, &saved))
}
