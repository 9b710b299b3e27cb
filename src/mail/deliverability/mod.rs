//! What a domain must publish so that its mail arrives, and whether it does: MX, SPF, DKIM, DMARC, TLS reports. Each look says what it
//! found and, where something is to be done, the exact record to publish.

mod dkim;
mod dmarc;
pub mod dns;
mod exchange;
pub mod spf;

use std::net::IpAddr;

use serde::Serialize;

use super::dkim::{Signer, record};
use dns::Dns;

crate::text_enum! {
    /// How bad it is.
    pub enum Level {
        /// As it must be.
        Ok = "ok",
        /// Mail arrives, but worse than it could, or not everywhere.
        Warn = "warn",
        /// Mail is refused or lost.
        Fail = "fail",
    }
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: String,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub found: String,
    /// What to do; empty where there is nothing.
    pub advice: String,
    /// The records to publish, as zone files have them.
    pub publish: Vec<String>,
}

impl Finding {
    /// All is well.
    #[must_use]
    pub fn ok(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self { check: check.into(), level: Level::Ok, found: found.into(), advice: String::new(), publish: Vec::new() }
    }
    /// It could be better.
    #[must_use]
    pub fn warn(check: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warn, advice: advice.into(), ..Self::ok(check, found) }
    }
    /// It does not work.
    #[must_use]
    pub fn fail(check: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Fail, advice: advice.into(), ..Self::ok(check, found) }
    }
    /// Adds a TXT record to publish.
    #[must_use]
    pub fn publish(mut self, name: &str, text: &str) -> Self {
        self.publish.push(record::zone_line(name, text));
        self
    }
}

/// Who sends.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The domain of From.
    pub from_domain: String,
    /// The domain of the envelope sender.
    pub bounce_domain: String,
    /// The keys that sign.
    pub signer: Signer,
    /// The addresses that mail comes from, as its receivers see them.
    pub addresses: Vec<IpAddr>,
    /// Whether the addresses were told, not guessed from the relay's name.
    pub told: bool,
}

/// Looks at everything that DNS says of the sender.
pub async fn look(dns: &Dns, sender: &Sender) -> Vec<Finding> {
    let bounce = (sender.bounce_domain != sender.from_domain).then_some(sender.bounce_domain.as_str());
    let (from_mx, bounce_mx, spf, dkim, dmarc, reports) = tokio::join!(
        exchange::look(dns, &sender.from_domain, "answers from people"),
        async {
            match bounce {
                Some(domain) => Some(exchange::look(dns, domain, "reports of undeliverable mail").await),
                None => None,
            }
        },
        spf::look(dns, sender),
        dkim::look(dns, &sender.signer),
        dmarc::look(dns, sender),
        exchange::tls_reports(dns, &sender.bounce_domain),
    );
    let mut findings = vec![from_mx];
    findings.extend(bounce_mx);
    findings.push(spf);
    findings.extend(dkim);
    findings.extend(dmarc);
    findings.extend(reports);
    findings
}
