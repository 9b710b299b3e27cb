//! Questions to DNS, each with an answer that tells "there is none" from "nobody could say".

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsFault {
    /// NXDOMAIN.
    #[error("the name does not exist")]
    NoSuchName,
    /// The name server failed, refused, or did not answer.
    #[error("{0}")]
    Failed(String),
}

/// The records found, none included.
pub type Answer<T> = Result<Vec<T>, DnsFault>;

/// A mail exchanger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanger {
    /// Lower is tried first.
    pub preference: u16,
    /// The host; empty for "takes no mail" (RFC 7505).
    pub host: String,
}

/// Asks a name server.
#[derive(Clone)]
pub struct Dns(TokioResolver);

impl Dns {
    /// Asks `server`, or those of the system.
    ///
    /// # Errors
    /// What is wrong with the system's settings.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, String> {
        let mut builder = match server {
            Some(server) => {
                let at_port = |mut connection: ConnectionConfig| {
                    connection.port = server.port();
                    connection
                };
                let mut one = NameServerConfig::udp_and_tcp(server.ip());
                one.connections = one.connections.into_iter().map(at_port).collect();
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![one]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(|e| e.to_string())?,
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = 2;
        builder.build().map(Self).map_err(|e| e.to_string())
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Answer<T> {
        // With its dot at the end no search list of the system is tried.
        let name = format!("{}.", name.trim_end_matches('.'));
        match self.0.lookup(name, kind).await {
            Ok(found) => Ok(found.answers().iter().filter_map(|record| read(&record.data)).collect()),
            Err(error) if error.is_nx_domain() => Err(DnsFault::NoSuchName),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(DnsFault::Failed(in_words(&error))),
        }
    }

    /// The name's texts, the strings of each joined.
    ///
    /// # Errors
    /// [`DnsFault`]
    pub async fn texts(&self, name: &str) -> Answer<String> {
        let join = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.ask(name, RecordType::TXT, join).await
    }

    /// The name's mail exchangers, the first to try first.
    ///
    /// # Errors
    /// [`DnsFault`]
    pub async fn exchangers(&self, name: &str) -> Answer<Exchanger> {
        let read = |data: &RData| match data {
            RData::MX(mx) => {
                let host = mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase();
                Some(Exchanger { preference: mx.preference, host })
            }
            _ => None,
        };
        let mut found = self.ask(name, RecordType::MX, read).await?;
        found.sort_by(|a, b| (a.preference, &a.host).cmp(&(b.preference, &b.host)));
        Ok(found)
    }

    /// The name's addresses, of both kinds.
    ///
    /// # Errors
    /// [`DnsFault`]
    pub async fn addresses(&self, name: &str) -> Answer<IpAddr> {
        let (four, six) =
            tokio::join!(self.ask(name, RecordType::A, RData::ip_addr), self.ask(name, RecordType::AAAA, RData::ip_addr));
        match (four, six) {
            (Ok(mut four), Ok(six)) => {
                four.extend(six);
                Ok(four)
            }
            // One kind is answer enough; both missing is the fault itself.
            (Ok(found), Err(_)) | (Err(_), Ok(found)) if !found.is_empty() => Ok(found),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
        }
    }
}

fn in_words(error: &NetError) -> String {
    match error {
        NetError::Timeout => "no answer in time".to_owned(),
        NetError::Truncated => "the answer was cut, and asking again over TCP failed".to_owned(),
        NetError::Dns(DnsError::ResponseCode(code)) => format!("the name server answered {code}"),
        other => other.to_string(),
    }
}
