//! The HTTP server: its wrappers in order, and how it stops.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as HttpApp, HttpServer, web};
use tracing_actix_web::TracingLogger;

use super::middleware::{headers, idempotency, origin, present, spans, timed};
use super::routes;
use crate::app::App;
use crate::service::measures;

/// From the end of draining, requests under way get what is left of this to end.
const GRACE_S: u64 = 22;

/// What the server keeps between requests besides the application.
#[derive(Debug, Default)]
pub struct Memory {
    /// Whether every migration was found applied.
    pub migrated: AtomicBool,
    /// What monitoring asked last.
    pub measures: measures::Cache,
}

/// Serves on a bound listener until `stop` is done, then lets requests under way end.
///
/// # Errors
/// That of the listener.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
    let workers = match app.config.server.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        workers => workers,
    };
    let grace_s = GRACE_S.saturating_sub(app.config.server.drain_s.into()).max(1);
    let app = web::Data::new(app);
    let memory = web::Data::new(Memory::default());
    // The last wrapper is the first to see a request.
    let build = move || {
        HttpApp::new()
            .app_data(app.clone())
            .app_data(memory.clone())
            .configure(routes::configure)
            .wrap(from_fn(present::failures))
            .wrap(from_fn(idempotency::answer_once))
            .wrap(from_fn(origin::guard))
            // Once more, for what the two before it refuse.
            .wrap(from_fn(present::failures))
            .wrap(Compress::default())
            .wrap(from_fn(headers::secure))
            .wrap(from_fn(timed::answers))
            .wrap(TracingLogger::<spans::Spans>::new())
    };
    let server = HttpServer::new(build)
        .workers(workers)
        .shutdown_timeout(grace_s)
        .client_request_timeout(Duration::from_secs(10))
        .keep_alive(Duration::from_secs(60))
        // A compressed page goes out in parts: the second must not wait for the first one's acknowledgement, which comes 40 ms late.
        .tcp_nodelay(true)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    tokio::pin!(running);
    tokio::select! {
        ended = &mut running => return ended.map_err(io::Error::other)?,
        () = stop => {}
    }
    handle.stop(true).await;
    running.await.map_err(io::Error::other)?
}
