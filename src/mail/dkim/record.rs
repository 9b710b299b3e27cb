//! The TXT record that publishes a key (RFC 6376 section 3.6): its name, its text as zone files want it, and reading it back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::chunks;

/// The longest string in a TXT record (RFC 1035 section 3.3.14); a longer text is several strings, which receivers join.
const LONGEST_STRING: usize = 255;

/// Where a key is published.
#[must_use]
pub fn name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// A text as a zone file's TXT data: strings of at most 255 bytes, in quotation marks. For ASCII texts.
#[must_use]
pub fn quoted(text: &str) -> String {
    let strings: Vec<String> =
        chunks(text, LONGEST_STRING).map(|s| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""))).collect();
    strings.join(" ")
}

/// A record as zone files have it: name, class, type, data.
#[must_use]
pub fn zone_line(name: &str, text: &str) -> String {
    format!("{name}. IN TXT {}", quoted(text))
}

/// What a published key record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `k=`; `rsa` where there is none.
    pub kind: String,
    /// `p=`; empty for a key that was withdrawn.
    pub public: Vec<u8>,
    /// Whether `t=` says that the domain is only testing.
    pub testing: bool,
    /// Whether `h=` and `s=`, where there are any, allow SHA-256 and mail.
    pub usable: bool,
}

/// Reads a key record.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &str) -> Result<Published, String> {
    let mut published = Published { kind: "rsa".to_owned(), public: Vec::new(), testing: false, usable: true };
    let mut has_key = false;
    for (index, (tag, value)) in tags(text).into_iter().enumerate() {
        let lists = |word: &str| value.split(':').any(|v| v.trim().eq_ignore_ascii_case(word));
        match tag.as_str() {
            "v" if value != "DKIM1" || index > 0 => return Err("v= is not DKIM1, or does not come first".to_owned()),
            "k" => published.kind = value.to_ascii_lowercase(),
            "h" => published.usable &= lists("sha256"),
            "s" => published.usable &= lists("*") || lists("email"),
            "t" => published.testing = lists("y"),
            "p" => {
                let bare: String = value.chars().filter(|c| !c.is_whitespace()).collect();
                published.public = STANDARD.decode(bare).map_err(|_| "p= is not base64".to_owned())?;
                has_key = true;
            }
            _ => {}
        }
    }
    if has_key { Ok(published) } else { Err("there is no p=".to_owned()) }
}

/// RFC 6376 section 3.2: `name=value` pairs between semicolons, white space around them aside; names in lower case.
#[must_use]
pub fn tags(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| part.split_once('=').map(|(k, v)| (k.trim().to_ascii_lowercase(), v.trim().to_owned()));
    text.split(';').filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_split_where_dns_wants_it() {
        assert_eq!(quoted(&"x".repeat(255)), format!("\"{}\"", "x".repeat(255)));
        assert_eq!(quoted(&"x".repeat(256)), format!("\"{}\" \"x\"", "x".repeat(255)));
        assert_eq!(zone_line("a.b", "c"), "a.b. IN TXT \"c\"");
    }

    #[test]
    fn records_read_back() {
        let good = parse(" v=DKIM1 ; k=ed25519; t=s:y; p=AQ ID ").unwrap_or_else(|e| unreachable!("{e}"));
        assert_eq!(
            (good.kind.as_str(), good.public.as_slice(), good.testing, good.usable),
            ("ed25519", &[1, 2, 3][..], true, true)
        );
        assert!(parse("p=").is_ok_and(|p| p.public.is_empty() && p.kind == "rsa"));
        assert!(parse("v=DKIM1; h=sha1; p=AQID").is_ok_and(|p| !p.usable));
        assert!(parse("v=DKIM1; s=tlsrpt; p=AQID").is_ok_and(|p| !p.usable));
        for bad in ["", "v=DKIM1", "v=DKIM2; p=AQID", "k=rsa; v=DKIM1; p=AQID", "v=DKIM1; p=%%%"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
