//! Whether a domain takes mail: its MX records, and what it publishes about TLS on the way to them.

use super::Finding;
use super::dns::{Dns, DnsFault};

/// Whether mail to the domain could arrive. A sender whose domain takes no mail is refused by many receivers.
pub(super) async fn look(dns: &Dns, domain: &str, what_for: &str) -> Finding {
    let check = format!("mx {domain}");
    let advice = format!("publish where {what_for} go, such as: {domain}. IN MX 10 mail.{domain}.");
    let found = match dns.exchangers(domain).await {
        Err(DnsFault::NoSuchName) => return Finding::fail(check, "the domain does not exist", advice),
        Err(fault) => return Finding::fail(check, fault.to_string(), "ask again later, or another name server with --resolver"),
        Ok(found) => found,
    };
    if found.iter().any(|mx| mx.host.is_empty()) {
        let advice = format!("the domain says that it takes no mail (RFC 7505), so its mail is refused; {advice}");
        return Finding::fail(check, "a null MX", advice);
    }
    if found.is_empty() {
        return match dns.addresses(domain).await {
            Ok(addresses) if !addresses.is_empty() => {
                Finding::warn(check, format!("no MX, only the address {}", list(&addresses)), advice)
            }
            _ => Finding::fail(check, "no MX and no address: nobody can answer, and no report can come back", advice),
        };
    }
    let (mut seen, mut lost) = (Vec::new(), Vec::new());
    for mx in &found {
        match dns.addresses(&mx.host).await {
            Ok(addresses) if !addresses.is_empty() => seen.push(format!("{} ({})", mx.host, list(&addresses))),
            Ok(_) => lost.push(format!("{} has no address", mx.host)),
            Err(fault) => lost.push(format!("{}: {fault}", mx.host)),
        }
    }
    let detail = [seen.clone(), lost.clone()].concat().join(", ");
    match (seen.is_empty(), lost.is_empty()) {
        (false, true) => Finding::ok(check, detail),
        (false, false) => Finding::warn(check, detail, "give each MX host an address, or take it out"),
        (true, _) => Finding::fail(check, detail, "give the MX hosts addresses: no mail to the domain can arrive"),
    }
}

fn list(addresses: &[std::net::IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// MTA-STS (RFC 8461) and TLS reports (RFC 8460): both optional, both about mail that comes back.
pub(super) async fn tls_reports(dns: &Dns, domain: &str) -> Vec<Finding> {
    let (sts, rpt) = (format!("_mta-sts.{domain}"), format!("_smtp._tls.{domain}"));
    let (policy, reports) = tokio::join!(dns.texts(&sts), dns.texts(&rpt));
    let with = |prefix: &str, found: Result<Vec<String>, DnsFault>| {
        found.unwrap_or_default().into_iter().find(|text| text.starts_with(prefix))
    };
    vec![
        with("v=STSv1", policy).map_or_else(
            || Finding::ok("mta-sts", "not published; optional, it makes others use TLS for what they send here"),
            |text| Finding::ok("mta-sts", text),
        ),
        with("v=TLSRPTv1", reports).map_or_else(
            || Finding::ok("tls-rpt", "not published; optional, it brings reports of mail that could not use TLS"),
            |text| Finding::ok("tls-rpt", text),
        ),
    ]
}
