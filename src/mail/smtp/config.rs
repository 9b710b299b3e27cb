//! The settings of one relay, and which combinations are refused before anything is sent.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

crate::text_enum! {
    /// How the connection to the relay is protected.
    pub enum TlsMode {
        /// Clear text. For a relay on this machine or a private network.
        None = "none",
        /// STARTTLS where the relay announces it, clear text otherwise. Any certificate will do, so this keeps out listeners, not
        /// impostors (RFC 7435).
        Opportunistic = "opportunistic",
        /// STARTTLS, or no mail (RFC 3207; usually port 587).
        Required = "required",
        /// TLS from the first byte (RFC 8314; usually port 465).
        Implicit = "implicit",
    }
}

/// A password that shows itself nowhere but on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Keeps `text` as a password.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How long each phase may take; the defaults are the minima of RFC 5321 4.5.3.2 where it names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP connect, for each address of the host (own choice: 30 s).
    pub connect: Duration,
    /// A TLS handshake (own choice: 60 s).
    pub tls: Duration,
    /// The 220 greeting.
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH, RSET.
    pub command: Duration,
    /// MAIL.
    pub mail: Duration,
    /// RCPT.
    pub rcpt: Duration,
    /// DATA until 354.
    pub data: Duration,
    /// Writing each 64 KiB of the message.
    pub data_block: Duration,
    /// The answer to the final dot.
    pub data_end: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            connect: Duration::from_secs(30),
            tls: minutes(1),
            greeting: minutes(5),
            command: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            data_block: minutes(3),
            data_end: minutes(10),
        }
    }
}

impl Timeouts {
    /// The same limit for every phase: tests, and relays on a local network.
    #[must_use]
    pub const fn all(limit: Duration) -> Self {
        Self {
            connect: limit,
            tls: limit,
            greeting: limit,
            command: limit,
            mail: limit,
            rcpt: limit,
            data: limit,
            data_block: limit,
            data_end: limit,
        }
    }

    const fn named(&self) -> [(&'static str, Duration); 9] {
        [
            ("connect", self.connect),
            ("tls", self.tls),
            ("greeting", self.greeting),
            ("command", self.command),
            ("mail", self.mail),
            ("rcpt", self.rcpt),
            ("data", self.data),
            ("data_block", self.data_block),
            ("data_end", self.data_end),
        ]
    }
}

/// One relay and how to speak to it. [`super::Pool::new`] refuses what [`SmtpConfig::check`] refuses.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Host name or IP address; also the name its certificate must carry.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection of the connection.
    pub tls: TlsMode,
    /// User for AUTH PLAIN or LOGIN; none: no AUTH.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<Password>,
    /// A PEM file of certificate authorities, trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The name said in EHLO: this host's, or an address literal such as `[192.0.2.1]`.
    pub hello_name: String,
    /// Connections at once, 1 to 100.
    pub connections: usize,
    /// Messages on one connection before it is renewed; some receivers close silently at their own limit.
    pub messages_per_connection: u32,
    /// An idle connection older than this is renewed instead of used.
    pub idle_limit: Duration,
    /// Limits of each phase.
    pub timeouts: Timeouts,
    /// Limit of a whole send, waiting for a free connection included: set it below the lease of a claimed message, so that the answer
    /// comes while it still counts. Before the final dot its end means not sent, after it unknown.
    pub send_limit: Option<Duration>,
}

