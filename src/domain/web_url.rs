//! Addresses of public web pages that people cite: a source, a profile, a place where something was seen. Never fetched.

use url::{Host, Url};

use super::character;

/// The longest address, in octets.
pub const MAX_OCTETS: usize = 2_048;

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebUrlError {
    /// Nothing was given.
    #[error("the address is empty; give one such as https://www.example.go.id/berita")]
    Empty,
    /// Too long.
    #[error("the address has {octets} octets; at most 2048 are allowed")]
    TooLong {
        /// How many there are.
        octets: usize,
    },
    /// Not an address of the web.
    #[error("this is not a web address; give the whole address, beginning with https://")]
    NotWeb,
    /// A user or password in the address.
    #[error("the address holds a user name or password; leave out everything before the @")]
    UserInfo,
    /// An IP address or a bare name in place of a public domain.
    #[error("the address names no public site; give one with a domain such as example.go.id")]
    NotPublic,
    /// An invisible character.
    #[error("character {position} of the address is {what}; copy the address anew")]
    Character {
        /// Its position in characters, from 1.
        position: usize,
        /// What it is.
        what: &'static str,
    },
}

impl WebUrlError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "web_url.empty",
            Self::TooLong { .. } => "web_url.too_long",
            Self::NotWeb => "web_url.not_web",
            Self::UserInfo => "web_url.user_info",
            Self::NotPublic => "web_url.not_public",
            Self::Character { .. } => "web_url.character",
        }
    }
}

/// Reads an address of a public page; gives it in its normal form (WHATWG URL standard).
///
/// # Errors
/// [`WebUrlError`] says what was wrong.
pub fn parse(input: &str) -> Result<String, WebUrlError> {
    let given = input.trim();
    if given.is_empty() {
        return Err(WebUrlError::Empty);
    }
    if given.len() > MAX_OCTETS {
        return Err(WebUrlError::TooLong { octets: given.len() });
    }
    if let Some((position, why)) = character::first_unwanted(given) {
        return Err(WebUrlError::Character { position, what: why.words() });
    }
    let url = Url::parse(given).map_err(|_| WebUrlError::NotWeb)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(WebUrlError::NotWeb);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebUrlError::UserInfo);
    }
    match url.host() {
        Some(Host::Domain(name)) if is_public(name) => {}
        _ => return Err(WebUrlError::NotPublic),
    }
    let text = url.to_string();
    if text.len() > MAX_OCTETS { Err(WebUrlError::TooLong { octets: text.len() }) } else { Ok(text) }
}

fn is_public(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let private = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];
    name.contains('.') && !private.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_public_pages_only() {
        for (input, expected) in [
            (" https://www.Kemenkeu.go.id/berita?x=1 ", Ok("https://www.kemenkeu.go.id/berita?x=1")),
            ("http://contoh.id", Ok("http://contoh.id/")),
            ("", Err("web_url.empty")),
            ("contoh.id/berita", Err("web_url.not_web")),
            ("javascript:alert(1)", Err("web_url.not_web")),
            ("ftp://contoh.id/", Err("web_url.not_web")),
            ("https://user:geheim@contoh.id/", Err("web_url.user_info")),
            ("https://127.1/", Err("web_url.not_public")),
            ("https://0x7f000001/", Err("web_url.not_public")),
            ("https://[::ffff:127.0.0.1]/", Err("web_url.not_public")),
            ("https://localhost/", Err("web_url.not_public")),
            ("https://db.internal/", Err("web_url.not_public")),
            ("https://contoh.id/\u{202e}x", Err("web_url.character")),
        ] {
            let read = parse(input);
            assert_eq!(read.as_deref().map_err(|e| e.code()), expected, "{input}");
        }
        assert_eq!(parse(&format!("https://contoh.id/{}", "a".repeat(2048))).map_err(|e| e.code()), Err("web_url.too_long"));
    }
}
