//! Recurring campaigns.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ListQuery, created, done, listed};
use crate::app::App;
use crate::domain::id::{CampaignId, ScheduleId};
use crate::service::page::Page;
use crate::service::schedule::{self, NewSchedule, OccurrenceView, ScheduleView};
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

/// A schedule with what it has dealt with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleWithOccurrences {
    /// The schedule.
    schedule: ScheduleView,
    /// Its latest occurrences.
    occurrences: Vec<OccurrenceView>,
}

/// The schedules within reach.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "campaigns", params(ListQuery), responses((status = 200, body = Page<ScheduleView>)))]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Failure> {
    Ok(listed(&req, &schedule::list(&app, &by.caller, query.0.page()).await?))
}

/// Repeats a released campaign.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/schedules", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = NewSchedule, responses((status = 201, body = ScheduleView)))]
pub async fn add(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<CampaignId>,
    body: JsonBody<NewSchedule>,
) -> Result<HttpResponse, Failure> {
    let made = schedule::add(&app, &by.caller, *id, body.0).await?;
    Ok(created(&format!("/api/v1/schedules/{}", made.id), &made))
}

/// One schedule.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", tag = "campaigns", params(("id" = ScheduleId, Path)), responses((status = 200, body = ScheduleWithOccurrences)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<ScheduleId>) -> Result<HttpResponse, Failure> {
    let (schedule, occurrences) = schedule::get(&app, &by.caller, *id).await?;
    Ok(HttpResponse::Ok().json(ScheduleWithOccurrences { schedule, occurrences }))
}

/// Stops a schedule; campaigns that it made go on.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/stop", tag = "campaigns", params(("id" = ScheduleId, Path)), responses((status = 204)))]
pub async fn stop(app: web::Data<App>, by: ApiCaller, id: web::Path<ScheduleId>) -> Result<HttpResponse, Failure> {
    schedule::stop(&app, &by.caller, *id).await?;
    Ok(done())
}
