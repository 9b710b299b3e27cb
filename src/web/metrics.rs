//! The figures for Prometheus: at a port of their own, or at the pages' port to the bearer of a token. Never to everybody.

use std::future::Future;
use std::io;
use std::net::TcpListener;

use actix_web::http::header;
use actix_web::{App as HttpApp, HttpRequest, HttpResponse, HttpServer, web};
use subtle::ConstantTimeEq as _;

use super::error::Failure;
use super::extract::bearer_token;
use super::health;
use super::server::Memory;
use crate::app::App;
use crate::service::measures;

/// Prometheus's text form.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Headers by which proxies say that a request is somebody else's.
const PASSED_ON: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Whether the request carries the token of `[metrics]`.
fn bears_token(req: &HttpRequest, app: &App) -> bool {
    let token = app.config.metrics.token.reveal();
    let given = bearer_token(req.headers()).unwrap_or_default();
    !token.is_empty() && bool::from(token.as_bytes().ct_eq(given.as_bytes()))
}

/// Whether whoever asks may know details of the installation: by the token, or from this machine and for nobody else.
pub(super) fn is_ours(req: &HttpRequest, app: &App) -> bool {
    let from_here = req.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let passed_on = PASSED_ON.iter().any(|name| req.headers().contains_key(*name));
    bears_token(req, app) || (from_here && !passed_on)
}

async fn text(app: &App, memory: &Memory) -> HttpResponse {
    let text = measures::render(app, &memory.measures, &memory.migrated).await;
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, TEXT)).body(text)
}

/// The figures at the pages' port. Without the token there is no such page.
///
/// # Errors
/// [`Failure::NoRoute`], whatever is wrong: that figures are kept here is nobody's business.
pub async fn show(req: HttpRequest, app: web::Data<App>, memory: web::Data<Memory>) -> Result<HttpResponse, Failure> {
    if bears_token(&req, &app) { Ok(text(&app, &memory).await) } else { Err(Failure::NoRoute) }
}

async fn scrape(app: web::Data<App>, memory: web::Data<Memory>) -> HttpResponse {
    text(&app, &memory).await
}

async fn nothing() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("/metrics, /readyz and /healthz are here\n")
}

/// Serves the figures and the checks on a port of their own until `stop` is done.
///
/// # Errors
/// That of the listener.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
    let app = web::Data::new(app);
    let memory = web::Data::new(Memory::default());
    let build = move || {
        HttpApp::new()
            .app_data(app.clone())
            .app_data(memory.clone())
            .route("/metrics", web::get().to(scrape))
            .route("/healthz", web::get().to(health::live))
            .route("/readyz", web::get().to(health::ready_in_full))
            .default_service(web::to(nothing))
    };
    let server = HttpServer::new(build).workers(1).shutdown_timeout(2).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    stop.await;
    handle.stop(true).await;
    running.await.map_err(io::Error::other)?
}
