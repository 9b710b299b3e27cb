//! The HTTP side of a witness (<https://c2sp.org/tlog-witness>): one call, whose answer somebody else decides.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer};

/// The largest request that is read, in bytes: a checkpoint with many signatures and 63 hashes is far below.
const MOST_BYTES: usize = 256 * 1024;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The type of its body.
    pub content_type: &'static str,
    /// Its body.
    pub body: String,
}

/// Who decides: takes a request's body.
pub type Decide = Arc<dyn Fn(&[u8]) -> Answer + Send + Sync>;

/// Serves `POST /add-checkpoint` until the process is asked to end.
///
/// # Errors
/// What the system says.
pub async fn serve(listener: TcpListener, decide: Decide) -> std::io::Result<()> {
    let app = move || {
        App::new()
            .app_data(Data::new(Arc::clone(&decide)))
            .app_data(PayloadConfig::new(MOST_BYTES))
            .route("/add-checkpoint", web::post().to(add))
    };
    HttpServer::new(app).workers(1).listen(listener)?.run().await
}

async fn add(decide: Data<Decide>, body: Bytes) -> HttpResponse {
    // It waits for a disk.
    let answer = web::block(move || decide(&body)).await;
    let failed = |_| Answer { status: 500, content_type: "text/plain; charset=utf-8", body: "the witness failed\n".into() };
    let answer = answer.unwrap_or_else(failed);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type(answer.content_type).body(answer.body)
}
