//! Asks for a page many times over connections that stay open, and keeps each answer's time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::pages::Page;
use super::report::PageFigures;

/// A page that is slow is not asked for longer than this.
const LONGEST: Duration = Duration::from_secs(6);

/// A connection that stays open.
pub(super) struct Connection {
    sender: SendRequest<Empty<Bytes>>,
    host: String,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    pub(super) async fn get(&mut self, path: &str, cookie: Option<&str>) -> anyhow::Result<Response<Incoming>> {
        self.sender.ready().await?;
        let mut request = Request::get(path).header(header::HOST, &self.host).header(header::ACCEPT_LANGUAGE, "id");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        Ok(self.sender.send_request(request.body(Empty::new())?).await?)
    }
}

struct Times {
    histogram: Histogram<u64>,
    first: Duration,
    bytes: usize,
}

/// Measures one page.
pub(super) async fn measure(
    address: SocketAddr,
    page: &Page,
    cookie: Option<&str>,
    connections: u32,
    requests: u32,
) -> anyhow::Result<PageFigures> {
    let (asked, began) = (Arc::new(AtomicU32::new(0)), Instant::now());
    let mut asking = Vec::new();
    for _ in 0..connections.min(requests) {
        let (asked, path, cookie) = (Arc::clone(&asked), page.path.clone(), cookie.map(str::to_owned));
        asking.push(tokio::spawn(async move { ask(address, (path.as_str(), cookie.as_deref()), &asked, requests, began).await }));
    }
    let mut all = Histogram::<u64>::new(3)?;
    let (mut first, mut bytes) = (Duration::ZERO, 0);
    for one in asking {
        let times = one.await?.with_context(|| format!("{} ({})", page.name, page.path))?;
        all.add(&times.histogram)?;
        first = first.max(times.first);
        bytes = times.bytes;
    }
    let ms = |micros: u64| f64::from(u32::try_from(micros / 10).unwrap_or(u32::MAX)) / 100.0;
    Ok(PageFigures {
        page: page.name.clone(),
        requests: all.len(),
        first_ms: ms(u64::try_from(first.as_micros()).unwrap_or(u64::MAX)),
        p50_ms: ms(all.value_at_quantile(0.5)),
        p95_ms: ms(all.value_at_quantile(0.95)),
        max_ms: ms(all.max()),
        bytes,
    })
}

async fn ask(
    address: SocketAddr,
    (path, cookie): (&str, Option<&str>),
    asked: &AtomicU32,
    requests: u32,
    began: Instant,
) -> anyhow::Result<Times> {
    let mut connection = Connection::open(address).await?;
    let mut times = Times { histogram: Histogram::new(3)?, first: Duration::ZERO, bytes: 0 };
    // The first answer of each connection is told apart: it fills caches.
    let mut is_first = true;
    while is_first || (asked.fetch_add(1, Ordering::Relaxed) < requests && began.elapsed() < LONGEST) {
        let started = Instant::now();
        let answer = connection.get(path, cookie).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let took = started.elapsed();
        ensure!(status.is_success(), "was answered with {status}");
        times.bytes = body.len();
        if is_first {
            times.first = took;
        } else {
            times.histogram.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX))?;
        }
        is_first = false;
    }
    Ok(times)
}
