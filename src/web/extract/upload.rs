//! A large body as a file that can be read while it arrives: memory does not grow with it.

use std::io::{self, Read};
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::mpsc;

use super::body::CSV_LIMIT;
use crate::web::error::Failure;

/// The next piece arrives within this time, or the sender is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pieces that wait to be read.
const PIECES: usize = 8;

/// The reading end; it blocks, so it belongs on a blocking thread.
pub struct Upload {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.rest = piece?,
            }
        }
        let part = self.rest.split_to(buffer.len().min(self.rest.len()));
        // As long as `part`, which is no longer than the buffer.
        if let Some(room) = buffer.get_mut(..part.len()) {
            room.copy_from_slice(&part);
        }
        Ok(part.len())
    }
}

/// The sending end: give it the request's body while somebody reads from the other.
pub struct Feed(mpsc::Sender<io::Result<Bytes>>);

/// Two ends of an upload.
#[must_use]
pub fn upload() -> (Feed, Upload) {
    let (sender, pieces) = mpsc::channel(PIECES);
    (Feed(sender), Upload { pieces, rest: Bytes::new() })
}

impl Feed {
    /// Passes the body on, to its end or its limit. The reader hears of every failure, so that half a file is never taken for a whole one.
    ///
    /// # Errors
    /// [`Failure::TooLarge`], [`Failure::TooSlow`], or a body that was cut off.
    pub async fn pump<E>(self, mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) -> Result<(), Failure> {
        let mut octets = 0;
        loop {
            let piece = match tokio::time::timeout(PATIENCE, body.next()).await {
                Err(_) => Err(Failure::TooSlow),
                Ok(None) => return Ok(()),
                Ok(Some(Err(_))) => {
                    let message = "The request's body was cut off".to_owned();
                    Err(Failure::Malformed { code: "request.cut_off", message })
                }
                Ok(Some(Ok(piece))) => {
                    octets += piece.len();
                    if octets > CSV_LIMIT { Err(Failure::TooLarge { limit: CSV_LIMIT }) } else { Ok(piece) }
                }
            };
            match piece {
                Ok(piece) => {
                    if self.0.send(Ok(piece)).await.is_err() {
                        // Nobody reads any more: the use case has its answer already.
                        return Ok(());
                    }
                }
                Err(failure) => {
                    let _ = self.0.send(Err(io::Error::new(io::ErrorKind::UnexpectedEof, failure.to_string()))).await;
                    return Err(failure);
                }
            }
        }
    }
}
