//! A real SMTP server in its own thread that keeps what it accepted and misbehaves as its script says.
//!
//! `let server = SmtpServer::start(Script::default());` listens on a free port of 127.0.0.1 until it is dropped, from
//! synchronous and asynchronous tests alike. `server.messages()` is what it accepted, in order.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::{broadcast, oneshot};

use super::smtp_session::serve;
use super::smtp_tls::TestTls;

/// Where in the dialogue a fault strikes: in place of the answer to this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the final dot.
    Dot,
    Rset,
}

/// What a fault does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers this; CRLF is added. A 2xx after the dot still accepts, a 421 closes afterwards.
    Say(&'static str),
    /// Sends exactly these bytes.
    Raw(Vec<u8>),
    /// Closes without an answer; after the dot, the message is not kept.
    Close,
    /// After the dot: keeps the message and closes without an answer.
    AcceptAndClose,
    /// Gives the ordinary answer one byte at a time, with this pause before each.
    Drip(Duration),
    /// Gives the ordinary answer and, in the same write, these bytes that nothing asked for.
    Trail(&'static str),
    /// Never answers.
    Stall,
    /// Gives the ordinary answer late.
    Late(Duration),
}

/// One misbehaviour.
#[derive(Debug, Clone)]
pub struct Fault {
    at: At,
    act: Act,
    /// Only while this recipient is in the transaction.
    recipient: Option<String>,
    /// How often it still strikes; `None`: always.
    left: Option<usize>,
}

impl Fault {
    pub fn always(at: At, act: Act) -> Self {
        Self { at, act, recipient: None, left: None }
    }
    pub fn times(count: usize, at: At, act: Act) -> Self {
        Self { left: Some(count), ..Self::always(at, act) }
    }
    pub fn once(at: At, act: Act) -> Self {
        Self::times(1, at, act)
    }
    /// Strikes whenever `recipient` is the one in RCPT.
    pub fn for_recipient(recipient: &str, at: At, act: Act) -> Self {
        Self { recipient: Some(recipient.to_owned()), ..Self::always(at, act) }
    }
    /// Strikes the first time that `recipient` is the one in RCPT.
    pub fn once_for_recipient(recipient: &str, at: At, act: Act) -> Self {
        Self { left: Some(1), ..Self::for_recipient(recipient, at, act) }
    }
}

/// The certificate that the server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// From the server's test authority (`ca_file()`), for localhost and 127.0.0.1.
    Good,
    /// From the test authority, for another name.
    OtherName,
    /// From nobody that the client knows.
    SelfSigned,
}

/// How the server offers TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    None,
    StartTls(Certificate),
    Implicit(Certificate),
}

/// What AUTH accepts.
#[derive(Debug, Clone)]
pub struct Login {
    pub mechanisms: &'static str,
    pub username: &'static str,
    pub password: &'static str,
}

/// How the server behaves.
#[derive(Debug, Clone)]
pub struct Script {
    pub encryption: Encryption,
    /// With it, MAIL is answered 530 before AUTH.
    pub login: Option<Login>,
    /// Further EHLO lines.
    pub extensions: Vec<&'static str>,
    /// Closes silently after so many messages on a connection.
    pub messages_per_connection: Option<usize>,
    /// Asks for the message (354) though it took no recipient, as RFC 2920 3.1 warns of.
    pub asks_anyway: bool,
    pub faults: Vec<Fault>,
}

impl Default for Script {
    fn default() -> Self {
        let extensions = vec!["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10485760"];
        Self {
            encryption: Encryption::None,
            login: None,
            extensions,
            messages_per_connection: None,
            asks_anyway: false,
            faults: Vec::new(),
        }
    }
}

impl Script {
    /// An ordinary server with these faults.
    pub fn with(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { faults: faults.into_iter().collect(), ..Self::default() }
    }
}

