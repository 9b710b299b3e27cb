//! The log as one CSV file, read piece by piece while it is sent: memory does not grow with the log.

use actix_web::http::header::ContentDisposition;
use actix_web::{HttpResponse, web};
use futures_util::stream;

use crate::app::App;
use crate::service::Caller;
use crate::service::log::{self, LogFilter};
use crate::web::error::Failure;

/// Where the sending stands.
enum Piece {
    /// This is read already.
    Ready(Vec<u8>, Option<String>),
    /// This comes next.
    After(String),
    /// Everything was sent.
    End,
}

/// Sends the log. What is wrong with the request is found before the first byte leaves.
///
/// # Errors
/// Those of [`log::export`].
pub async fn log(app: web::Data<App>, caller: Caller, filter: LogFilter) -> Result<HttpResponse, Failure> {
    let (first, next) = log::export(&app, &caller, filter.clone(), None).await?;
    let pieces = stream::unfold(Piece::Ready(first, next), move |piece| {
        let (app, caller, filter) = (app.clone(), caller.clone(), filter.clone());
        async move {
            let (bytes, next) = match piece {
                Piece::End => return None,
                Piece::Ready(bytes, next) => (bytes, next),
                Piece::After(cursor) => match log::export(&app, &caller, filter, Some(cursor)).await {
                    Ok(read) => read,
                    Err(error) => {
                        // The status has left already: break the connection off, so that nobody takes the piece for the whole.
                        tracing::error!(%error, "an export of the log broke off");
                        let broken = actix_web::error::ErrorInternalServerError("the export broke off");
                        return Some((Err::<_, actix_web::Error>(broken), Piece::End));
                    }
                },
            };
            Some((Ok(web::Bytes::from(bytes)), next.map_or(Piece::End, Piece::After)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(ContentDisposition::attachment("gaung-log.csv"))
        .streaming(Box::pin(pieces)))
}
