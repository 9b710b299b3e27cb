//! Whose request it is, by address. X-Forwarded-For is believed only from the proxies that the operator named.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::app::App;
use crate::web::error::Failure;

/// The client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl FromRequest for ClientIp {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let trusted = req.app_data::<web::Data<App>>().map(|app| app.config.server.trusted_proxies.as_slice());
        let forwarded = req.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        ready(Ok(Self(client(peer, &forwarded.collect::<Vec<_>>().join(","), trusted.unwrap_or_default()))))
    }
}

/// Whether a peer is one of the proxies that the operator named.
#[must_use]
pub fn is_trusted_peer(peer: Option<SocketAddr>, trusted: &[String]) -> bool {
    peer.is_some_and(|peer| trusted.iter().any(|network| contains(network, peer.ip())))
}

/// The last address that no trusted proxy has: each proxy appends the one it saw, so everything before it may be made up.
fn client(peer: IpAddr, forwarded: &str, trusted: &[String]) -> IpAddr {
    let mut client = peer;
    for hop in forwarded.split(',').rev() {
        if !trusted.iter().any(|network| contains(network, client)) {
            break;
        }
        let Ok(before) = hop.trim().parse() else { break };
        client = before;
    }
    client
}

/// Whether a network such as `10.0.0.0/8`, or a single address, holds an address.
fn contains(network: &str, ip: IpAddr) -> bool {
    let (base, bits) = network.split_once('/').map_or((network, None), |(base, bits)| (base, bits.parse::<u32>().ok()));
    match (base.parse::<IpAddr>(), ip.to_canonical()) {
        (Ok(IpAddr::V4(base)), IpAddr::V4(ip)) => {
            let host_bits = 32 - bits.unwrap_or(32).min(32);
            u32::from(base).checked_shr(host_bits) == u32::from(ip).checked_shr(host_bits)
        }
        (Ok(IpAddr::V6(base)), IpAddr::V6(ip)) => {
            let host_bits = 128 - bits.unwrap_or(128).min(128);
            u128::from(base).checked_shr(host_bits) == u128::from(ip).checked_shr(host_bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let rows = [
            // peer        X-Forwarded-For               trusted                    client
            ("192.0.2.1", "203.0.113.9", vec![], "192.0.2.1"),
            ("10.0.0.1", "203.0.113.9", vec!["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.1", "1.2.3.4, 203.0.113.9", vec!["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9, 10.9.9.9", vec!["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.1", "nonsense", vec!["10.0.0.1"], "10.0.0.1"),
            ("10.0.0.1", "", vec!["0.0.0.0/0"], "10.0.0.1"),
            ("2001:db8::1", "203.0.113.9", vec!["2001:db8::/32"], "203.0.113.9"),
            ("::ffff:10.0.0.1", "203.0.113.9", vec!["10.0.0.0/8"], "203.0.113.9"),
        ];
        for (peer, forwarded, trusted, expected) in rows {
            let trusted: Vec<String> = trusted.into_iter().map(str::to_owned).collect();
            assert_eq!(client(peer.parse().unwrap(), forwarded, &trusted).to_string(), expected, "{peer} {forwarded}");
        }
    }
}