/// A message that the server accepted.
#[derive(Debug, Clone)]
pub struct Received {
    pub sender: String,
    pub recipients: Vec<String>,
    /// What stood behind the address in MAIL.
    pub parameters: String,
    /// The message, dots undoubled.
    pub data: Vec<u8>,
    /// Which connection, from 1.
    pub connection: usize,
    pub encrypted: bool,
    pub user: Option<String>,
}

impl Received {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
    pub fn message_id(&self) -> String {
        let text = self.text();
        let header = text.lines().find(|l| l.to_ascii_lowercase().starts_with("message-id:"));
        header.map(|l| l["message-id:".len()..].trim().to_owned()).unwrap_or_default()
    }
}

/// What the connections share with the test.
pub struct Shared {
    pub script: Script,
    pub tls: TestTls,
    pub faults: Mutex<Vec<Fault>>,
    pub received: Mutex<Vec<Received>>,
    pub commands: Mutex<Vec<String>>,
    pub accepted: AtomicUsize,
    pub open: AtomicUsize,
    pub most_open: AtomicUsize,
    pub hang_up: broadcast::Sender<Option<String>>,
}

impl Shared {
    /// The fault that strikes now, used up by one.
    pub fn strike(&self, at: At, recipients: &[String]) -> Option<Act> {
        let mut faults = self.faults.lock().unwrap();
        let hit = faults
            .iter_mut()
            .find(|f| f.at == at && f.left != Some(0) && f.recipient.as_ref().is_none_or(|r| recipients.contains(r)))?;
        hit.left = hit.left.map(|n| n - 1);
        Some(hit.act.clone())
    }
}

/// The running server.
pub struct SmtpServer {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl SmtpServer {
    /// Starts it on a free port.
    pub fn start(script: Script) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, script)
    }

    /// Starts it on a given port: a relay that comes back.
    pub fn start_at(addr: SocketAddr, script: Script) -> Self {
        Self::on(std::net::TcpListener::bind(addr).unwrap(), script)
    }

    fn on(listener: std::net::TcpListener, script: Script) -> Self {
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls: TestTls::new(script.encryption),
            faults: Mutex::new(script.faults.clone()),
            script,
            received: Mutex::default(),
            commands: Mutex::default(),
            accepted: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            hang_up: broadcast::channel(8).0,
        });
        let (stop, stopped) = oneshot::channel();
        let seen = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, seen) => {}
                }
            });
        });
        Self { addr, shared, stop: Some(stop), thread: Some(thread) }
    }

    pub fn port(&self) -> u16 {
        self.addr.port()
    }

    /// The PEM file of the authority behind [`Certificate::Good`].
    pub fn ca_file(&self) -> std::path::PathBuf {
        self.shared.tls.ca_file()
    }

    /// What was accepted, in order.
    pub fn messages(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    pub fn message_count(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }

    /// How often each Message-ID was accepted.
    pub fn message_ids(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for message in self.shared.received.lock().unwrap().iter() {
            *counts.entry(message.message_id()).or_default() += 1;
        }
        counts
    }

    /// Every command line, in order; credentials included, message lines not.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }

    /// How many connections were ever opened.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many were open at once, at most.
    pub fn most_connections_at_once(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }

    /// Replaces the faults from here on.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        *self.shared.faults.lock().unwrap() = faults.into_iter().collect();
    }

    /// Closes every connection that waits for a command, as a server does with idle ones, after saying `farewell` if given.
    /// Returns when they are closed.
    pub fn hang_up(&self, farewell: Option<&str>) {
        let _ = self.shared.hang_up.send(farewell.map(str::to_owned));
        let until = Instant::now() + Duration::from_secs(10);
        while self.shared.open.load(Ordering::SeqCst) > 0 {
            assert!(Instant::now() < until, "connections stay open");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst) + 1;
        let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_open.fetch_max(open, Ordering::SeqCst);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // The client may go away at any point; that is its right.
            let _ = serve(stream, number, &shared).await;
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}
