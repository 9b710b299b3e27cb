//! The one secret an operator keeps, and the keys derived from it: one per purpose, so that no token can pass for another kind.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shortest master secret: 256 bits, as HMAC-SHA-256 deserves (RFC 2104 section 3).
pub const MIN_SECRET_BYTES: usize = 32;

/// Why a master secret was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret has {length} bytes; it needs at least {MIN_SECRET_BYTES} random ones (`openssl rand -hex 32` makes a good one)"
)]
pub struct ShortSecret {
    /// Its length.
    pub length: usize,
}

/// The master secret. It never leaves this type, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct MasterKey(Vec<u8>);

impl MasterKey {
    /// Takes the secret's bytes.
    ///
    /// # Errors
    /// [`ShortSecret`] below 32 bytes.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, ShortSecret> {
        let secret = secret.into();
        if secret.len() < MIN_SECRET_BYTES {
            return Err(ShortSecret { length: secret.len() });
        }
        Ok(Self(secret))
    }

    /// The key for one purpose. Keys of different purposes tell nothing about each other.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> DerivedKey {
        DerivedKey(hkdf_sha256(b"gaung/v1", &self.0, purpose.as_bytes()))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// A 256-bit key for one purpose. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct DerivedKey([u8; 32]);

impl DerivedKey {
    /// The key's bytes, for an algorithm that takes them itself.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 under this key, ready to take a message.
    #[must_use]
    pub fn mac(&self) -> Hmac<Sha256> {
        hmac(&self.0)
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKey(…)")
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 section 2)")]
fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// RFC 5869 with SHA-256, one block of output: extract, then `HMAC(prk, info ‖ 01)`.
fn hkdf_sha256(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; 32] {
    let prk = hmac(salt).chain_update(secret).finalize().into_bytes();
    hmac(&prk).chain_update(info).chain_update([1]).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn derivation_is_rfc_5869() {
        // RFC 5869 appendix A.1, the first 32 of its 42 bytes.
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let okm = hkdf_sha256(&salt, &[0x0b; 22], &info);
        assert_eq!(hex::encode(okm), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    }

    #[test]
    fn purposes_have_their_own_keys_and_short_secrets_are_refused() {
        let key = MasterKey::new([1; 32]).unwrap();
        assert_eq!(key.derive("task").bytes(), key.derive("task").bytes());
        assert_ne!(key.derive("task").bytes(), key.derive("pause").bytes());
        assert_ne!(key.derive("task").bytes(), MasterKey::new([2; 32]).unwrap().derive("task").bytes());
        assert_eq!(MasterKey::new([1; 31]).unwrap_err(), ShortSecret { length: 31 });
    }

    #[test]
    fn no_debug_output_shows_a_key() {
        let key = MasterKey::new([65; 32]).unwrap();
        assert_eq!(format!("{key:?} {:?}", key.derive("x")), "MasterKey(…) DerivedKey(…)");
    }
}
