//! The hash that a release names: any later edit of the content gives another one, and so voids the release.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::canonical::{NotCanonical, canonical};

/// The SHA-256 of the value's canonical JSON, as 64 lower-case hex digits.
///
/// # Errors
/// [`NotCanonical`] where a number has no canonical form.
pub fn content_hash<T: Serialize>(value: &T) -> Result<String, NotCanonical> {
    Ok(to_hex(&Sha256::digest(canonical(value)?)))
}

/// Lower-case hex.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_hash_ignores_the_order_of_keys_and_nothing_else() {
        let one: serde_json::Value = serde_json::from_str(r#"{ "b": [1, 2], "a": "x" }"#).unwrap();
        // printf '{"a":"x","b":[1,2]}' | sha256sum
        assert_eq!(content_hash(&one).unwrap(), "721ef82f2d6c0997bffb7a8ab3f40f8fb45b0b52ce2af3afa6b0f05efbdc317f");
        assert_eq!(content_hash(&json!({"a": "x", "b": [1, 2]})).unwrap(), content_hash(&one).unwrap());
        assert_ne!(content_hash(&json!({"a": "x", "b": [2, 1]})).unwrap(), content_hash(&one).unwrap());
    }
}
