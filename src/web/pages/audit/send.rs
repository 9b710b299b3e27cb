//! Sending a file that was made on disk, piece by piece.

use std::fs::File;
use std::io::Read as _;

use actix_web::http::header::{self, ContentDisposition};
use actix_web::{HttpResponse, web};
use futures_util::stream;

use crate::service::ServiceError;
use crate::web::error::Failure;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Sends a file from where it stands to its end, to be kept under a name.
///
/// # Errors
/// [`ServiceError::Internal`] where its length can't be told.
pub fn file(file: File, name: &str, media_type: &'static str) -> Result<HttpResponse, Failure> {
    let length = file.metadata().map_err(|error| ServiceError::Internal(error.to_string()))?.len();
    let pieces = stream::unfold(Some(file), |state| async move {
        let mut file = state?;
        let read = web::block(move || {
            let mut piece = vec![0; PIECE];
            let count = file.read(&mut piece)?;
            piece.truncate(count);
            Ok::<_, std::io::Error>((piece, file))
        });
        match read.await {
            Ok(Ok((piece, _))) if piece.is_empty() => None,
            Ok(Ok((piece, file))) => Some((Ok(web::Bytes::from(piece)), Some(file))),
            Ok(Err(error)) => Some((Err(actix_web::Error::from(error)), None)),
            Err(error) => Some((Err(actix_web::Error::from(error)), None)),
        }
    });
    let answer = HttpResponse::Ok()
        .content_type(media_type)
        // It is compressed already.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(ContentDisposition::attachment(name))
        .no_chunking(length)
        .streaming(Box::pin(pieces));
    Ok(answer)
}
