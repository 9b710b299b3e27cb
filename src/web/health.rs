//! For load balancers and monitors: the process lives; the installation can do its work.

use actix_web::{HttpRequest, HttpResponse, web};

use super::metrics::is_ours;
use super::server::Memory;
use crate::app::App;
use crate::service::health;

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// 503 while a check fails. Strangers are told no more than that; who looks after the installation is told each check.
pub async fn ready(req: HttpRequest, app: web::Data<App>, memory: web::Data<Memory>) -> HttpResponse {
    let found = health::readiness(&app, &memory.migrated).await;
    if is_ours(&req, &app) { full(&found) } else { answer(found.ready).json(found.short()) }
}

/// Each check, to everybody who reaches this port.
pub async fn ready_in_full(app: web::Data<App>, memory: web::Data<Memory>) -> HttpResponse {
    full(&health::readiness(&app, &memory.migrated).await)
}

fn full(found: &health::Readiness) -> HttpResponse {
    answer(found.ready).json(found)
}

fn answer(ready: bool) -> actix_web::HttpResponseBuilder {
    if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() }
}
