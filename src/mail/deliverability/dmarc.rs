//! DMARC (RFC 7489): what receivers do with mail that claims the domain, and whether ours counts as the domain's own.

use super::dns::{Dns, DnsFault};
use super::{Finding, Sender};
use crate::mail::dkim::record::tags;

const CHECK: &str = "dmarc";

/// The record in force, and at which domain it was found.
struct Policy {
    at: String,
    text: String,
}

impl Policy {
    fn tag(&self, name: &str) -> Option<String> {
        tags(&self.text).into_iter().find(|(tag, _)| tag == name).map(|(_, value)| value.to_ascii_lowercase())
    }

    /// Whether a domain counts as the sender's: the same one, or (relaxed) both under the domain that published the policy.
    fn aligned(&self, mode: &str, from: &str, other: &str) -> bool {
        let strict = self.tag(mode).is_some_and(|value| value == "s");
        let below = |child: &str| child == self.at || child.ends_with(&format!(".{}", self.at));
        other == from || !strict && (below(other) && below(from))
    }
}

/// The policy, and the alignment of what the sender's mail carries.
pub(super) async fn look(dns: &Dns, sender: &Sender) -> Vec<Finding> {
    let from = &sender.from_domain;
    let name = format!("_dmarc.{from}");
    let first = format!("v=DMARC1; p=none; rua=mailto:dmarc@{from}");
    let policy = match find(dns, from).await {
        Ok(Some(policy)) => policy,
        Ok(None) => {
            let advice = "publish this with an address that you read; after some weeks of reports without surprises, raise p to quarantine";
            return vec![
                Finding::fail(CHECK, format!("{name} is not published; large receivers refuse bulk mail without"), advice)
                    .publish(&name, &first),
            ];
        }
        Err(why) => {
            return vec![Finding::fail(CHECK, why, "leave exactly one record that begins with v=DMARC1").publish(&name, &first)];
        }
    };
    vec![judged(&policy, from), alignment(&policy, sender)]
}

/// RFC 7489 section 6.6.3 needs the public suffix list; its successor walks up the tree instead, which finds the same here.
async fn find(dns: &Dns, from: &str) -> Result<Option<Policy>, String> {
    let mut at = from;
    loop {
        let name = format!("_dmarc.{at}");
        let texts = match dns.texts(&name).await {
            Ok(texts) => texts,
            Err(DnsFault::NoSuchName) => Vec::new(),
            Err(fault) => return Err(format!("{name}: {fault}")),
        };
        let mut found = texts.into_iter().filter(|text| tags(text).first().is_some_and(|(k, v)| k == "v" && v == "DMARC1"));
        match (found.next(), found.count()) {
            (Some(text), 0) => return Ok(Some(Policy { at: at.to_owned(), text })),
            (Some(_), more) => return Err(format!("{name} has {} records; receivers then ignore all of them", more + 1)),
            (None, _) => {}
        }
        match at.split_once('.') {
            Some((_, parent)) if parent.contains('.') => at = parent,
            _ => return Ok(None),
        }
    }
}

fn judged(policy: &Policy, from: &str) -> Finding {
    let found = format!("_dmarc.{}: {}", policy.at, policy.text);
    let is_own = policy.at == from;
    let word = policy.tag("sp").filter(|_| !is_own).or_else(|| policy.tag("p"));
    let name = format!("_dmarc.{}", policy.at);
    match word.as_deref() {
        Some("none") => {
            let advice = "p=none only watches: once the reports show that all your mail passes, publish p=quarantine";
            Finding::warn(CHECK, found, advice).publish(&name, &policy.text.replacen("p=none", "p=quarantine", 1))
        }
        Some("quarantine" | "reject") => Finding::ok(CHECK, found),
        _ => {
            let advice = "the policy must be p=none, p=quarantine or p=reject";
            Finding::fail(CHECK, found, advice).publish(&name, &format!("v=DMARC1; p=none; rua=mailto:dmarc@{from}"))
        }
    }
}

fn alignment(policy: &Policy, sender: &Sender) -> Finding {
    const CHECK: &str = "dmarc alignment";
    let from = sender.from_domain.as_str();
    let signers: Vec<&str> = sender.signer.keys().iter().map(|key| key.domain.as_str()).collect();
    let dkim = signers.iter().any(|domain| policy.aligned("adkim", from, &domain.to_ascii_lowercase()));
    let spf = policy.aligned("aspf", from, &sender.bounce_domain);
    let bounce = &sender.bounce_domain;
    let signed = if signers.is_empty() { "no key signs".to_owned() } else { format!("keys of {} sign", signers.join(", ")) };
    let found = format!("From is {from}, {signed}, reports go to {bounce}");
    match (dkim, spf) {
        (true, true) => Finding::ok(CHECK, found),
        (true, false) => Finding::ok(CHECK, format!("{found}: DKIM alone counts for {from}")),
        (false, true) => {
            let advice = format!(
                "only SPF counts for {from}, and it is lost when mail is forwarded: sign with a key of {from} (mail.dkim)"
            );
            Finding::warn(CHECK, found, advice)
        }
        (false, false) => {
            let advice = format!(
                "none of them counts for {from}, so DMARC fails: sign with a key of {from}, and take reports at an address of {from}"
            );
            Finding::fail(CHECK, found, advice)
        }
    }
}
