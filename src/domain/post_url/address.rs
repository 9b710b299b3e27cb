//! A web address taken apart with suspicion: what a platform's own address never has is refused before anything is read.

use url::{Host, Url};

use super::{MAX_OCTETS, PostUrlError};
use crate::domain::character;

/// The parts of a safe https address.
pub(super) struct Address {
    /// The host: ASCII, lower case, without a final dot.
    pub host: String,
    /// The path's segments, percent-decoded once, empty ones left out.
    pub segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl Address {
    pub(super) fn read(input: &str) -> Result<Self, PostUrlError> {
        let given = unglue(input);
        if given.is_empty() {
            return Err(PostUrlError::Empty);
        }
        if given.len() > MAX_OCTETS {
            return Err(PostUrlError::TooLong { octets: given.len() });
        }
        check_characters(given)?;
        let rest = after_scheme(given)?;
        check_authority(rest)?;
        let url = Url::parse(&format!("https://{rest}")).map_err(|_| PostUrlError::Malformed)?;
        let host = match url.host() {
            Some(Host::Domain(name)) => name.trim_end_matches('.').to_owned(),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(PostUrlError::IpAddress),
            None => return Err(PostUrlError::Malformed),
        };
        let path = url.path_segments().into_iter().flatten();
        let segments = path.filter(|s| !s.is_empty()).map(decode).collect::<Result<_, _>>()?;
        Ok(Self { host, segments, query: url.query_pairs().into_owned().collect() })
    }
    /// The first query parameter of a name, if it is not empty.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }
}

/// Cuts off spaces, and the brackets, quotation marks and punctuation that sentences and mail programs put around an address.
fn unglue(input: &str) -> &str {
    let mut s = input.trim().trim_start_matches(['<', '(', '[', '"', '\'', '“', '‘', '«']);
    while let Some(last) = s.chars().next_back() {
        let glued = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '>' | ']' | '}' | '"' | '\'' | '”' | '’' | '»' | '…' => true,
            // LinkedIn's addresses of comments end in a bracket of their own.
            ')' => s.matches(')').count() > s.matches('(').count(),
            c => c.is_whitespace(),
        };
        if !glued {
            break;
        }
        s = s.get(..s.len() - last.len_utf8()).unwrap_or_default();
    }
    s
}

fn check_characters(given: &str) -> Result<(), PostUrlError> {
    for (i, c) in given.chars().enumerate() {
        let what = match character::unwanted(c) {
            Some(why) => why.words(),
            None if c == '\\' => "a backslash",
            None if c.is_whitespace() => "a space",
            None => continue,
        };
        return Err(PostUrlError::Character { position: i + 1, what });
    }
    Ok(())
}

/// What follows `http://` or `https://`; an address without a scheme passes whole.
fn after_scheme(given: &str) -> Result<&str, PostUrlError> {
    if let Some((scheme, rest)) = given.split_once("://").filter(|(s, _)| !s.contains(['/', '?', '#'])) {
        return match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Ok(rest),
            _ => Err(PostUrlError::Scheme { scheme: scheme.chars().take(32).collect() }),
        };
    }
    let rest = given.strip_prefix("//").unwrap_or(given);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.to_ascii_lowercase().contains("%3a") {
        return Err(PostUrlError::Encoded);
    }
    match authority.split_once(':') {
        // javascript:…, mailto:…, data:… against example.com:80
        Some((scheme, _)) if !scheme.contains(['.', '[', '@']) && scheme != "localhost" => {
            Err(PostUrlError::Scheme { scheme: scheme.chars().take(32).collect() })
        }
        _ => Ok(rest),
    }
}

fn check_authority(rest: &str) -> Result<(), PostUrlError> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(PostUrlError::UserInfo);
    }
    if authority.starts_with('[') {
        return Err(PostUrlError::IpAddress);
    }
    if authority.contains(':') {
        return Err(PostUrlError::Port);
    }
    // Full-width letters and percent-encoding would be folded into a platform's name by the URL standard.
    if authority.bytes().any(|b| !(b.is_ascii_alphanumeric() || b"-._".contains(&b))) {
        return Err(PostUrlError::HostCharacter);
    }
    Ok(())
}

/// Decodes one path segment, once. What is still encoded after that was encoded twice.
fn decode(segment: &str) -> Result<String, PostUrlError> {
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(b) = rest.next() {
        if b != b'%' {
            octets.push(b);
            continue;
        }
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (hex(rest.next()), hex(rest.next())) else { return Err(PostUrlError::Encoded) };
        octets.push(u8::try_from(high * 16 + low).map_err(|_| PostUrlError::Encoded)?);
    }
    let text = String::from_utf8(octets).map_err(|_| PostUrlError::Encoded)?;
    if text.contains(['%', '/', '\\', '?', '#']) || character::first_unwanted(&text).is_some() {
        return Err(PostUrlError::Encoded);
    }
    Ok(text)
}