/// Why a relay's settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpConfigError {
    /// Not a host.
    #[error("the relay's host {0:?} is neither a host name nor an IP address")]
    Host(String),
    /// Port 0.
    #[error("the relay's port is 0; usual are 587 (STARTTLS), 465 (implicit TLS) and 25")]
    Port,
    /// Not a name for EHLO.
    #[error("the hello name {0:?} is no host name and no address literal in brackets")]
    HelloName(String),
    /// One without the other.
    #[error("a user name and a password are given together or not at all")]
    HalfCredentials,
    /// Control characters or an empty value.
    #[error("the user name or the password is empty or holds a control character")]
    Credentials,
    /// Would be readable on the way.
    #[error("a password needs tls = \"required\" or \"implicit\", or a relay on this machine's loopback address")]
    PasswordInClear,
    /// Out of range.
    #[error("{name} is {value}; it must be from {least} to {most}")]
    Range {
        /// Which setting.
        name: &'static str,
        /// What it is.
        value: u64,
        /// The least allowed.
        least: u64,
        /// The most allowed.
        most: u64,
    },
    /// A zero limit.
    #[error("the time-out {0:?} is zero")]
    ZeroTimeout(&'static str),
    /// Unreadable, or without a certificate.
    #[error("the file of certificate authorities {path}: {why}")]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Neither the system nor a file gave one.
    #[error("no trusted certificate authority was found on this system; name a ca_file")]
    NoRoots,
    /// The TLS library refused the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl SmtpConfig {
    /// The usual settings for a relay: 4 connections, 100 messages on each, 30 s of idleness, the time-outs of the RFC.
    #[must_use]
    pub fn new(host: &str, port: u16, tls: TlsMode, hello_name: &str) -> Self {
        Self {
            host: host.to_owned(),
            port,
            tls,
            username: None,
            password: None,
            ca_file: None,
            hello_name: hello_name.to_owned(),
            connections: 4,
            messages_per_connection: 100,
            idle_limit: Duration::from_secs(30),
            timeouts: Timeouts::default(),
            send_limit: None,
        }
    }

    /// Whether the settings make sense together. Reads no file and opens no connection.
    ///
    /// # Errors
    /// [`SmtpConfigError`] names the first setting that is wrong.
    pub fn check(&self) -> Result<(), SmtpConfigError> {
        if !is_host(&self.host) {
            return Err(SmtpConfigError::Host(self.host.clone()));
        }
        if self.port == 0 {
            return Err(SmtpConfigError::Port);
        }
        if !is_hello_name(&self.hello_name) {
            return Err(SmtpConfigError::HelloName(self.hello_name.clone()));
        }
        range("connections", u64::try_from(self.connections).unwrap_or(u64::MAX), 100)?;
        range("messages_per_connection", u64::from(self.messages_per_connection), 100_000)?;
        if let Some((name, _)) = self.timeouts.named().into_iter().find(|(_, limit)| limit.is_zero()) {
            return Err(SmtpConfigError::ZeroTimeout(name));
        }
        if self.send_limit.is_some_and(|limit| limit.is_zero()) {
            return Err(SmtpConfigError::ZeroTimeout("send_limit"));
        }
        self.check_credentials()
    }

    fn check_credentials(&self) -> Result<(), SmtpConfigError> {
        let (username, password) = match (&self.username, &self.password) {
            (None, None) => return Ok(()),
            (Some(username), Some(password)) => (username, password.reveal()),
            _ => return Err(SmtpConfigError::HalfCredentials),
        };
        if [username.as_str(), password].iter().any(|s| s.is_empty() || s.chars().any(char::is_control)) {
            return Err(SmtpConfigError::Credentials);
        }
        // Opportunistic TLS can be stripped by whoever sits on the way, and the password with it.
        let protected = matches!(self.tls, TlsMode::Required | TlsMode::Implicit);
        if protected || is_loopback(&self.host) { Ok(()) } else { Err(SmtpConfigError::PasswordInClear) }
    }
}

const fn range(name: &'static str, value: u64, most: u64) -> Result<(), SmtpConfigError> {
    if value >= 1 && value <= most { Ok(()) } else { Err(SmtpConfigError::Range { name, value, least: 1, most }) }
}

fn is_host(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_dns_name(text)
}

fn is_hello_name(text: &str) -> bool {
    let literal = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    literal.map_or_else(|| is_dns_name(text), |ip| ip.trim_start_matches("IPv6:").parse::<IpAddr>().is_ok())
}

fn is_dns_name(text: &str) -> bool {
    let label =
        |l: &str| !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    text.len() <= 253 && text.trim_end_matches('.').split('.').all(label)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SmtpConfig {
        SmtpConfig::new("mail.example.org", 587, TlsMode::Required, "gaung.example.org")
    }

    #[test]
    fn a_password_is_never_printed() {
        let with = SmtpConfig { password: Some(Password::new("hunter2".to_owned())), ..config() };
        assert!(!format!("{with:?}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let secret = || Some(Password::new("s".to_owned()));
        let user = || Some("u".to_owned());
        assert!(config().check().is_ok());
        assert!(SmtpConfig { username: user(), password: secret(), ..config() }.check().is_ok());
        assert!(
            SmtpConfig { username: user(), password: secret(), tls: TlsMode::None, host: "127.0.0.1".to_owned(), ..config() }
                .check()
                .is_ok()
        );
        let refused = |c: SmtpConfig| c.check().err().map(|e| e.to_string()).unwrap_or_default();
        for (bad, word) in [
            (SmtpConfig { host: "a b".to_owned(), ..config() }, "host"),
            (SmtpConfig { port: 0, ..config() }, "port"),
            (SmtpConfig { hello_name: "x\r\nMAIL".to_owned(), ..config() }, "hello name"),
            (SmtpConfig { connections: 0, ..config() }, "connections is 0"),
            (SmtpConfig { messages_per_connection: 0, ..config() }, "messages_per_connection"),
            (SmtpConfig { username: user(), ..config() }, "together"),
            (SmtpConfig { username: Some("u\n".to_owned()), password: secret(), ..config() }, "control character"),
            (SmtpConfig { username: user(), password: secret(), tls: TlsMode::Opportunistic, ..config() }, "tls = \"required\""),
            (SmtpConfig { timeouts: Timeouts { rcpt: Duration::ZERO, ..Timeouts::default() }, ..config() }, "rcpt"),
        ] {
            assert!(refused(bad).contains(word), "{word}");
        }
    }
}
