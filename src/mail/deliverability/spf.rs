//! SPF (RFC 7208): the domain of the envelope sender names the addresses its mail comes from. Reads the record, follows it as a receiver
//! would, and says whether the relay's addresses pass.

mod evaluate;
mod parse;

use std::net::IpAddr;

pub use evaluate::{Verdict, Walk};
pub use parse::{Mechanism, Qualifier, Record, parse};

use super::dns::{Dns, DnsFault};
use super::{Finding, Sender};

const CHECK: &str = "spf";

/// The domain's only SPF record.
async fn published(dns: &Dns, domain: &str) -> Result<Option<String>, Verdict> {
    let texts = match dns.texts(domain).await {
        Ok(texts) => texts,
        Err(DnsFault::NoSuchName) => Vec::new(),
        Err(fault) => return Err(Verdict::TempError(format!("{domain}: {fault}"))),
    };
    let is_spf = |text: &String| {
        let first = text.split(' ').next().unwrap_or_default();
        first.eq_ignore_ascii_case("v=spf1")
    };
    let mut found = texts.into_iter().filter(is_spf);
    match (found.next(), found.count()) {
        (only, 0) => Ok(only),
        (_, more) => Err(Verdict::PermError(format!("{domain} has {} SPF records; receivers then ignore all of them", more + 1))),
    }
}

/// The sender's SPF record, followed for each address that mail comes from.
pub(super) async fn look(dns: &Dns, sender: &Sender) -> Finding {
    let domain = &sender.bounce_domain;
    let again = "ask again later, or another name server with --resolver";
    let text = match published(dns, domain).await {
        Ok(Some(text)) => text,
        Ok(None) => {
            let found = format!("{domain} has no SPF record");
            let advice = "publish who sends for the domain; add further senders before the last term";
            return Finding::fail(CHECK, found, advice).publish(domain, &with_addresses("v=spf1 mx ~all", &sender.addresses));
        }
        Err(Verdict::TempError(why)) => return Finding::fail(CHECK, why, again),
        Err(verdict) => {
            let merged = with_addresses("v=spf1 mx ~all", &sender.addresses);
            let advice = "merge them into one record that holds all their terms, such as this";
            return Finding::fail(CHECK, verdict.reason(), advice).publish(domain, &merged);
        }
    };
    // Without an address nothing matches, so that every term is followed: the most lookups that any receiver needs.
    let mut whole = Walk::new(dns, None);
    let worst = whole.check(domain).await;
    match worst {
        Verdict::PermError(why) => {
            let advice = "correct the record: receivers treat the mail as if there were none, or refuse it";
            return Finding::fail(CHECK, format!("{text}: {why}"), advice);
        }
        Verdict::TempError(why) => return Finding::fail(CHECK, why, again),
        Verdict::Pass => {
            let advice = "+all lets everybody send as the domain, and receivers distrust it: end with ~all";
            return Finding::fail(CHECK, text.clone(), advice).publish(domain, &ended(&text));
        }
        _ => {}
    }
    judged(dns, sender, &text, &whole).await
}

/// Whether the addresses pass a record that is sound.
async fn judged(dns: &Dns, sender: &Sender, text: &str, whole: &Walk<'_>) -> Finding {
    let domain = &sender.bounce_domain;
    let lookups = format!("{text} ({} of 10 lookups{})", whole.lookups(), whole.notes());
    if sender.addresses.is_empty() {
        let advice = "tell with --sends-from IP which address the mail comes from, and it is followed as a receiver would";
        return Finding { advice: advice.to_owned(), ..Finding::ok(CHECK, lookups) };
    }
    let (mut passed, mut missing, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for ip in &sender.addresses {
        match Walk::new(dns, Some(*ip)).check(domain).await {
            Verdict::Pass => passed.push(ip.to_string()),
            verdict => {
                missing.push(*ip);
                seen.push(format!("{ip}: {}", verdict.word()));
            }
        }
    }
    if missing.is_empty() {
        return Finding::ok(CHECK, format!("{lookups}; {} pass", passed.join(", ")));
    }
    let found = format!("{lookups}; {}", seen.join(", "));
    let record = with_addresses(text, &missing);
    if sender.told {
        return Finding::fail(CHECK, found, "mail from these addresses counts as forged: publish this").publish(domain, &record);
    }
    let advice = "if mail.smtp.host hands mail to its receivers from these addresses, publish this; if from others, tell them with --sends-from IP";
    Finding::warn(CHECK, found, advice).publish(domain, &record)
}

/// The record with these addresses before its last word.
fn with_addresses(text: &str, addresses: &[IpAddr]) -> String {
    let mut terms: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let is_end = |term: &String| {
        term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all") || term.starts_with("redirect=")
    };
    let at = terms.iter().position(is_end).unwrap_or(terms.len());
    let new = addresses.iter().map(|ip| match ip {
        IpAddr::V4(v4) => format!("ip4:{v4}"),
        IpAddr::V6(v6) => format!("ip6:{v6}"),
    });
    terms.splice(at..at, new);
    terms.join(" ")
}

/// The record with an end that allows nobody else.
fn ended(text: &str) -> String {
    let is_all = |term: &&str| term.trim_start_matches('+').eq_ignore_ascii_case("all");
    let kept: Vec<&str> = text.split_whitespace().filter(|term| !is_all(term)).collect();
    format!("{} ~all", kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_addresses_go_before_the_last_word() {
        let ip: Vec<IpAddr> = ["192.0.2.1", "2001:db8::1"].iter().filter_map(|ip| ip.parse().ok()).collect();
        assert_eq!(with_addresses("v=spf1 mx -all", &ip), "v=spf1 mx ip4:192.0.2.1 ip6:2001:db8::1 -all");
        assert_eq!(with_addresses("v=spf1 redirect=x.id", &ip[..1]), "v=spf1 ip4:192.0.2.1 redirect=x.id");
        assert_eq!(with_addresses("v=spf1 a", &ip[..1]), "v=spf1 a ip4:192.0.2.1");
        assert_eq!(ended("v=spf1 +all"), "v=spf1 ~all");
        assert_eq!(ended("v=spf1 mx all"), "v=spf1 mx ~all");
    }
}
