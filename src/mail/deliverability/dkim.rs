//! Whether each key that signs is published, and is the one that signs.

use super::Finding;
use super::dns::{Dns, DnsFault};
use crate::mail::dkim::{Signer, SigningKey, others_may_read, record};

/// Every key of the configuration.
pub(super) async fn look(dns: &Dns, signer: &Signer) -> Vec<Finding> {
    if signer.keys().is_empty() {
        let advice = "make a key with `gaung mail dkim-key`, publish its record and name it in mail.dkim; large receivers refuse bulk mail without (if the relay signs for the domain, this is no fault)";
        return vec![Finding::warn("dkim", "no key is set: mail leaves without a signature of the domain", advice)];
    }
    let mut findings = Vec::with_capacity(signer.keys().len());
    for key in signer.keys() {
        findings.push(one(dns, key).await);
        let facts = std::fs::metadata(&key.path);
        if facts.is_ok_and(|facts| others_may_read(&facts)) {
            let shown = key.path.display();
            let advice = format!("whoever has the key can sign as {}: chmod 600 {shown}", key.domain);
            findings.push(Finding::warn(format!("dkim {}", key.selector), format!("{shown} can be read by every user"), advice));
        }
    }
    findings
}

async fn one(dns: &Dns, key: &SigningKey) -> Finding {
    let name = key.record_name();
    let check = format!("dkim {}", key.selector);
    let (Ok(text), Ok(public)) = (key.key.record(), key.key.public()) else {
        return Finding::fail(check, "the key's public half can't be written", "make a new key with `gaung mail dkim-key`");
    };
    let fail = |found: String, advice: &str| Finding::fail(check.clone(), found, advice).publish(&name, &text);
    let texts = match dns.texts(&name).await {
        Ok(texts) => texts,
        Err(DnsFault::NoSuchName) => Vec::new(),
        Err(fault) => {
            return Finding::fail(check, format!("{name}: {fault}"), "ask again later, or another name server with --resolver");
        }
    };
    let [only] = texts.as_slice() else {
        return match texts.len() {
            0 => fail(
                format!("{name} is not published"),
                "publish this record; until it is found, mail signed with the key counts as unsigned",
            ),
            n => fail(format!("{name} has {n} records"), "leave exactly this one: with several the signature's fate is open"),
        };
    };
    let published = match record::parse(only) {
        Ok(published) => published,
        Err(why) => return fail(format!("{name} is no key record: {why}"), "publish this instead"),
    };
    if published.public.is_empty() {
        return fail(
            format!("{name} says that the key was withdrawn"),
            "publish this again, or sign with a new key under a new selector",
        );
    }
    if published.kind != key.key.algorithm().to_string() || published.public != public {
        return fail(
            format!("{name} publishes another key than {}", key.path.display()),
            "publish this instead, or name the right key_file: no signature verifies",
        );
    }
    if !published.usable {
        return fail(format!("{name} does not allow mail signed with SHA-256: {only}"), "publish this instead");
    }
    if published.testing {
        let advice = "t=y tells receivers to treat the mail as unsigned: take it out";
        return Finding::warn(check, format!("{name} is in test mode"), advice).publish(&name, &text);
    }
    Finding::ok(check, format!("{name} is published and is the key that signs ({})", published.kind))
}
