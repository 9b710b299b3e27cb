//! One connection of the scripted SMTP server: an honest RFC 5321 dialogue, interrupted by faults.

use std::io::{Error, ErrorKind, Result};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::broadcast;

use super::smtp_server::{Act, At, Encryption, Received, Shared};

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

struct Session<'a> {
    stream: BufReader<Box<dyn Duplex>>,
    shared: &'a Shared,
    hang_up: broadcast::Receiver<Option<String>>,
    number: usize,
    encrypted: bool,
    user: Option<String>,
    sender: Option<(String, String)>,
    recipients: Vec<String>,
    kept: usize,
}

/// Speaks with one client until either side closes.
pub async fn serve(stream: TcpStream, number: usize, shared: &Shared) -> Result<()> {
    let encrypted = matches!(shared.script.encryption, Encryption::Implicit(_));
    let stream: Box<dyn Duplex> = match &shared.tls.acceptor {
        Some(acceptor) if encrypted => Box::new(acceptor.accept(stream).await?),
        _ => Box::new(stream),
    };
    let mut session = Session {
        stream: BufReader::new(stream),
        shared,
        hang_up: shared.hang_up.subscribe(),
        number,
        encrypted,
        user: None,
        sender: None,
        recipients: Vec::new(),
        kept: 0,
    };
    session.answer(At::Greeting, "220 scripted.example.org ESMTP").await?;
    loop {
        let line = session.command().await?;
        session.handle(&line).await?;
    }
}

fn closed() -> Error {
    Error::from(ErrorKind::ConnectionAborted)
}

