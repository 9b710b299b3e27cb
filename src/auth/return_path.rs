//! Return paths (VERP): a mark in the envelope sender's local part that says which mail came back, and that nobody else can make.
//!
//! A mark is the mail's id (16 bytes) and the first 10 bytes of HMAC-SHA-256 over it under a key of its own, in base32 of RFC 4648
//! without padding: 42 letters and digits that mean the same in either case, because mail servers on the way may fold case.
//! It has no end: reports come late, and the worst that an old one can do is to count against a mail that is long settled.

use hmac::Mac as _;
use uuid::Uuid;

use super::secret::{DerivedKey, MasterKey};
use crate::domain::id::MailId;

/// The mark's length in characters.
pub const MARK_LEN: usize = 42;
/// What stands between the address's own local part and the mark.
pub const SEPARATOR: char = '+';
/// The longest local part that leaves room for the separator and the mark (RFC 5321 4.5.3.1.1: 64 bytes in all).
pub const LONGEST_LOCAL: usize = 64 - 1 - MARK_LEN;

const ID: usize = 16;
/// 80 bits, the least that RFC 2104 section 5 allows: a guess is a delivery attempt that somebody has to make.
const SEAL: usize = 10;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// RFC 5321 limits a path to 256 bytes; forwarders that rewrite senders (SRS) stay within it. Nothing longer is looked at.
const LONGEST_TEXT: usize = 1_000;

/// Why a text names no mail of ours. None of them repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReturnPathError {
    /// There is nothing in it that has the form of a mark.
    #[error("the address holds no mark of a mail")]
    Unmarked,
    /// There is a mark, but its seal is not ours.
    #[error("the address's mark was not made here, or was changed on its way")]
    Forged,
}

/// Seals and opens marks. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReturnPaths {
    key: DerivedKey,
}

impl ReturnPaths {
    /// A sealer whose key comes from the master secret.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self { key: master.derive("mail/return-path") }
    }

    /// The mark of one mail: what follows [`SEPARATOR`] in its envelope sender's local part.
    #[must_use]
    pub fn seal(&self, mail: MailId) -> String {
        let uuid = mail.uuid();
        let mut bytes = [0; ID + SEAL];
        let seal = self.key.mac().chain_update(uuid.as_bytes()).finalize().into_bytes();
        for (place, byte) in bytes.iter_mut().zip(uuid.as_bytes().iter().chain(seal.iter())) {
            *place = *byte;
        }
        encode(&bytes)
    }

    /// The mail that a mark names. The text may be the mark alone, a local part, a whole address in brackets, or what forwarders make
    /// of one (SRS, BATV, `=2B` for the plus); case does not matter.
    ///
    /// # Errors
    /// [`ReturnPathError`] tells a text without a mark from a mark that is not ours.
    pub fn open(&self, text: &str) -> Result<MailId, ReturnPathError> {
        if text.len() > LONGEST_TEXT {
            return Err(ReturnPathError::Unmarked);
        }
        let runs = text.as_bytes().split(|byte| value(*byte).is_none()).filter(|run| run.len() >= MARK_LEN);
        let mut found = Err(ReturnPathError::Unmarked);
        for run in runs {
            // An encoded plus leaves its "2B" in front of the mark.
            let mark = run.len().checked_sub(MARK_LEN).and_then(|start| run.get(start..));
            found = mark.and_then(decode).map_or(found, |bytes| self.verified(&bytes));
            if found.is_ok() {
                break;
            }
        }
        found
    }

    fn verified(&self, bytes: &[u8; ID + SEAL]) -> Result<MailId, ReturnPathError> {
        let (id, seal) = bytes.split_at(ID);
        let mac = self.key.mac().chain_update(id);
        mac.verify_truncated_left(seal).map_err(|_| ReturnPathError::Forged)?;
        Uuid::from_slice(id).map(MailId::from_uuid).map_err(|_| ReturnPathError::Forged)
    }
}

/// RFC 4648 section 6, lower case, without padding.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(MARK_LEN);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// The bytes of a mark; none where a character or the spare bits at its end are no mark's.
fn decode(mark: &[u8]) -> Option<[u8; ID + SEAL]> {
    let mut bytes = [0; ID + SEAL];
    let mut places = bytes.iter_mut();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for character in mark {
        held = (held << 5) | value(*character)?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *places.next()? = u8::try_from(held >> bits).ok()?;
            held &= (1 << bits) - 1;
        }
    }
    // One mark, one spelling.
    (places.next().is_none() && held == 0).then_some(bytes)
}

fn letter(five_bits: u32) -> char {
    let index = usize::try_from(five_bits & 31).unwrap_or_default();
    char::from(ALPHABET.get(index).copied().unwrap_or_default())
}

fn value(character: u8) -> Option<u32> {
    match character {
        b'a'..=b'z' => Some(u32::from(character - b'a')),
        b'A'..=b'Z' => Some(u32::from(character - b'A')),
        b'2'..=b'7' => Some(u32::from(character - b'2') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_rfc_4648s() {
        // RFC 4648 section 10, in lower case and without padding.
        let vectors = [("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb")];
        for (plain, coded) in vectors {
            assert_eq!(encode(plain.as_bytes()), coded);
        }
        assert_eq!(encode(&[0xff; ID + SEAL]).len(), MARK_LEN);
        assert_eq!(decode(encode(&[0xa5; ID + SEAL]).as_bytes()), Some([0xa5; ID + SEAL]));
    }
}
