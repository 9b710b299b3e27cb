//! `gaung doctor mail`: whether the institution's mail can arrive, by what DNS and the relay say, and what to publish.

use std::net::{IpAddr, SocketAddr};

use clap::Args;

use crate::app;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, say, say_json};
use crate::cli::{Place, start};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::mail::deliverability::dns::Dns;
use crate::mail::deliverability::{self, Finding, Level, Sender};
use crate::mail::dkim::Signer;
use crate::mail::transport::Transport;

/// A certificate that ends sooner than this should have been renewed.
const SOON_DAYS: i64 = 21;
/// The port of DNS.
const DNS_PORT: u16 = 53;

/// `gaung doctor mail`
#[derive(Debug, Args)]
pub struct Mail {
    /// Asks this name server instead of the system's or that of mail.resolver
    #[arg(long, value_name = "IP[:PORT]", value_parser = server)]
    resolver: Option<SocketAddr>,
    /// The address that mail comes from, as its receivers see it; without, those of mail.smtp.host. May be given several times
    #[arg(long, value_name = "IP")]
    sends_from: Vec<IpAddr>,
}

impl Mail {
    /// Runs it.
    pub fn run(&self, place: &Place, format: Format) -> Result<Outcome, Failure> {
        let config = start::config(place, None)?;
        let findings = start::block_on(async { Ok(self.look(&config).await) })?;
        match format {
            Format::Json => say_json(&findings)?,
            Format::Text => print(&findings),
        }
        let is_faulty = findings.iter().any(|finding| finding.level == Level::Fail);
        Ok(if is_faulty { Outcome::Faulty } else { Outcome::Done })
    }

    async fn look(&self, config: &Config) -> Vec<Finding> {
        let mut findings = vec![relay(config).await];
        let signer = match Signer::load(&config.mail.dkim) {
            Ok(signer) => signer,
            Err(error) => {
                findings.push(Finding::fail(
                    "dkim",
                    error.to_string(),
                    "correct mail.dkim; the service does not start without its keys",
                ));
                Signer::default()
            }
        };
        let configured = server(&config.mail.resolver).ok();
        let dns = match Dns::new(self.resolver.or(configured)) {
            Ok(dns) => dns,
            Err(why) => {
                let advice = "name a server with --resolver or mail.resolver";
                findings.push(Finding::fail("resolver", format!("the system's name servers are not known: {why}"), advice));
                return findings;
            }
        };
        let domain = |address: &str| address.rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_ascii_lowercase());
        let sender = Sender {
            from_domain: domain(&config.mail.from_address),
            bounce_domain: domain(config.bounce_address()),
            signer,
            addresses: if self.sends_from.is_empty() { relay_addresses(&dns, config).await } else { self.sends_from.clone() },
            told: !self.sends_from.is_empty(),
        };
        if !sender.from_domain.contains('.') {
            let found = format!("{} is an address on this machine only", config.mail.from_address);
            findings.push(Finding::fail("from", found, "set mail.from_address to an address of the institution's domain"));
            return findings;
        }
        findings.extend(deliverability::look(&dns, &sender).await);
        findings
    }
}

/// An address of a name server, with its port or without.
fn server(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse::<SocketAddr>().ok();
    let found = with_port.or_else(|| text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, DNS_PORT)));
    found.ok_or_else(|| "give an IP address, with or without a port".to_owned())
}

/// Where mail comes from, as far as the relay's name tells: the addresses that receivers could see.
async fn relay_addresses(dns: &Dns, config: &Config) -> Vec<IpAddr> {
    let smtp = &config.mail.smtp;
    if config.mail.transport != crate::config::MailTransport::Smtp {
        return Vec::new();
    }
    let found = match smtp.host.parse::<IpAddr>() {
        Ok(ip) => vec![ip],
        Err(_) => dns.addresses(&smtp.host).await.unwrap_or_default(),
    };
    found.into_iter().filter(is_public).collect()
}

/// Whether another network could see the address: a relay on this machine or in the office sends from another one.
fn is_public(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

/// Whether the relay takes mail from here, and whether others could read it on the way.
async fn relay(config: &Config) -> Finding {
    const CHECK: &str = "relay";
    let pool = match app::transport(config) {
        Ok(Transport::Mailbox) => {
            let advice = "for real mail set mail.transport = \"smtp\" and [mail.smtp]";
            return Finding::warn(CHECK, "mail is kept in the built-in mailbox; nothing is sent", advice);
        }
        Ok(Transport::Smtp(pool)) => pool,
        Err(error) => return Finding::fail(CHECK, error.to_string(), "correct [mail.smtp]"),
    };
    let server = format!("{}:{}", config.mail.smtp.host, config.mail.smtp.port);
    let facts = match pool.probe().await {
        Ok(facts) => facts,
        Err(outcome) => {
            let advice = "check the host, port, tls and sign-in of [mail.smtp], and that this machine may reach the server";
            return Finding::fail(CHECK, format!("{server}: {}", outcome.reason()), advice);
        }
    };
    let sign_in = if facts.authenticated { "signed in" } else { "no sign-in" };
    let advice = "others on the way may read or change this mail: set mail.smtp.tls = \"required\" or \"implicit\"";
    let until = facts.certificate_ends.map(|at| format!(" until {}", at.format("%F"))).unwrap_or_default();
    let left = facts.certificate_ends.map(|at| (at - SystemClock.now()).num_days());
    match (facts.encrypted, facts.verified) {
        (true, true) if left.is_some_and(|days| days < SOON_DAYS) => Finding::warn(
            CHECK,
            format!("{server}: TLS, certificate verified{until}, {sign_in}"),
            format!(
                "the certificate ends in {} days, and mail stops with it: whoever runs the relay renews it",
                left.unwrap_or_default()
            ),
        ),
        (true, true) => Finding::ok(CHECK, format!("{server}: TLS, certificate verified{until}, {sign_in}")),
        (true, false) => Finding::warn(CHECK, format!("{server}: TLS, certificate not verified{until}, {sign_in}"), advice),
        // On one's own machine nobody listens in.
        (false, _) if is_near(&config.mail.smtp.host) => {
            Finding::ok(CHECK, format!("{server}: on this machine, no TLS, {sign_in}"))
        }
        (false, _) => Finding::warn(CHECK, format!("{server}: no TLS, {sign_in}"), advice),
    }
}

/// Whether a host is this machine.
pub(super) fn is_near(host: &str) -> bool {
    ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&host)
}

fn print(findings: &[Finding]) {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
    for Finding { check, level, found, advice, publish } in findings {
        let mark = match level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        // What a server says may have several lines; the table has one each.
        let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
        say(&format!("{mark}  {check:width$}  {found}"));
        if !advice.is_empty() {
            say(&format!("      {:width$}  -> {advice}", ""));
        }
        for record in publish {
            say(&format!("      {:width$}     {record}", ""));
        }
    }
}
