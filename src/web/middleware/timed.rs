//! Counts and times every answer by its route: never by its path, which may hold a token.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::app::App;

/// Counts and times.
///
/// # Errors
/// Those of the handlers within.
pub async fn answers(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let method = known(req.method());
    let app = req.app_data::<web::Data<App>>().cloned();
    // The route is known before the handlers run; afterwards a failure may have no request to ask.
    let route = req.match_pattern();
    let result = next.call(req).await;
    if let Some(app) = app {
        let status = match &result {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        let route = route.as_deref().unwrap_or("none");
        app.meter.count("gaung_http_requests_total", &[("route", route), ("method", method), ("status", status.as_str())], 1);
        app.meter.time("gaung_http_request_seconds", &[("route", route), ("method", method)], started.elapsed());
    }
    result
}

/// Anybody can make up a method; only those of the standard count by name.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|name| method.as_str() == *name).unwrap_or("other")
}
