//! Imports from CSV files: all rows or none, every bad row named. A dry run unless said otherwise.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::service::import::{self, ImportKind, ImportOptions, ImportReport};
use crate::service::{FieldError, ServiceError};
use crate::web::error::{Failure, Problem};
use crate::web::extract::ApiCaller;
use crate::web::extract::body::{CSV_LIMIT, Query, is_type};
use crate::web::extract::upload::upload;
use crate::web::request_id;

/// How to import.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Check everything and change nothing; true where unset.
    #[serde(default = "yes")]
    dry_run: bool,
}

const fn yes() -> bool {
    true
}

/// A file with faults was not imported.
#[derive(Serialize, ToSchema)]
pub struct FaultyFile {
    /// The problem.
    #[serde(flatten)]
    problem: Problem,
    /// Which rows, and why.
    report: ImportReport,
}

/// Imports units, members or accounts from a CSV file of at most 64 MiB.
///
/// # Errors
/// Those of the use case; a file with faults is a problem document with the report.
#[utoipa::path(
    post,
    path = "/api/v1/imports/{kind}",
    tag = "organisation",
    params(("kind" = ImportKind, Path), ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportReport), (status = 422, body = FaultyFile, content_type = "application/problem+json"))
)]
pub async fn import(
    req: HttpRequest,
    app: web::Data<App>,
    by: ApiCaller,
    kind: web::Path<ImportKind>,
    body: web::Payload,
) -> Result<HttpResponse, Failure> {
    if !is_type(&req, "text/csv") {
        return Err(Failure::UnsupportedType { expected: "text/csv" });
    }
    let declared = req.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > CSV_LIMIT) {
        return Err(Failure::TooLarge { limit: CSV_LIMIT });
    }
    let dry_run = Query::<ImportQuery>::read(&req)?.0.dry_run;
    let options = ImportOptions { dry_run, ..ImportOptions::default() };
    let (feed, file) = upload();
    let imported = import::import(&app, &by.caller, *kind, file, options);
    let (sent, imported) = futures_util::future::join(feed.pump(body), imported).await;
    sent?;
    let report = imported?;
    if report.dry_run || report.errors.is_empty() {
        return Ok(HttpResponse::Ok().json(report));
    }
    let fault =
        FieldError::new("file", "import.faulty", format!("{} row(s) have faults; nothing was imported", report.error_count));
    let outcome = Failure::from(ServiceError::Invalid(vec![fault])).outcome();
    let id = request_id::of(&req);
    let body = FaultyFile { problem: outcome.problem(&id), report };
    Ok(HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY).content_type("application/problem+json").json(body))
}
