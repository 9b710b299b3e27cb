//! For load balancers and monitors: the process lives; the installation can do its work.

use actix_web::{HttpResponse, web};

use super::server::Memory;
use crate::app::App;
use crate::service::health;

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Each check by name; 503 while one of them fails.
pub async fn ready(app: web::Data<App>, memory: web::Data<Memory>) -> HttpResponse {
    let found = health::readiness(&app, &memory.migrated).await;
    if found.is_ready() { HttpResponse::Ok().json(found) } else { HttpResponse::ServiceUnavailable().json(found) }
}
