//! Until when a server's certificate is valid (RFC 5280 section 4.1): the one thing of it that an operator must know beforehand.

use chrono::{DateTime, NaiveDateTime, Utc};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of a DER certificate's validity; `None` for bytes that are no certificate.
pub fn ends(der: &[u8]) -> Option<DateTime<Utc>> {
    let (certificate, _) = take(der, SEQUENCE)?;
    let (signed, _) = take(certificate, SEQUENCE)?;
    let rest = match take(signed, VERSION) {
        Some((_, rest)) => rest,
        None => signed,
    };
    let (_, rest) = take(rest, INTEGER)?;
    let (_, rest) = take(rest, SEQUENCE)?;
    let (_, rest) = take(rest, SEQUENCE)?;
    let (validity, _) = take(rest, SEQUENCE)?;
    let (_, rest) = time(validity)?;
    time(rest).map(|(end, _)| end)
}

fn time(bytes: &[u8]) -> Option<(DateTime<Utc>, &[u8])> {
    let (text, rest, is_short) = match take(bytes, UTC_TIME) {
        Some((text, rest)) => (text, rest, true),
        None => take(bytes, GENERALIZED_TIME).map(|(text, rest)| (text, rest, false))?,
    };
    let text = std::str::from_utf8(text).ok()?;
    // Two digits of a year mean 1950 to 2049.
    let year = if is_short { if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" } } else { "" };
    let at = NaiveDateTime::parse_from_str(&format!("{year}{text}"), "%Y%m%d%H%M%SZ").ok()?;
    Some((at.and_utc(), rest))
}

/// The content of the element at the front, if it has this tag, and what follows it.
fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    if found != tag {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let octets = usize::from(first & 0x7f);
        // Longer ones than four octets no certificate has.
        let (head, rest) = rest.split_at_checked(octets).filter(|_| (1..=4).contains(&octets))?;
        (head.iter().fold(0_usize, |n, octet| (n << 8) | usize::from(*octet)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn certificate(not_after: (i32, u8, u8)) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(vec!["mail.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(not_after.0, not_after.1, not_after.2);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn both_forms_of_a_time_are_read() {
        for (end, seen) in [
            ((2031, 2, 3), "2031-02-03"),
            ((2049, 12, 31), "2049-12-31"),
            ((2050, 1, 1), "2050-01-01"),
            ((4096, 1, 1), "4096-01-01"),
        ] {
            assert_eq!(ends(&certificate(end)).unwrap().format("%F").to_string(), seen);
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = certificate((2031, 2, 3));
        for length in 0..whole.len() {
            let _ = ends(&whole[..length]);
            let mut bent = whole.clone();
            bent[length] = bent[length].wrapping_add(0x7f);
            let _ = ends(&bent);
        }
        assert_eq!(ends(b"not a certificate"), None);
    }
}
