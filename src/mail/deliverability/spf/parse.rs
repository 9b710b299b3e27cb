//! An SPF record as its terms (RFC 7208 sections 4.6, 5 and 6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a term that matches means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// `+`, or nothing.
    Pass,
    /// `-`
    Fail,
    /// `~`
    SoftFail,
    /// `?`
    Neutral,
}

/// What a term matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mechanism {
    /// Everything.
    All,
    /// What another domain's record passes.
    Include(String),
    /// The addresses of a name, or of this domain; networks of this many bits around them.
    A(Option<String>, u8, u8),
    /// The addresses of a name's mail exchangers.
    Mx(Option<String>, u8, u8),
    /// By reverse lookup: do not use (section 5.5).
    Ptr,
    /// A network.
    Ip(IpAddr, u8),
    /// That a name exists.
    Exists(String),
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The terms, in order.
    pub terms: Vec<(Qualifier, Mechanism)>,
    /// Where to go on if none matched.
    pub redirect: Option<String>,
}

/// Reads a record.
///
/// # Errors
/// Which term is wrong, in words.
pub fn parse(text: &str) -> Result<Record, String> {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("v=spf1")) {
        return Err("it does not begin with v=spf1".to_owned());
    }
    let mut record = Record { terms: Vec::new(), redirect: None };
    for word in words {
        if let Some((name, value)) = modifier(word) {
            if name.eq_ignore_ascii_case("redirect") {
                if record.redirect.is_some() || value.is_empty() {
                    return Err(format!("{word:?}: redirect= names one domain, once"));
                }
                record.redirect = Some(value.to_owned());
            }
            // Others are ignored (section 6); exp= only explains.
            continue;
        }
        record.terms.push(term(word)?);
    }
    Ok(record)
}

/// `name=value`, where the name comes before any `:` or `/`.
fn modifier(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    is_name.then_some((name, value))
}

fn term(word: &str) -> Result<(Qualifier, Mechanism), String> {
    let (qualifier, rest) = match word.chars().next() {
        Some('+') => (Qualifier::Pass, word.get(1..)),
        Some('-') => (Qualifier::Fail, word.get(1..)),
        Some('~') => (Qualifier::SoftFail, word.get(1..)),
        Some('?') => (Qualifier::Neutral, word.get(1..)),
        _ => (Qualifier::Pass, Some(word)),
    };
    let rest = rest.unwrap_or_default();
    let bad = || format!("{word:?} is no term of SPF");
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, value) = (rest.get(..end).unwrap_or_default(), rest.get(end..).unwrap_or_default());
    let domain = value.strip_prefix(':').filter(|v| !v.is_empty());
    let mechanism = match name.to_ascii_lowercase().as_str() {
        "all" if value.is_empty() => Mechanism::All,
        "include" => Mechanism::Include(domain.ok_or_else(bad)?.to_owned()),
        "exists" => Mechanism::Exists(domain.ok_or_else(bad)?.to_owned()),
        "ptr" => Mechanism::Ptr,
        "a" => named(value).map(|(name, four, six)| Mechanism::A(name, four, six)).ok_or_else(bad)?,
        "mx" => named(value).map(|(name, four, six)| Mechanism::Mx(name, four, six)).ok_or_else(bad)?,
        "ip4" => network::<Ipv4Addr>(domain.ok_or_else(bad)?, 32).ok_or_else(bad)?,
        "ip6" => network::<Ipv6Addr>(domain.ok_or_else(bad)?, 128).ok_or_else(bad)?,
        _ => return Err(bad()),
    };
    Ok((qualifier, mechanism))
}

/// `[:name][/bits][//bits]`
fn named(value: &str) -> Option<(Option<String>, u8, u8)> {
    let (before, six) = match value.split_once("//") {
        Some((before, bits)) => (before, bits.parse().ok().filter(|bits| *bits <= 128)?),
        None => (value, 128),
    };
    let (name, four) = match before.split_once('/') {
        Some((name, bits)) => (name, bits.parse().ok().filter(|bits| *bits <= 32)?),
        None => (before, 32),
    };
    match name.strip_prefix(':') {
        Some("") => None,
        Some(name) => Some((Some(name.to_owned()), four, six)),
        None => name.is_empty().then_some((None, four, six)),
    }
}

fn network<A: std::str::FromStr + Into<IpAddr>>(text: &str, widest: u8) -> Option<Mechanism> {
    let (base, bits) = text.split_once('/').map_or((text, Some(widest)), |(base, bits)| (base, bits.parse().ok()));
    let bits = bits.filter(|bits| *bits <= widest)?;
    Some(Mechanism::Ip(base.parse::<A>().ok()?.into(), bits))
}

/// Whether an address lies in the network of `bits` around `base`.
#[must_use]
pub(super) fn covers(base: IpAddr, bits: u8, ip: IpAddr) -> bool {
    match (base, ip) {
        (IpAddr::V4(base), IpAddr::V4(ip)) => same(u128::from(base.to_bits()) << 96, u128::from(ip.to_bits()) << 96, bits),
        (IpAddr::V6(base), IpAddr::V6(ip)) => same(base.to_bits(), ip.to_bits(), bits),
        _ => false,
    }
}

const fn same(a: u128, b: u128, bits: u8) -> bool {
    bits == 0 || (a ^ b) >> (128 - bits as u32) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_every_kind() {
        let record = parse(
            "v=spf1 a mx:mx.a.id/24//64 -ip4:192.0.2.0/24 ~ip6:2001:db8::/32 ?include:_spf.b.id exists:%{i}.c.id ptr exp=e.id redirect=d.id -all",
        );
        let record = record.unwrap_or_else(|why| unreachable!("{why}"));
        assert_eq!(record.redirect.as_deref(), Some("d.id"));
        assert_eq!(
            record.terms,
            [
                (Qualifier::Pass, Mechanism::A(None, 32, 128)),
                (Qualifier::Pass, Mechanism::Mx(Some("mx.a.id".into()), 24, 64)),
                (Qualifier::Fail, Mechanism::Ip(IpAddr::from([192, 0, 2, 0]), 24)),
                (Qualifier::SoftFail, Mechanism::Ip(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0)), 32)),
                (Qualifier::Neutral, Mechanism::Include("_spf.b.id".into())),
                (Qualifier::Pass, Mechanism::Exists("%{i}.c.id".into())),
                (Qualifier::Pass, Mechanism::Ptr),
                (Qualifier::Fail, Mechanism::All),
            ]
        );
        for bad in [
            "spf1",
            "v=spf10 a",
            "v=spf1 ip4:192.0.2",
            "v=spf1 ip4:192.0.2.1/33",
            "v=spf1 include",
            "v=spf1 include:",
            "v=spf1 al",
            "v=spf1 a:",
            "v=spf1 redirect=",
            "v=spf1 all:x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn networks_cover_what_they_should() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap_or(IpAddr::from([0, 0, 0, 0]));
        assert!(covers(ip("192.0.2.0"), 24, ip("192.0.2.255")) && !covers(ip("192.0.2.0"), 24, ip("192.0.3.0")));
        assert!(covers(ip("192.0.2.1"), 32, ip("192.0.2.1")) && !covers(ip("192.0.2.1"), 32, ip("192.0.2.2")));
        assert!(covers(ip("0.0.0.0"), 0, ip("8.8.8.8")) && !covers(ip("::"), 0, ip("8.8.8.8")));
        assert!(covers(ip("2001:db8::"), 32, ip("2001:db8:ffff::1")) && !covers(ip("2001:db8::"), 33, ip("2001:db8:ffff::1")));
    }
}
