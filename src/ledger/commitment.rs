//! How an entry binds personal detail without holding it: a salted SHA-256. Deleting the salt makes the detail unprovable; the entry stays.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::canonical::{NotCanonical, canonical};

/// Keeps a commitment from being taken for any other hash in this service.
const DOMAIN: &[u8] = b"gaung/ledger/commitment/v1\0";

/// A salt: 32 random bytes, one per entry, kept outside the log and erased with the person's data.
pub type Salt = [u8; 32];

/// The commitment to a detail: `SHA-256("gaung/ledger/commitment/v1" ‖ 00 ‖ salt ‖ canonical JSON of the detail)`.
///
/// # Errors
/// [`NotCanonical`] where a number of the detail has no canonical form.
pub fn commit(salt: &Salt, detail: &Value) -> Result<[u8; 32], NotCanonical> {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(salt);
    hash.update(canonical(detail)?);
    Ok(hash.finalize().into())
}

/// Whether this salt and this detail are what the commitment was made of.
#[must_use]
pub fn opens(commitment: &[u8; 32], salt: &Salt, detail: &Value) -> bool {
    commit(salt, detail).is_ok_and(|made| made == *commitment)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::content_hash::to_hex;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_commitment_is_the_stated_hash() {
        // { printf 'gaung/ledger/commitment/v1\0'; head -c 32 /dev/zero; printf '{"reason":"cuti"}'; } | sha256sum
        let made = commit(&[0; 32], &json!({"reason": "cuti"})).unwrap();
        assert_eq!(to_hex(&made), "c7e98d9b18f8221ca81696d1b29d306fb325e818699aa0838308f0e9a0e5fc04");
    }

    #[test]
    fn another_salt_or_another_detail_does_not_open_it() {
        let (salt, detail) = ([7; 32], json!({"address": "a@b.example", "level": 1}));
        let made = commit(&salt, &detail).unwrap();
        assert!(opens(&made, &salt, &detail));
        assert!(!opens(&made, &[8; 32], &detail));
        assert!(!opens(&made, &salt, &json!({"address": "a@b.example", "level": 2})));
        assert!(!opens(&made, &salt, &json!({"level": 1.5})));
    }
}
