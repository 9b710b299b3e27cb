//! Opening a connection: TCP, greeting, EHLO, TLS, AUTH. What fails here is about the relay, never about a recipient.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::certificate;
use super::config::{Password, SmtpConfig, TlsMode};
use super::extensions::Extensions;
use super::reply::Reply;
use super::wire::{Duplex, Wire, WireError};
use crate::mail::outcome::Outcome;

/// How long the farewell may take; its answer changes nothing.
const QUIT_LIMIT: Duration = Duration::from_secs(2);

/// A connection on which messages can be handed over.
pub struct Connection {
    pub wire: Wire,
    pub extensions: Extensions,
    /// The text of the 220 greeting.
    pub greeting: String,
    /// Whether TLS protects it.
    pub encrypted: bool,
    /// Messages handed over so far, whatever became of them.
    pub used: u32,
    /// A transaction was left half-way: RSET first.
    pub needs_reset: bool,
    /// When it was last put back.
    pub idle_since: Instant,
}

/// Why no connection could be opened: [`Outcome::NotSent`] (try later) or [`Outcome::RelayRefused`] (someone must look).
type Opened<T> = Result<T, Outcome>;

/// Opens a connection as the settings say.
pub async fn open(config: &SmtpConfig, tls: Option<&TlsConnector>) -> Opened<Connection> {
    let tcp = connect(config).await?;
    let mut wire = match tls {
        Some(tls) if config.tls == TlsMode::Implicit => encrypt(config, tls, Box::new(tcp)).await?,
        _ => Wire::new(tcp),
    };
    let mut encrypted = config.tls == TlsMode::Implicit;
    let greeting = wire.reply(config.timeouts.greeting).await.map_err(|e| lost("the greeting", &e))?;
    expect_positive("the greeting", &greeting)?;
    let mut extensions = hello(config, &mut wire).await?;
    if let Some(tls) = tls.filter(|_| !encrypted) {
        if extensions.starttls {
            wire = start_tls(config, tls, wire).await?;
            extensions = hello(config, &mut wire).await?;
            encrypted = true;
        } else if config.tls == TlsMode::Required {
            return Err(Outcome::RelayRefused { why: "the relay does not announce STARTTLS, which is required".to_owned() });
        }
    }
    if let (Some(username), Some(password)) = (&config.username, &config.password) {
        authenticate(config, &mut wire, &extensions, (username, password)).await?;
    }
    let idle_since = Instant::now();
    Ok(Connection { wire, extensions, greeting: greeting.text(), encrypted, used: 0, needs_reset: false, idle_since })
}

impl Connection {
    /// Says goodbye and closes. Best effort and bounded: all messages have their answers already.
    pub async fn quit(mut self) {
        let _ = self.wire.ask("QUIT\r\n", QUIT_LIMIT).await;
    }
}

async fn connect(config: &SmtpConfig) -> Opened<TcpStream> {
    let limit = config.timeouts.connect;
    let not_sent = |why: String| Outcome::NotSent { why: format!("cannot connect to {}:{}: {why}", config.host, config.port) };
    let addresses: Vec<SocketAddr> = timeout(limit, lookup_host((config.host.as_str(), config.port)))
        .await
        .map_err(|_| not_sent("the name was not resolved in time".to_owned()))?
        .map_err(|e| not_sent(e.to_string()))?
        .collect();
    let mut why = "the name has no address".to_owned();
    for address in addresses {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without this the final bytes of a message wait up to 44 ms for the answer to the bytes before them.
                stream.set_nodelay(true).map_err(|e| not_sent(e.to_string()))?;
                return Ok(stream);
            }
            Ok(Err(e)) => why = e.to_string(),
            Err(_) => why = format!("no answer within {} ms", limit.as_millis()),
        }
    }
    Err(not_sent(why))
}

