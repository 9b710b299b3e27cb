//! The private keys that sign: read from PEM or made anew, and what of them is published.

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

crate::text_enum! {
    /// How a signature is made; the word is the key's type in DNS.
    pub enum Algorithm {
        /// RSA with SHA-256, at least 2048 bits: every receiver knows it (RFC 8301).
        Rsa = "rsa",
        /// Ed25519 with SHA-256 (RFC 8463): short and fast, not known everywhere yet.
        Ed25519 = "ed25519",
    }
}

impl Algorithm {
    /// The word for it in a signature.
    #[must_use]
    pub const fn signature_word(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }
}

/// Why a key can't be used. None of them repeats the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM, or without a private key.
    #[error("it holds no private key in PEM (\"BEGIN PRIVATE KEY\" or \"BEGIN RSA PRIVATE KEY\")")]
    NoKey,
    /// Encrypted with a pass phrase.
    #[error("the key is encrypted with a pass phrase; take that off (`openssl pkey -in OLD -out NEW`)")]
    Encrypted,
    /// Neither RSA nor Ed25519.
    #[error("the key is neither RSA nor Ed25519; make one with `gaung mail dkim-key`")]
    Kind,
    /// Receivers refuse it (RFC 8301 section 3.2).
    #[error("the RSA key has fewer than 2048 bits, which receivers do not trust; make one with `gaung mail dkim-key`")]
    Short,
    /// The library could not make or use it.
    #[error("the key could not be made or used")]
    Failed,
}

/// A private key. It never shows itself but in [`PrivateKey::pem`].
pub struct PrivateKey(Inner);

enum Inner {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm())
    }
}

impl PrivateKey {
    /// Reads PKCS#8 (RSA, Ed25519) or PKCS#1 (RSA) in PEM.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        if pem.windows(9).any(|word| word == b"ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NoKey)?;
        let rejected = |error: aws_lc_rs::error::KeyRejected| match error.description_() {
            "TooSmall" => KeyError::Short,
            _ => KeyError::Kind,
        };
        match der {
            PrivateKeyDer::Pkcs1(der) => {
                let key = RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(rejected)?;
                Ok(Self(Inner::Rsa(Box::new(key))))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                if let Ok(key) = Ed25519KeyPair::from_pkcs8(der) {
                    return Ok(Self(Inner::Ed25519(Box::new(key))));
                }
                let key = RsaKeyPair::from_pkcs8(der).map_err(rejected)?;
                Ok(Self(Inner::Rsa(Box::new(key))))
            }
            _ => Err(KeyError::Kind),
        }
    }

    /// A new key: RSA with 2048 bits, which fits one DNS answer over UDP, or Ed25519.
    ///
    /// # Errors
    /// [`KeyError::Failed`] where the machine has no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Ok(Self(match algorithm {
            Algorithm::Rsa => Inner::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Failed)?)),
            Algorithm::Ed25519 => Inner::Ed25519(Box::new(Ed25519KeyPair::generate().map_err(|_| KeyError::Failed)?)),
        }))
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Inner::Rsa(_) => Algorithm::Rsa,
            Inner::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The key as a PEM file (PKCS#8).
    ///
    /// # Errors
    /// [`KeyError::Failed`] where the library can't write it.
    pub fn pem(&self) -> Result<String, KeyError> {
        let der: Result<Pkcs8V1Der<'static>, _> = match &self.0 {
            Inner::Rsa(key) => key.as_der(),
            Inner::Ed25519(key) => key.as_der(),
        };
        let coded = STANDARD.encode(der.map_err(|_| KeyError::Failed)?.as_ref());
        let lines: String = chunks(&coded, 64).map(|line| format!("{line}\n")).collect();
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----\n"))
    }

    /// What `p=` says in DNS: the SubjectPublicKeyInfo of an RSA key (RFC 6376 section 3.6.1 and appendix C), the 32 bytes of an
    /// Ed25519 key (RFC 8463 section 4).
    ///
    /// # Errors
    /// [`KeyError::Failed`] where the library can't write it.
    pub fn public(&self) -> Result<Vec<u8>, KeyError> {
        match &self.0 {
            Inner::Rsa(key) => {
                let der: PublicKeyX509Der<'static> = key.public_key().as_der().map_err(|_| KeyError::Failed)?;
                Ok(der.as_ref().to_vec())
            }
            Inner::Ed25519(key) => Ok(key.public_key().as_ref().to_vec()),
        }
    }

    /// The TXT record to publish.
    ///
    /// # Errors
    /// [`KeyError::Failed`] where the library can't write the public key.
    pub fn record(&self) -> Result<String, KeyError> {
        Ok(format!("v=DKIM1; k={}; p={}", self.algorithm(), STANDARD.encode(self.public()?)))
    }

    /// Signs what RFC 6376 section 3.7 puts together. RSA signs its SHA-256 hash; Ed25519 signs that hash as a message
    /// (RFC 8463 section 3).
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.0 {
            Inner::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature).map_err(|_| KeyError::Failed)?;
                Ok(signature)
            }
            Inner::Ed25519(key) => {
                let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, data);
                Ok(key.try_sign(hash.as_ref()).map_err(|_| KeyError::Failed)?.as_ref().to_vec())
            }
        }
    }
}

/// A text of ASCII in pieces of at most `width`.
pub(super) fn chunks(text: &str, width: usize) -> impl Iterator<Item = &str> {
    (0..text.len()).step_by(width.max(1)).filter_map(move |at| text.get(at..(at + width).min(text.len())))
}
