//! The list of candidates' and parties' accounts, and the election calendar.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{created, done, whole};
use crate::app::App;
use crate::domain::id::BlockedTargetId;
use crate::domain::platform::Platform;
use crate::service::neutrality::{self, BlockedTarget, Freeze};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::{ApiCaller, JsonBody};

/// An account to block.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBlockedTarget {
    /// Where.
    platform: Platform,
    /// The account's handle.
    handle: String,
    /// Whose it is.
    label: String,
}

/// A time in which a campaign needs a second approver's reason.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFreeze {
    /// What it is for.
    label: String,
    /// From when.
    starts_at: DateTime<Utc>,
    /// Until when.
    ends_at: DateTime<Utc>,
}

/// The blocked accounts.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/blocked-targets", tag = "neutrality", responses((status = 200, body = Page<BlockedTarget>)))]
pub async fn list_blocked(app: web::Data<App>, by: ApiCaller) -> Result<HttpResponse, Failure> {
    Ok(whole(neutrality::list_blocked(&app, &by.caller).await?))
}

/// Blocks an account: no task may point at it.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/blocked-targets", tag = "neutrality", request_body = NewBlockedTarget, responses((status = 201, body = BlockedTarget)))]
pub async fn block(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewBlockedTarget>) -> Result<HttpResponse, Failure> {
    let NewBlockedTarget { platform, handle, label } = body.0;
    let made = neutrality::block(&app, &by.caller, platform, handle, label).await?;
    Ok(created("/api/v1/blocked-targets", &made))
}

/// Takes an account off the list.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(delete, path = "/api/v1/blocked-targets/{id}", tag = "neutrality", params(("id" = BlockedTargetId, Path)), responses((status = 204)))]
pub async fn unblock(app: web::Data<App>, by: ApiCaller, id: web::Path<BlockedTargetId>) -> Result<HttpResponse, Failure> {
    neutrality::unblock(&app, &by.caller, *id).await?;
    Ok(done())
}

/// The election calendar.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/freezes", tag = "neutrality", responses((status = 200, body = Page<Freeze>)))]
pub async fn list_freezes(app: web::Data<App>, by: ApiCaller) -> Result<HttpResponse, Failure> {
    Ok(whole(neutrality::list_freezes(&app, &by.caller).await?))
}

/// Adds a freeze.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/freezes", tag = "neutrality", request_body = NewFreeze, responses((status = 201, body = Freeze)))]
pub async fn add_freeze(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewFreeze>) -> Result<HttpResponse, Failure> {
    let NewFreeze { label, starts_at, ends_at } = body.0;
    let made = neutrality::add_freeze(&app, &by.caller, label, starts_at, ends_at).await?;
    Ok(created("/api/v1/freezes", &made))
}