async fn hello(config: &SmtpConfig, wire: &mut Wire) -> Opened<Extensions> {
    let limit = config.timeouts.command;
    let ehlo = wire.ask(&format!("EHLO {}\r\n", config.hello_name), limit).await.map_err(|e| lost("EHLO", &e))?;
    if ehlo.is_positive() {
        return Ok(Extensions::of(&ehlo));
    }
    if !ehlo.is_permanent() {
        expect_positive("EHLO", &ehlo)?;
    }
    // A server from before extensions (RFC 5321 3.2).
    let helo = wire.ask(&format!("HELO {}\r\n", config.hello_name), limit).await.map_err(|e| lost("HELO", &e))?;
    expect_positive("HELO", &helo)?;
    Ok(Extensions::default())
}

async fn start_tls(config: &SmtpConfig, tls: &TlsConnector, mut wire: Wire) -> Opened<Wire> {
    let reply = wire.ask("STARTTLS\r\n", config.timeouts.command).await.map_err(|e| lost("STARTTLS", &e))?;
    if !reply.is_positive() {
        return Err(Outcome::RelayRefused { why: format!("the relay announced STARTTLS but refused it: {reply}") });
    }
    let stream = wire.into_stream().map_err(|_| Outcome::RelayRefused {
        why: "bytes followed the answer to STARTTLS in clear text: someone may be tampering with the connection".to_owned(),
    })?;
    encrypt(config, tls, stream).await
}

async fn encrypt(config: &SmtpConfig, tls: &TlsConnector, stream: Box<dyn Duplex>) -> Opened<Wire> {
    let limit = config.timeouts.tls;
    let name = ServerName::try_from(config.host.clone())
        .map_err(|_| Outcome::RelayRefused { why: format!("{:?} is no name that a certificate can carry", config.host) })?;
    match timeout(limit, tls.connect(name, stream)).await {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            let ends = shown.and_then(|certificate| certificate::ends(certificate));
            let mut wire = Wire::new(stream);
            wire.certificate_ends = ends;
            Ok(wire)
        }
        Ok(Err(e)) if is_tls_failure(&e) => {
            Err(Outcome::RelayRefused { why: format!("the TLS handshake with {} failed: {e}", config.host) })
        }
        Ok(Err(e)) => Err(Outcome::NotSent { why: format!("the connection broke in the TLS handshake: {e}") }),
        Err(_) => Err(Outcome::NotSent { why: format!("the TLS handshake took longer than {} ms", limit.as_millis()) }),
    }
}

/// rustls reports its own errors as invalid data; anything else is the network's.
fn is_tls_failure(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::InvalidData
}

async fn authenticate(
    config: &SmtpConfig,
    wire: &mut Wire,
    extensions: &Extensions,
    (username, password): (&str, &Password),
) -> Opened<()> {
    let limit = config.timeouts.command;
    let reply = if extensions.auth_plain {
        // RFC 4616: no authorisation identity, user, password.
        let token = STANDARD.encode(format!("\0{username}\0{}", password.reveal()));
        wire.ask(&format!("AUTH PLAIN {token}\r\n"), limit).await
    } else if extensions.auth_login {
        login(wire, username, password, limit).await
    } else {
        return Err(Outcome::RelayRefused {
            why: "a user name is configured but the relay announces neither AUTH PLAIN nor LOGIN".to_owned(),
        });
    };
    expect_positive("AUTH", &reply.map_err(|e| lost("AUTH", &e))?)
}

async fn login(wire: &mut Wire, username: &str, password: &Password, limit: Duration) -> Result<Reply, WireError> {
    let mut reply = wire.ask("AUTH LOGIN\r\n", limit).await?;
    for answer in [username, password.reveal()] {
        if reply.code != 334 {
            break;
        }
        reply = wire.ask(&format!("{}\r\n", STANDARD.encode(answer)), limit).await?;
    }
    Ok(reply)
}

fn expect_positive(phase: &str, reply: &Reply) -> Opened<()> {
    if reply.is_positive() {
        Ok(())
    } else if reply.is_permanent() {
        Err(Outcome::RelayRefused { why: format!("the relay refused {phase}: {reply}") })
    } else {
        Err(Outcome::NotSent { why: format!("the relay put {phase} off: {reply}") })
    }
}

fn lost(phase: &str, error: &WireError) -> Outcome {
    Outcome::NotSent { why: format!("at {phase}: {error}") }
}