impl Session<'_> {
    /// The next command, unless the test hangs up first.
    async fn command(&mut self) -> Result<String> {
        let mut line = Vec::new();
        let farewell = tokio::select! {
            read = self.stream.read_until(b'\n', &mut line) => {
                if read? == 0 {
                    return Err(closed());
                }
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                self.shared.commands.lock().unwrap().push(line.clone());
                return Ok(line);
            }
            farewell = self.hang_up.recv() => farewell.ok().flatten(),
        };
        if let Some(text) = farewell {
            self.send(format!("{text}\r\n").as_bytes()).await?;
        }
        self.stream.shutdown().await?;
        Err(closed())
    }

    async fn handle(&mut self, line: &str) -> Result<()> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => self.ehlo().await,
            "HELO" => self.answer(At::Ehlo, "250 scripted.example.org").await.map(drop),
            "STARTTLS" => self.start_tls().await,
            "AUTH" => self.auth(line).await,
            "MAIL" => self.mail(line).await,
            "RCPT" => self.rcpt(line).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.clear();
                self.answer(At::Rset, "250 2.0.0 reset").await.map(drop)
            }
            "QUIT" => {
                self.send(b"221 2.0.0 bye\r\n").await?;
                Err(closed())
            }
            _ => self.send(b"500 5.5.2 what?\r\n").await,
        }
    }

    async fn ehlo(&mut self) -> Result<()> {
        let script = &self.shared.script;
        let mut lines = vec!["scripted.example.org".to_owned()];
        lines.extend(script.extensions.iter().map(ToString::to_string));
        if matches!(script.encryption, Encryption::StartTls(_)) && !self.encrypted {
            lines.push("STARTTLS".to_owned());
        }
        lines.extend(script.login.iter().map(|login| format!("AUTH {}", login.mechanisms)));
        let last = lines.pop().unwrap_or_default();
        let reply = lines.iter().map(|l| format!("250-{l}\r\n")).collect::<String>() + "250 " + last.as_str();
        self.clear();
        self.answer(At::Ehlo, &reply).await.map(drop)
    }

    async fn start_tls(&mut self) -> Result<()> {
        if !self.answer(At::StartTls, "220 2.0.0 go ahead").await? {
            return Ok(());
        }
        let Some(acceptor) = self.shared.tls.acceptor.clone() else { return Err(closed()) };
        let (nothing, _) = tokio::io::duplex(1);
        let plain = std::mem::replace(&mut self.stream, BufReader::new(Box::new(nothing))).into_inner();
        self.stream = BufReader::new(Box::new(acceptor.accept(plain).await?));
        self.encrypted = true;
        Ok(())
    }

    async fn auth(&mut self, line: &str) -> Result<()> {
        let Some(login) = self.shared.script.login.clone() else {
            return self.send(b"503 5.5.1 not here\r\n").await;
        };
        let words: Vec<&str> = line.split(' ').collect();
        let decode = |text: &str| String::from_utf8_lossy(&STANDARD.decode(text).unwrap_or_default()).into_owned();
        let (username, password) = if words.get(1) == Some(&"LOGIN") {
            self.send(b"334 VXNlcm5hbWU6\r\n").await?;
            let username = decode(&self.command().await?);
            self.send(b"334 UGFzc3dvcmQ6\r\n").await?;
            (username, decode(&self.command().await?))
        } else {
            let token = decode(words.get(2).copied().unwrap_or_default());
            let mut parts = token.split('\0').skip(1).map(str::to_owned);
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        };
        if (username.as_str(), password.as_str()) == (login.username, login.password) {
            if self.answer(At::Auth, "235 2.7.0 welcome").await? {
                self.user = Some(username);
            }
            Ok(())
        } else {
            self.send(b"535 5.7.8 wrong user or password\r\n").await
        }
    }

    async fn mail(&mut self, line: &str) -> Result<()> {
        if self.shared.script.login.is_some() && self.user.is_none() {
            return self.send(b"530 5.7.0 authentication required\r\n").await;
        }
        if self.sender.is_some() {
            return self.send(b"503 5.5.1 nested MAIL\r\n").await;
        }
        let (address, parameters) = path(line);
        if self.answer(At::Mail, "250 2.1.0 sender ok").await? {
            self.sender = Some((address, parameters));
        }
        Ok(())
    }

    async fn rcpt(&mut self, line: &str) -> Result<()> {
        if self.sender.is_none() {
            return self.send(b"503 5.5.1 MAIL first\r\n").await;
        }
        self.recipients.push(path(line).0);
        if !self.answer(At::Rcpt, "250 2.1.5 recipient ok").await? {
            self.recipients.pop();
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<()> {
        if self.recipients.is_empty() && self.shared.script.asks_anyway {
            self.send(b"354 go ahead, for nobody\r\n").await?;
            let line = self.command().await?;
            self.clear();
            return self
                .send(if line == "." { b"554 5.5.1 no valid recipients\r\n" } else { b"250 2.0.0 taken for nobody...\r\n" })
                .await;
        }
        if self.recipients.is_empty() {
            return self.send(b"503 5.5.1 RCPT first\r\n").await;
        }
        if !self.answer(At::Data, "354 go ahead").await? {
            return Ok(());
        }
        let mut data = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(closed());
            }
            if line == b".\r\n" {
                break;
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.finish(data).await
    }

    async fn finish(&mut self, data: Vec<u8>) -> Result<()> {
        let (sender, parameters) = self.sender.take().unwrap_or_default();
        let recipients = std::mem::take(&mut self.recipients);
        let (connection, encrypted, user) = (self.number, self.encrypted, self.user.clone());
        let message = Received { sender, recipients: recipients.clone(), parameters, data, connection, encrypted, user };
        let act = self.shared.strike(At::Dot, &recipients);
        let refused = matches!(&act, Some(Act::Say(text)) if !text.starts_with('2'));
        if !refused && !matches!(act, Some(Act::Close | Act::Raw(_))) {
            // Kept before the answer goes out, as a server does that has promised durability.
            self.shared.received.lock().unwrap().push(message);
            self.kept += 1;
        }
        self.perform(act, "250 2.0.0 ok: queued").await?;
        if self.shared.script.messages_per_connection.is_some_and(|most| self.kept >= most) { Err(closed()) } else { Ok(()) }
    }

    fn clear(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    /// Answers as a fault says or as usual; `true` if the client heard yes.
    async fn answer(&mut self, at: At, usual: &str) -> Result<bool> {
        let act = self.shared.strike(at, &self.recipients);
        self.perform(act, usual).await
    }

    async fn perform(&mut self, act: Option<Act>, usual: &str) -> Result<bool> {
        let usual_line = format!("{usual}\r\n");
        match act {
            None => self.send(usual_line.as_bytes()).await?,
            Some(Act::Trail(extra)) => self.send(format!("{usual_line}{extra}\r\n").as_bytes()).await?,
            Some(Act::Say(text)) => {
                self.send(format!("{text}\r\n").as_bytes()).await?;
                if text.starts_with("421") {
                    self.stream.shutdown().await?;
                    return Err(closed());
                }
                return Ok(text.starts_with(['2', '3']));
            }
            Some(Act::Raw(bytes)) => {
                self.send(&bytes).await?;
                return Ok(false);
            }
            Some(Act::Close | Act::AcceptAndClose) => return Err(closed()),
            Some(Act::Drip(pause)) => {
                for byte in usual_line.bytes() {
                    tokio::time::sleep(pause).await;
                    self.send(&[byte]).await?;
                }
            }
            Some(Act::Late(pause)) => {
                tokio::time::sleep(pause).await;
                self.send(usual_line.as_bytes()).await?;
            }
            Some(Act::Stall) => {
                // Until the client gives up or the server is dropped.
                let mut rest = Vec::new();
                while self.stream.read_until(b'\n', &mut rest).await? > 0 {}
                return Err(closed());
            }
        }
        Ok(true)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }
}

/// The address and the parameters of `MAIL FROM:<x> Y` and `RCPT TO:<x>`.
fn path(line: &str) -> (String, String) {
    let inner = line.split_once('<').map(|(_, rest)| rest).unwrap_or_default();
    let (address, parameters) = inner.rsplit_once('>').unwrap_or((inner, ""));
    (address.to_owned(), parameters.trim().to_owned())
}
