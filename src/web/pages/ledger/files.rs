//! The log's files, in the paths of C2SP tlog-tiles below `/ledger`, and receipts.

use actix_web::http::header::{self, ContentDisposition};
use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::id::EntryId;
use crate::service::ServiceError;
use crate::service::seal::proof::{self, Receipt};
use crate::service::seal::serve;
use crate::service::task::{self, ReceiptRefusal};
use crate::web::error::Failure;
use crate::web::extract::Signed;

/// A complete tile never changes; anything else may be another one in the next second.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const NOW: &str = "no-cache";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// For everybody, from any other site's pages, too: that is what it is there for.
fn open(media_type: &'static str, keep: &'static str, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(body.into())
}

/// The newest checkpoint.
///
/// # Errors
/// Not found while nothing is signed.
pub async fn checkpoint(app: web::Data<App>) -> Result<HttpResponse, Failure> {
    Ok(open(TEXT, NOW, serve::checkpoint(&app, None).await?))
}

/// The last checkpoint of a log that was ended, by its number.
///
/// # Errors
/// Not found where there is no such log.
pub async fn former_checkpoint(app: web::Data<App>, no: web::Path<i32>) -> Result<HttpResponse, Failure> {
    Ok(open(TEXT, NOW, serve::checkpoint(&app, Some(no.into_inner())).await?))
}

/// The keys.
///
/// # Errors
/// The database's failure.
pub async fn vkey(app: web::Data<App>) -> Result<HttpResponse, Failure> {
    Ok(open(TEXT, NOW, serve::vkeys(&app).await?))
}

/// A tile of hashes.
///
/// # Errors
/// Not found for a path that is none, or a tile that the log does not have.
pub async fn hashes(app: web::Data<App>, path: web::Path<String>) -> Result<HttpResponse, Failure> {
    hashes_of(&app, None, &path).await
}

/// A tile of hashes of a log that was ended.
///
/// # Errors
/// As [`hashes`].
pub async fn former_hashes(app: web::Data<App>, path: web::Path<(i32, String)>) -> Result<HttpResponse, Failure> {
    let (no, path) = path.into_inner();
    hashes_of(&app, Some(no), &path).await
}

async fn hashes_of(app: &App, no: Option<i32>, path: &str) -> Result<HttpResponse, Failure> {
    let served = serve::hashes(app, no, &format!("tile/{path}")).await?;
    Ok(open(BYTES, if served.is_full { FOR_EVER } else { NOW }, served.bytes))
}

/// A bundle of entries, for who may read the whole log.
///
/// # Errors
/// [`ServiceError::Forbidden`] for others; not found as [`hashes`].
pub async fn entries(app: web::Data<App>, signed: Signed, path: web::Path<String>) -> Result<HttpResponse, Failure> {
    let body = serve::entries(&app, &signed.caller, None, &format!("tile/entries/{path}")).await?;
    Ok(HttpResponse::Ok().content_type(BYTES).insert_header((header::CACHE_CONTROL, "private, no-store")).body(body))
}

fn send(receipt: Receipt) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(TEXT)
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header(ContentDisposition::attachment(format!("gaung-{}.tlog-proof", receipt.index)))
        .body(receipt.bytes)
}

/// The receipt of what a member did, through the task's link.
///
/// # Errors
/// `link.*`, `receipt.*`.
pub async fn receipt(app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    Ok(send(task::receipt(&app, &token).await?))
}

/// The receipt of an entry, for who may read it.
///
/// # Errors
/// Not found outside the reader's reach; `receipt.not_sealed` while it waits.
pub async fn entry_receipt(app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: EntryId = id.parse().map_err(|_| Failure::NoRoute)?;
    let receipt = proof::for_reader(&app, &signed.caller, id).await?;
    Ok(send(receipt.ok_or(ServiceError::from(ReceiptRefusal::NotSealed))?))
}
