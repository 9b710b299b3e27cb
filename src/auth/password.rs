//! Which passwords are accepted, and how one is stored and checked: Argon2id, 19 MiB, two passes, in PHC form.
//!
//! Hashing takes tens of milliseconds of one core: call it through [`super::hash_pool::HashPool`], never on the reactor.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password.
pub const MIN_CHARS: usize = 12;
/// The most characters of a password: enough for any passphrase, too few to be used as a load.
pub const MAX_CHARS: usize = 128;

/// Why a new password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`MIN_CHARS`].
    #[error("a password needs at least {MIN_CHARS} characters; a few words in a row are easy to keep")]
    Short,
    /// More than [`MAX_CHARS`].
    #[error("a password has at most {MAX_CHARS} characters")]
    Long,
    /// The address itself, or its part before the @.
    #[error("a password must not be the address it belongs to")]
    SameAsAddress,
    /// One character over and over.
    #[error("a password must not be one character repeated")]
    OneCharacter,
}

impl WeakPassword {
    /// The stable code for pages and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Short => "password.short",
            Self::Long => "password.long",
            Self::SameAsAddress => "password.same_as_address",
            Self::OneCharacter => "password.one_character",
        }
    }
}

/// Hashing itself failed: no memory, or a stored hash that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed or checked: {0}")]
pub struct HashError(pub String);

/// Whether a password may be set for the user with this address (NIST SP 800-63B: length, no composition rules).
///
/// # Errors
/// [`WeakPassword`] says what is wrong with it.
pub fn accept(password: &str, address: &str) -> Result<(), WeakPassword> {
    let normal = normalised(password);
    let length = normal.chars().count();
    if length < MIN_CHARS {
        return Err(WeakPassword::Short);
    }
    if length > MAX_CHARS {
        return Err(WeakPassword::Long);
    }
    let (lower, address) = (normal.to_lowercase(), normalised(address).to_lowercase());
    let local_part = address.rsplit_once('@').map_or(address.as_str(), |(local, _)| local);
    if lower == address || lower == local_part {
        return Err(WeakPassword::SameAsAddress);
    }
    let mut characters = lower.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) {
        return Err(WeakPassword::OneCharacter);
    }
    Ok(())
}

/// The PHC string to store for a password, with a fresh random salt.
///
/// # Errors
/// [`HashError`] where Argon2 could not run.
pub fn hash(password: &str) -> Result<String, HashError> {
    let made: Result<PasswordHash, _> = argon2()?.hash_password(normalised(password).as_bytes());
    made.map(|hash| hash.to_string()).map_err(|e| HashError(e.to_string()))
}

/// Whether the password is the one that was stored. Without a stored hash (an unknown user) it does the same work and says no.
///
/// # Errors
/// [`HashError`] where the stored text is no PHC string of Argon2.
pub fn verify(stored: Option<&str>, password: &str) -> Result<bool, HashError> {
    let known = stored.is_some();
    let phc = stored.unwrap_or(&NOBODY);
    let parsed = PasswordHash::new(phc).map_err(|e| HashError(e.to_string()))?;
    // A password longer than any that can be set is still hashed, cut short: the time tells nothing.
    let given: String = normalised(password).chars().take(MAX_CHARS + 1).collect();
    let matches = match argon2()?.verify_password(given.as_bytes(), &parsed) {
        Ok(()) => true,
        Err(argon2::password_hash::Error::PasswordInvalid) => false,
        Err(e) => return Err(HashError(e.to_string())),
    };
    Ok(matches && known)
}

/// Whether a stored hash was made with other parameters than today's, so that it is worth replacing at the next sign-in.
#[must_use]
pub fn is_outdated(stored: &str) -> bool {
    !stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
}

/// A hash that no password opens: of 32 random bytes that were thrown away. Made on first use, with today's parameters.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let random: [u8; 32] = rand::random();
    hash(&hex::encode(random)).unwrap_or_default()
});

/// OWASP's second choice, and ASVS's floor: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| HashError(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The same letters typed on two keyboards are one password (NIST SP 800-63B section 5.1.1.2).
fn normalised(text: &str) -> String {
    text.nfkc().collect()
}
