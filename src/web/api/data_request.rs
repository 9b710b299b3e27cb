//! What people ask about their data, for programs of the desk.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Reason, created, list_query, whole};
use crate::app::App;
use crate::domain::data_request::RequestKind;
use crate::domain::id::{DataRequestId, MemberId};
use crate::service::data_request::{self, Answer, DataRequest, Filing, Wish};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::body::Query;
use crate::web::extract::{ApiCaller, JsonBody};

list_query! {
    /// Which requests.
    pub struct DataRequestQuery {
        /// Those that were answered, the newest first; else those that wait, the most urgent first.
        answered: bool,
    }
}

/// A request to put on file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDataRequest {
    /// Whose data it is about.
    member_id: MemberId,
    /// What is asked for.
    kind: RequestKind,
    /// What is to be put right, for a correction.
    #[serde(default)]
    wish: Wish,
    /// When it came; now where unset. The clock runs from then.
    came_at: Option<DateTime<Utc>>,
}

/// Requests: at most 200 of them.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/data-requests", tag = "people", params(DataRequestQuery), responses((status = 200, body = Page<DataRequest>)))]
pub async fn list(
    _req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    query: Query<DataRequestQuery>,
) -> Result<HttpResponse, Failure> {
    query.0.page().after_id::<DataRequestId>()?;
    Ok(whole(data_request::list(&app, &by.caller, query.0.answered).await?))
}

/// Puts a request on file that came by another way than the person's own page.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/data-requests", tag = "people", request_body = NewDataRequest, responses((status = 201, body = DataRequest)))]
pub async fn file(app: web::Data<App>, by: ApiCaller, body: JsonBody<NewDataRequest>) -> Result<HttpResponse, Failure> {
    let NewDataRequest { member_id, kind, wish, came_at } = body.0;
    let request = data_request::file(&app, &by.caller, Filing { member_id, kind, wish, came_at }).await?;
    Ok(created(&format!("/api/v1/data-requests/{}", request.id), &request))
}

/// One request.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/data-requests/{id}", tag = "people", params(("id" = DataRequestId, Path)), responses((status = 200, body = DataRequest)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<DataRequestId>) -> Result<HttpResponse, Failure> {
    let (request, _) = data_request::show(&app, &by.caller, *id).await?;
    Ok(HttpResponse::Ok().json(request))
}

/// Everything that is held about a request's person.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/data-requests/{id}/data", tag = "people", params(("id" = DataRequestId, Path)), responses((status = 200, content_type = "application/json", body = Object)))]
pub async fn data(app: web::Data<App>, by: ApiCaller, id: web::Path<DataRequestId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(data_request::data_of(&app, &by.caller, *id).await?))
}

/// Grants a request, which does what it asks for. For a correction the body says what is put right.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/data-requests/{id}/grant", tag = "people", params(("id" = DataRequestId, Path)), request_body = Wish, responses((status = 200, body = DataRequest)))]
pub async fn grant(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<DataRequestId>,
    body: JsonBody<Wish>,
) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(data_request::answer(&app, &by.caller, *id, Answer::Grant(body.0)).await?))
}

/// Refuses a request; the person is told the reason.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(post, path = "/api/v1/data-requests/{id}/refuse", tag = "people", params(("id" = DataRequestId, Path)), request_body = Reason, responses((status = 200, body = DataRequest)))]
pub async fn refuse(
    app: web::Data<App>,
    by: ApiCaller,
    id: web::Path<DataRequestId>,
    body: JsonBody<Reason>,
) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(data_request::answer(&app, &by.caller, *id, Answer::Refuse(body.0.reason)).await?))
}
