//! Small written forms that the log's texts share: base64 of a hash (RFC 4648 section 4) and decimals without leading zeros.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::{Hash, MOST_LEAVES};

/// Base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a base64 text, if it is the one and only way to write them.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A hash from its base64.
#[must_use]
pub fn hash_from_base64(text: &str) -> Option<Hash> {
    from_base64(text)?.try_into().ok()
}

/// A size or an index: digits only, no leading zero unless it is `0`, at most 2^63 − 1.
#[must_use]
pub fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number: u64 = if plain { text.parse().ok()? } else { return None };
    (number <= MOST_LEAVES).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_one_form() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("9223372036854775807"), Some(MOST_LEAVES));
        for refused in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "9223372036854775808", "١"] {
            assert_eq!(decimal(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn a_hash_has_one_form() {
        let text = base64(&[7; 32]);
        assert_eq!(hash_from_base64(&text), Some([7; 32]));
        // The last character's spare bits set; the padding gone; one byte more.
        for refused in [text.replace("c=", "d="), text.trim_end_matches('=').to_owned(), base64(&[7; 33])] {
            assert_eq!(hash_from_base64(&refused), None, "{refused}");
        }
    }
}
