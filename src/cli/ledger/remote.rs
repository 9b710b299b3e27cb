//! A static log on the web as the source of an export: one request for each file, over HTTP or HTTPS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use url::Url;

use crate::ledger::export::Source;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read: a bundle of the longest entries.
const MOST_BYTES: u64 = 20 * 1024 * 1024;

/// A log below a URL.
pub struct Remote {
    base: Url,
    tls: Arc<ClientConfig>,
}

impl Remote {
    /// Below this URL; nothing is asked yet.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(url: &str) -> Result<Self, String> {
        let base = Url::parse(&format!("{}/", url.trim_end_matches('/'))).map_err(|e| format!("{url}: {e}"))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
        let config = config.map_err(|e| e.to_string())?.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { base, tls: Arc::new(config) })
    }

    fn ask(&self, path: &str) -> io::Result<Vec<u8>> {
        let url = self.base.join(path).map_err(io::Error::other)?;
        let host = url.host_str().ok_or_else(|| io::Error::other("the URL has no host"))?;
        let port = url.port_or_known_default().unwrap_or(443);
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // Version 1.0: the answer comes in one piece and ends with the connection.
        let request = format!("GET {} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: gaung-witness\r\n\r\n", url.path());
        if url.scheme() == "http" {
            return exchange(stream, &request);
        }
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::clone(&self.tls), name).map_err(io::Error::other)?;
        exchange(StreamOwned::new(connection, stream), &request)
    }
}

fn exchange(mut stream: impl Read + Write, request: &str) -> io::Result<Vec<u8>> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut answer = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The body of a whole answer; `None` for 404.
fn body(answer: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let (head, body) = (answer.get(..end).unwrap_or_default(), answer.get(end + 4..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    match status {
        "200" => {}
        "404" | "410" => return Ok(None),
        other => return Err(io::Error::other(format!("the server answers {other}"))),
    }
    let length = lines.find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().to_owned()));
    // What was cut off on the way is no answer.
    match length.and_then(|length| length.parse::<usize>().ok()) {
        Some(length) if length != body.len() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(Some(body.to_owned())),
    }
}

impl Source for Remote {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        body(&self.ask(path)?)
    }
    fn names(&self, _dir: &str) -> io::Result<Vec<String>> {
        // A static log on the web has no listings.
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::body;

    #[test]
    fn an_answer_is_whole_or_refused() {
        assert_eq!(body(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").unwrap(), Some(b"abc".to_vec()));
        assert_eq!(body(b"HTTP/1.0 200 OK\r\n\r\nabc").unwrap(), Some(b"abc".to_vec()));
        assert_eq!(body(b"HTTP/1.1 404 Not Found\r\n\r\nno").unwrap(), None);
        assert!(body(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc").is_err());
        assert!(body(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n").is_err());
        assert!(body(b"HTTP/1.1 200 OK\r\n").is_err());
    }
}
