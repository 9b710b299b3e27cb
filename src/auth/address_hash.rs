//! The keyed hash of an address: what is kept of an erased person's, so that a suppressed address stays suppressed and one that comes
//! back is told of. Without the key nobody can try addresses against it; with another master secret it matches nothing any more.

use hmac::Mac as _;

use super::secret::{DerivedKey, MasterKey};

/// Hashes addresses. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AddressHasher {
    key: DerivedKey,
}

impl AddressHasher {
    /// A hasher whose key comes from the master secret.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self { key: master.derive("people/address") }
    }

    /// HMAC-SHA-256 of an address in its compared form, in hex.
    #[must_use]
    pub fn hash(&self, email_norm: &str) -> String {
        hex::encode(self.key.mac().chain_update(email_norm.as_bytes()).finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_same_address_under_the_same_key_only() {
        let hasher = |secret: &[u8]| AddressHasher::new(&MasterKey::new(secret).unwrap());
        let (one, other) = (hasher(&[1; 32]), hasher(&[2; 32]));
        assert_eq!(one.hash("a@b.example"), hasher(&[1; 32]).hash("a@b.example"));
        assert_ne!(one.hash("a@b.example"), other.hash("a@b.example"));
        assert_ne!(one.hash("a@b.example"), one.hash("b@b.example"));
    }
}
