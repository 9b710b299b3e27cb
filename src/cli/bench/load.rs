//! A load over HTTP: so many connections that are kept open, each asking for the next thing as soon as it has its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::spread::Stopwatch;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// Where.
    pub path: String,
    /// The form that is sent; none for a look.
    pub form: Option<String>,
}

/// What a load found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How long each answer took.
    pub took: Stopwatch,
    /// Answers that were not the expected one.
    pub errors: usize,
    /// The longest body as it came over the wire.
    pub longest: usize,
    /// From the first request to the last answer.
    pub seconds: f64,
}

impl Found {
    /// Answers a second.
    pub fn per_s(&self) -> f64 {
        (self.took.count() as f64 / self.seconds).round()
    }
}

/// One connection.
pub(super) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("can't connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Looks at a page without allowing for compression; gives the status and the body.
    pub async fn ask_plain(&mut self, path: &str) -> anyhow::Result<(u16, Bytes)> {
        let request = Request::builder().uri(path).header(header::HOST, &self.host).body(Full::default())?;
        self.send(request).await
    }

    /// Asks, as a browser does; gives the status and the body.
    pub async fn ask(&mut self, ask: &Ask) -> anyhow::Result<(u16, Bytes)> {
        let request = Request::builder().uri(&ask.path).header(header::HOST, &self.host);
        let request = match &ask.form {
            None => request.header(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd").body(Full::default()),
            Some(form) => request
                .method("POST")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("Sec-Fetch-Site", "same-origin")
                .body(Full::new(Bytes::from(form.clone()))),
        }?;
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<(u16, Bytes)> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// Asks for everything once, over so many connections.
pub(super) async fn run(address: SocketAddr, connections: u32, asks: Vec<Ask>, expected: u16) -> anyhow::Result<Found> {
    let (asks, next) = (Arc::new(asks), Arc::new(AtomicUsize::new(0)));
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address).await?);
    }
    let began = Instant::now();
    let running: Vec<_> = clients
        .into_iter()
        .map(|client| tokio::spawn(keep_asking(client, Arc::clone(&asks), Arc::clone(&next), expected)))
        .collect();
    let mut all = Found::default();
    for one in running {
        let found = one.await??;
        all.took.add(found.took);
        all.errors += found.errors;
        all.longest = all.longest.max(found.longest);
    }
    all.seconds = began.elapsed().as_secs_f64();
    ensure!(all.took.count() == asks.len(), "{} of {} requests were answered", all.took.count(), asks.len());
    Ok(all)
}

async fn keep_asking(mut client: Client, asks: Arc<Vec<Ask>>, next: Arc<AtomicUsize>, expected: u16) -> anyhow::Result<Found> {
    let mut found = Found::default();
    while let Some(ask) = asks.get(next.fetch_add(1, Ordering::Relaxed)) {
        let began = Instant::now();
        let (status, body) = client.ask(ask).await?;
        found.took.note(began.elapsed());
        found.errors += usize::from(status != expected);
        found.longest = found.longest.max(body.len());
    }
    Ok(found)
}
