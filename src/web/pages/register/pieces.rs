//! A file of the register of any length: a short one is answered whole and can be asked for by its ETag, a long one flows as it is
//! read, and is read no further than somebody takes it.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{self, Stream, StreamExt as _};

use super::{KEEP, open};
use crate::service::ServiceError;
use crate::service::page::{MAX_LIMIT, Page, PageRequest};
use crate::web::error::Failure;

/// What is this short is answered whole.
const SHORT: usize = 256 * 1024;

/// A list that is read page by page to its end.
#[derive(Debug, Default)]
pub(super) struct Pager {
    after: Option<String>,
    is_over: bool,
    has_begun: bool,
}

impl Pager {
    /// The next page to ask for; none after the last.
    pub(super) fn request(&self) -> Option<PageRequest> {
        let after = self.after.clone();
        (!self.is_over).then_some(PageRequest { after, limit: MAX_LIMIT })
    }
    /// The items of a page that came.
    pub(super) fn turn<T>(&mut self, page: Page<T>) -> Vec<T> {
        self.is_over = page.next.is_none();
        self.after = page.next;
        page.items
    }
    /// Whether nothing was written yet; from now on something was.
    pub(super) fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.has_begun, true)
    }
}

/// The answer, from its pieces.
pub(super) async fn send(
    req: &HttpRequest,
    media_type: &'static str,
    pieces: impl Stream<Item = Result<Vec<u8>, ServiceError>> + 'static,
) -> Result<HttpResponse, Failure> {
    let mut pieces = Box::pin(pieces);
    let mut head = Vec::new();
    while head.len() < SHORT {
        match pieces.next().await {
            None => return Ok(open(req, media_type, head)),
            Some(piece) => head.append(&mut piece?),
        }
    }
    let rest = pieces.map(|piece| {
        piece.map(Bytes::from).map_err(|error| {
            // The status has left already: break the connection off, so that nobody takes the piece for the whole.
            tracing::error!(%error, "a file of the register broke off");
            actix_web::error::ErrorInternalServerError("the file broke off")
        })
    });
    let head = stream::iter([Ok::<_, actix_web::Error>(Bytes::from(head))]);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, KEEP))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        .insert_header((
            header::HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ))
        .content_type(media_type)
        .streaming(head.chain(rest)))
}
