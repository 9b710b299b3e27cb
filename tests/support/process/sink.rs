//! Who takes the mail: a real SMTP server in the test's own process, so that it outlives every process under test and counts by
//! Message-ID what they hand over.

use std::time::Duration;

use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};

/// A server that takes everything, fast or slowly.
pub struct Sink(pub SmtpServer);

impl Sink {
    pub fn start() -> Self {
        Self(SmtpServer::start(Script::default()))
    }
    /// From here on each message's acceptance takes this long.
    pub fn slow(&self, each: Duration) {
        self.0.set_faults([Fault::always(At::Dot, Act::Late(each))]);
    }
    /// At once again.
    pub fn fast(&self) {
        self.0.set_faults([]);
    }
    /// Messages taken.
    pub fn count(&self) -> usize {
        self.0.message_count()
    }
    /// Message-IDs that came more than once, each with its count.
    pub fn doubled(&self) -> Vec<(String, usize)> {
        self.0.message_ids().into_iter().filter(|(_, n)| *n > 1).collect()
    }
    /// The settings that send mail here.
    pub fn env(&self) -> Vec<(String, String)> {
        let port = self.0.port().to_string();
        [
            ("GAUNG__MAIL__TRANSPORT", "smtp"),
            ("GAUNG__MAIL__SMTP__HOST", "127.0.0.1"),
            ("GAUNG__MAIL__SMTP__PORT", port.as_str()),
            ("GAUNG__MAIL__SMTP__TLS", "none"),
            ("GAUNG__MAIL__FROM_ADDRESS", "gaung@kemencontoh.example"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into()
    }
}
