//! A stream to a server with a deadline on every step, and the rule that nothing may arrive unasked.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, timeout};

use super::reply::{Reply, ReplyError};

/// Bytes written under one deadline.
const BLOCK: usize = 64 * 1024;

/// What a connection stands on: TCP, or TLS over it.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// Why a step on the wire failed. After any of these the connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The network's own error.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// End of stream where a reply was due.
    #[error("the server closed the connection")]
    Closed,
    /// No complete answer in time.
    #[error("no complete answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// Bytes that are no reply.
    #[error("the server sent {0}")]
    NoReply(#[from] ReplyError),
    /// More bytes than the replies that were due.
    #[error("the server sent bytes that nothing had asked for")]
    Unasked,
}

/// One stream, and what was read from it but not yet used.
pub struct Wire {
    stream: Box<dyn Duplex>,
    unread: Vec<u8>,
    /// When every step must be over, whatever its own limit.
    deadline: Option<Instant>,
    /// Until when the other end's certificate is valid, where it showed one.
    pub certificate_ends: Option<DateTime<Utc>>,
}

impl Wire {
    /// Wraps a stream on which nothing has been read yet.
    pub fn new(stream: impl Duplex + 'static) -> Self {
        Self { stream: Box::new(stream), unread: Vec::new(), deadline: None, certificate_ends: None }
    }

    /// Sets when every step must be over; `None`: only the steps' own limits hold.
    pub const fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    fn within(&self, limit: Duration) -> Duration {
        self.deadline.map_or(limit, |at| limit.min(at.saturating_duration_since(Instant::now())))
    }

    /// Gives the stream back for a TLS handshake.
    ///
    /// # Errors
    /// [`WireError::Unasked`] if something already followed the last reply: it came in clear text and must not be read as if it had
    /// come through TLS (RFC 3207, command injection).
    pub fn into_stream(self) -> Result<Box<dyn Duplex>, WireError> {
        if self.unread.is_empty() { Ok(self.stream) } else { Err(WireError::Unasked) }
    }

    /// Sends one command and reads its reply.
    ///
    /// # Errors
    /// [`WireError`]; nothing is sent while unasked bytes are waiting.
    pub async fn ask(&mut self, command: &str, limit: Duration) -> Result<Reply, WireError> {
        self.write(command.as_bytes(), limit, &mut 0).await?;
        self.reply(limit).await
    }

    /// Writes a group of bytes. `written` is kept up to date with how many were handed to the network, also when this fails or is dropped.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn write(&mut self, bytes: &[u8], block_limit: Duration, written: &mut usize) -> Result<(), WireError> {
        if !self.unread.is_empty() {
            return Err(WireError::Unasked);
        }
        for block in bytes.chunks(BLOCK) {
            let block_limit = self.within(block_limit);
            let all = async {
                let mut rest = block;
                while !rest.is_empty() {
                    let count = self.stream.write(rest).await?;
                    if count == 0 {
                        return Err(WireError::Closed);
                    }
                    *written += count;
                    rest = rest.get(count..).unwrap_or_default();
                }
                Ok(self.stream.flush().await?)
            };
            timeout(block_limit, all).await.map_err(|_| WireError::TimedOut(block_limit))??;
        }
        Ok(())
    }

    /// Reads one reply; the limit is for all of it, so that a server of one byte a second cannot stretch it.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn reply(&mut self, limit: Duration) -> Result<Reply, WireError> {
        let limit = self.within(limit);
        let whole = async {
            loop {
                if let Some((reply, used)) = Reply::parse(&self.unread)? {
                    self.unread.drain(..used);
                    return Ok(reply);
                }
                if self.stream.read_buf(&mut self.unread).await? == 0 {
                    return Err(WireError::Closed);
                }
            }
        };
        timeout(limit, whole).await.map_err(|_| WireError::TimedOut(limit))?
    }

    /// Whether the connection looks alive and nothing has arrived unasked. Costs no round trip; `true` is no promise.
    pub async fn is_quiet(&mut self) -> bool {
        if !self.unread.is_empty() {
            return false;
        }
        poll_fn(|context| {
            let mut space = [0; 16];
            let read = Pin::new(&mut self.stream).poll_read(context, &mut ReadBuf::new(&mut space));
            Poll::Ready(read.is_pending())
        })
        .await
    }
}
