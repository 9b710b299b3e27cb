//! The mail floor against a real SMTP server, and its messages against an independent parser.

mod connections;
mod deliverability;
pub mod dkim;
mod encryption;
mod independent;
mod message;
mod outcomes;
mod peers;
mod pipelining;
mod render;
mod reports;

use std::time::Duration;

use gaung::mail::envelope::Envelope;
use gaung::mail::smtp::{Pool, SmtpConfig, Timeouts, TlsMode};

use crate::support::smtp_server::SmtpServer;

/// Settings for the test's server: clear text, twenty seconds a phase, which no healthy test comes near.
fn config(server: &SmtpServer) -> SmtpConfig {
    SmtpConfig {
        timeouts: Timeouts::all(Duration::from_secs(20)),
        ..SmtpConfig::new("127.0.0.1", server.port(), TlsMode::None, "gaung.example.org")
    }
}

fn pool(server: &SmtpServer) -> Pool {
    Pool::new(config(server)).unwrap()
}

fn to(recipient: &str) -> Envelope {
    Envelope::parse("gaung@example.org", recipient).unwrap()
}

fn mail(id: &str) -> Vec<u8> {
    format!("Message-ID: <{id}@example.org>\r\nSubject: x\r\n\r\nbody of {id}\r\n.a line that begins with a dot\r\n").into_bytes()
}
