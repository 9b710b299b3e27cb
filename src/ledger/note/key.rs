//! The keys of signed notes in their written forms (vkey and skey), and what a key signs: a text, or a checkpoint with a time.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::Signature;
use crate::ledger::text::{base64, from_base64};

/// The first four bytes of `SHA-256(name ‖ "\n" ‖ kind ‖ public key)`: tells a name's keys apart, and proves nothing.
pub type KeyId = [u8; 4];

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A note's text, with Ed25519 (type 1 of <https://c2sp.org/signed-note>).
    Ed25519,
    /// A checkpoint with a time before it, with Ed25519 (type 4, <https://c2sp.org/tlog-cosignature>).
    Cosignature,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
    const fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Ed25519),
            4 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// Why a text is no key, or a name no key's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Empty, or with a space or a plus sign.
    #[error("a key's name must not be empty and must have no space and no + in it")]
    Name,
    /// Not name, id and base64 with plus signs between.
    #[error("a key is written as name+id+base64, in one line")]
    Form,
    /// A kind of key that is not known here.
    #[error("this kind of key is not known here: Ed25519 keys of logs (1) and of witnesses (4) are")]
    Kind,
    /// The id is not that of this name and key.
    #[error("the key's id does not fit its name and bytes: it was changed, or copied wrongly")]
    Id,
}

/// A name that a key may have.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, kind: KeyKind, public: &[u8; 32]) -> KeyId {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update([b'\n', kind.byte()]);
    hash.update(public);
    let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
    [a, b, c, d]
}

/// What a cosignature signs: a fixed line, the time in seconds, the checkpoint.
fn cosigned(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// A public key with its name: written as a vkey, `name+id+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: [u8; 32],
    id: KeyId,
}

impl VerifierKey {
    /// A key of this name.
    ///
    /// # Errors
    /// [`BadKey::Name`].
    pub fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, BadKey> {
        if !is_name(name) {
            return Err(BadKey::Name);
        }
        Ok(Self { name: name.to_owned(), kind, public, id: key_id(name, kind, &public) })
    }
    /// Its name: for a log's key its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }
    /// Its 32 bytes (RFC 8032 section 5.1.5).
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }
    /// What it signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }
    /// Whether this is its signature on the text: `None` where it is not, else when it was made, if the kind says so (seconds).
    pub(super) fn verify(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        match self.kind {
            KeyKind::Ed25519 => key.verify(text.as_bytes(), signature).ok().map(|()| None),
            KeyKind::Cosignature => {
                let (seconds, signature) = signature.split_first_chunk::<8>()?;
                let seconds = u64::from_be_bytes(*seconds);
                i64::try_from(seconds).ok()?;
                key.verify(&cosigned(text, seconds), signature).ok().map(|()| Some(seconds))
            }
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(&self.name, self.id, self.kind, &self.public))
    }
}

fn written(name: &str, id: KeyId, kind: KeyKind, bytes: &[u8; 32]) -> String {
    let mut material = vec![kind.byte()];
    material.extend_from_slice(bytes);
    format!("{name}+{:08x}+{}", u32::from_be_bytes(id), base64(&material))
}

/// Name, id, kind and the 32 bytes of a written key.
fn read(text: &str) -> Result<(&str, KeyId, KeyKind, [u8; 32]), BadKey> {
    // A name has no plus sign; base64 may have several.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else { return Err(BadKey::Form) };
    if !is_name(name) {
        return Err(BadKey::Name);
    }
    let lower = id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| lower).ok_or(BadKey::Form)?;
    let material = from_base64(material).ok_or(BadKey::Form)?;
    let (kind, bytes) = material.split_first().ok_or(BadKey::Form)?;
    let kind = KeyKind::of(*kind).ok_or(BadKey::Kind)?;
    Ok((name, id.to_be_bytes(), kind, bytes.try_into().map_err(|_| BadKey::Form)?))
}

impl FromStr for VerifierKey {
    type Err = BadKey;
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (name, id, kind, public) = read(text)?;
        let key = Self::new(name, kind, public)?;
        if key.id == id { Ok(key) } else { Err(BadKey::Id) }
    }
}

/// A secret key with its name: written as an skey, `PRIVATE+KEY+name+id+base64`, as Go's `note` writes them.
pub struct Signer {
    key: VerifierKey,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

/// What a written secret key begins with.
const SECRET: &str = "PRIVATE+KEY+";

impl Signer {
    /// A key from 32 random bytes, which are the secret.
    ///
    /// # Errors
    /// [`BadKey::Name`].
    pub fn from_seed(name: &str, kind: KeyKind, seed: [u8; 32]) -> Result<Self, BadKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| BadKey::Form)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| BadKey::Form)?;
        Ok(Self { key: VerifierKey::new(name, kind, public)?, seed, pair })
    }
    /// A key from its written form.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn from_skey(text: &str) -> Result<Self, BadKey> {
        let (name, id, kind, seed) = read(text.strip_prefix(SECRET).ok_or(BadKey::Form)?)?;
        let signer = Self::from_seed(name, kind, seed)?;
        if signer.key.id == id { Ok(signer) } else { Err(BadKey::Id) }
    }
    /// The written form. A secret: for a file that only its owner reads.
    #[must_use]
    pub fn skey(&self) -> String {
        format!("{SECRET}{}", written(&self.key.name, self.key.id, self.key.kind, &self.seed))
    }
    /// The public half.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }
    /// Signs a note's text; `seconds` (since 1970-01-01T00:00:00Z) goes into the signature of a key that cosigns, and nowhere else.
    #[must_use]
    pub fn sign(&self, text: &str, seconds: u64) -> Signature {
        let bytes = match self.key.kind {
            KeyKind::Ed25519 => self.pair.sign(text.as_bytes()).as_ref().to_vec(),
            KeyKind::Cosignature => {
                let mut bytes = seconds.to_be_bytes().to_vec();
                bytes.extend_from_slice(self.pair.sign(&cosigned(text, seconds)).as_ref());
                bytes
            }
        };
        Signature { name: self.key.name.clone(), id: self.key.id, bytes }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key)
    }
}
