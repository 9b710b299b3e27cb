//! The audit log: filtered, newest first; people by reference only.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};

use super::{csv_stream, list_query, listed};
use crate::app::App;
use crate::domain::event::{EventGroup, EventKind};
use crate::domain::id::{AssignmentId, CampaignId, EntryId, UnitId};
use crate::service::log::{self, LogEntry, LogFilter};
use crate::service::page::Page;
use crate::web::error::Failure;
use crate::web::extract::ApiCaller;
use crate::web::extract::body::Query;

list_query! {
    /// Which entries.
    pub struct LogQuery {
        /// Not before this instant.
        from: Option<DateTime<Utc>>,
        /// Before this instant.
        to: Option<DateTime<Utc>>,
        /// By this actor: `system`, `operator` or a person's reference.
        actor: Option<String>,
        /// Of this kind.
        kind: Option<EventKind>,
        /// Of a kind in this group.
        group: Option<EventGroup>,
        /// About this campaign.
        #[param(value_type = Option<uuid::Uuid>)]
        campaign: Option<CampaignId>,
        /// About this unit or one below it.
        #[param(value_type = Option<uuid::Uuid>)]
        unit: Option<UnitId>,
        /// About the person of this reference.
        subject: Option<String>,
        /// About this assignment.
        #[param(value_type = Option<uuid::Uuid>)]
        assignment: Option<AssignmentId>,
    }
}

impl LogQuery {
    fn filter(self) -> LogFilter {
        let Self { from, to, actor, kind, group, campaign, unit, subject, assignment, .. } = self;
        LogFilter { from, to, actor, kind, group, campaign, unit, subject, assignment }
    }
}

/// Entries within reach, newest first.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/log", tag = "log", params(LogQuery), responses((status = 200, body = Page<LogEntry>)))]
pub async fn list(req: HttpRequest, app: web::Data<App>, by: ApiCaller, query: Query<LogQuery>) -> Result<HttpResponse, Failure> {
    let page = query.0.page();
    Ok(listed(&req, &log::list(&app, &by.caller, query.0.filter(), page).await?))
}

/// One entry.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/log/{id}", tag = "log", params(("id" = EntryId, Path)), responses((status = 200, body = LogEntry)))]
pub async fn get(app: web::Data<App>, by: ApiCaller, id: web::Path<EntryId>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(log::get(&app, &by.caller, *id).await?))
}

/// Entries within reach as CSV, streamed: everything, not one page.
///
/// # Errors
/// Those of the use case.
#[utoipa::path(get, path = "/api/v1/log.csv", tag = "log", params(LogFilter), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn export(app: web::Data<App>, by: ApiCaller, query: Query<LogFilter>) -> Result<HttpResponse, Failure> {
    csv_stream::log(app, by.caller, query.0).await
}
