//! The token in a console user's cookie: 256 random bits that mean nothing by themselves. Only their SHA-256 is stored.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What is stored of a session's token; also what finds the session again. A read of the table opens no session.
pub type TokenHash = [u8; 32];

/// A session's token, as it travels. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct SessionToken(String);

/// A text that is no session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no session token")]
pub struct NotASession;

impl SessionToken {
    /// A new token, from the system's random source.
    #[must_use]
    pub fn generate() -> Self {
        let random: [u8; 32] = rand::random();
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// Reads a token from a cookie.
    ///
    /// # Errors
    /// [`NotASession`] where the text is not 32 bytes in base64url.
    pub fn parse(text: &str) -> Result<Self, NotASession> {
        // 43 characters and no others: the decoder refuses padding and stray bits.
        if text.len() != 43 {
            return Err(NotASession);
        }
        URL_SAFE_NO_PAD.decode(text).map_err(|_| NotASession)?;
        Ok(Self(text.to_owned()))
    }

    /// The token's text, for the cookie.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What to store, and what to look up. No salt: a random 256-bit token can't be guessed from its hash.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text_with_the_same_hash() {
        let token = SessionToken::generate();
        let read = SessionToken::parse(token.as_str()).unwrap();
        assert_eq!(read.hash(), token.hash());
        assert_ne!(SessionToken::generate().hash(), token.hash());
        assert_eq!(format!("{token:?}"), "SessionToken(…)");
    }

    #[test]
    fn other_texts_are_refused() {
        let token = SessionToken::generate();
        let stray_bits = format!("{}B", "A".repeat(42));
        for text in ["", "x", &token.as_str()[1..], &format!("{}=", token.as_str()), &stray_bits] {
            assert_eq!(SessionToken::parse(text).unwrap_err(), NotASession, "{text}");
        }
    }
}
