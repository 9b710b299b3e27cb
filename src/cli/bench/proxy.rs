//! A TCP proxy that lets every byte arrive half a round trip later: a relay far away, on this machine. It also counts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// A running proxy; it ends when dropped.
pub(super) struct Proxy {
    pub address: SocketAddr,
    sent: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// How many bytes went to the target so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Starts a proxy to `target` that adds `round_trip`.
pub(super) async fn start(target: SocketAddr, round_trip: Duration) -> std::io::Result<Proxy> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    let accepting = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                // A client that goes away, or a target that is gone, ends this connection only.
                let _ = join(client, target, round_trip / 2, counter).await;
            });
        }
    });
    Ok(Proxy { address, sent, accepting })
}

async fn join(client: TcpStream, target: SocketAddr, delay: Duration, counter: Arc<AtomicU64>) -> std::io::Result<()> {
    let server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let (there, back) =
        tokio::join!(carry(client_read, server_write, delay, Some(counter)), carry(server_read, client_write, delay, None));
    there.and(back)
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Duration,
    counter: Option<Arc<AtomicU64>>,
) -> std::io::Result<()> {
    let (sender, mut waiting) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        loop {
            let mut bytes = Vec::with_capacity(16 * 1024);
            if from.read_buf(&mut bytes).await? == 0 || sender.send((Instant::now() + delay, bytes)).is_err() {
                return Ok(());
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = waiting.recv().await {
            sleep_until(due).await;
            to.write_all(&bytes).await?;
            if let Some(counter) = &counter {
                counter.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
        }
        to.shutdown().await
    };
    let (read, written): (std::io::Result<()>, _) = tokio::join!(read, write);
    read.and(written)
}
