//! Tokens in links and forms: stateless, each good for one purpose and one row at one version, with or without an end.
//!
//! A token is 42 bytes in base64url (56 characters): form and purpose (1), id (16), version (4), end in seconds since 1970 (5, 0 for none),
//! and the first 16 bytes of HMAC-SHA-256 over the rest (RFC 2104 section 5 allows the cut) under the purpose's own key.
//! Raising the row's version revokes every token sealed before; the caller compares [`Opened::version`] with the row's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::Mac;
use uuid::Uuid;

use super::secret::{DerivedKey, MasterKey};

/// What a token opens. It opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// One assignment's page.
    Task,
    /// A member's page to pause or leave; also List-Unsubscribe.
    Pause,
    /// The confirmation of one consent.
    OptIn,
    /// A link that signs a user in.
    SignIn,
    /// Shows that a form came from the page it is on.
    FormNonce,
    /// A calendar to subscribe to.
    Calendar,
    /// The answer to a correction of one assignment.
    Correction,
    /// The confirmation of what a member asked for about their data.
    DataRequest,
    /// The confirmation of a new address by its reader.
    Address,
}

impl Purpose {
    const ALL: [Self; 9] = [
        Self::Task,
        Self::Pause,
        Self::OptIn,
        Self::SignIn,
        Self::FormNonce,
        Self::Calendar,
        Self::Correction,
        Self::DataRequest,
        Self::Address,
    ];

    /// The byte in the token: the high half is the token's form, the low half the purpose.
    const fn byte(self) -> u8 {
        match self {
            Self::Task => 0x11,
            Self::Pause => 0x12,
            Self::OptIn => 0x13,
            Self::SignIn => 0x14,
            Self::FormNonce => 0x15,
            Self::Calendar => 0x16,
            Self::Correction => 0x17,
            Self::DataRequest => 0x18,
            Self::Address => 0x19,
        }
    }

    const fn key_name(self) -> &'static str {
        match self {
            Self::Task => "token/task",
            Self::Pause => "token/pause",
            Self::OptIn => "token/opt-in",
            Self::SignIn => "token/sign-in",
            Self::FormNonce => "token/form-nonce",
            Self::Calendar => "token/calendar",
            Self::Correction => "token/correction",
            Self::DataRequest => "token/data-request",
            Self::Address => "token/address",
        }
    }
}

/// What a valid token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The row it is for.
    pub uuid: Uuid,
    /// The row's version when it was sealed.
    pub version: u32,
}

/// Why a token opened nothing. None of them repeats the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is too short, too long, or holds characters no token has: a link that was cut or mangled.
    #[error("the link is incomplete or was changed on its way")]
    Malformed,
    /// Its seal is not ours, or it is for something else.
    #[error("the link is not valid here")]
    Forged,
    /// It was ours, and its time is over.
    #[error("the link ended at {ended_at}")]
    Expired {
        /// The end it was sealed with.
        ended_at: DateTime<Utc>,
    },
}

const BODY: usize = 26;
const SEAL: usize = 16;
/// A token that a link rewriter encoded character by character is three times as long, plus what a mail client glued on.
const LONGEST_TEXT: usize = 56 * 3 + 16;

/// Seals and opens tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TokenSealer {
    keys: [DerivedKey; 9],
}

impl TokenSealer {
    /// A sealer whose keys come from the master secret.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self { keys: Purpose::ALL.map(|purpose| master.derive(purpose.key_name())) }
    }

    /// A token for one row at one version. `expires` is cut to whole seconds.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, uuid: Uuid, version: u32, expires: Option<DateTime<Utc>>) -> String {
        let mut token = Vec::with_capacity(BODY + SEAL);
        token.push(purpose.byte());
        token.extend_from_slice(uuid.as_bytes());
        token.extend_from_slice(&version.to_be_bytes());
        // 40 bits of seconds last for 34,000 years; an end before 1970 is an end in 1970.
        let seconds = expires.map_or(0, |at| u64::try_from(at.timestamp()).unwrap_or(0).clamp(1, (1 << 40) - 1));
        token.extend(seconds.to_be_bytes().into_iter().skip(3));
        let seal = self.key(purpose).mac().chain_update(&token).finalize().into_bytes();
        token.extend(seal.into_iter().take(SEAL));
        URL_SAFE_NO_PAD.encode(token)
    }

    /// What a token says, if it is for this purpose, ours, and not over at `now`. Accepts what mail clients do to links:
    /// punctuation glued to the end, and one level of percent-encoding.
    ///
    /// # Errors
    /// [`TokenError`]; it never says more than the person may know.
    pub fn open(&self, purpose: Purpose, text: &str, now: DateTime<Utc>) -> Result<Opened, TokenError> {
        let token = decode(text)?;
        let (body, seal) = token.split_at(BODY);
        let mac = self.key(purpose).mac().chain_update(body);
        mac.verify_truncated_left(seal).map_err(|_| TokenError::Forged)?;
        let mut fields = body.iter().copied();
        if fields.next() != Some(purpose.byte()) {
            return Err(TokenError::Forged);
        }
        let uuid = Uuid::from_bytes(take(&mut fields));
        let version = u32::from_be_bytes(take(&mut fields));
        let [a, b, c, d, e] = take(&mut fields);
        let seconds = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        if seconds > 0 {
            let ended_at = i64::try_from(seconds).ok().and_then(|s| DateTime::from_timestamp(s, 0));
            let ended_at = ended_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
            if now >= ended_at {
                return Err(TokenError::Expired { ended_at });
            }
        }
        Ok(Opened { uuid, version })
    }

    fn key(&self, purpose: Purpose) -> &DerivedKey {
        let [task, pause, opt_in, sign_in, form_nonce, calendar, correction, data_request, address] = &self.keys;
        match purpose {
            Purpose::Task => task,
            Purpose::Pause => pause,
            Purpose::OptIn => opt_in,
            Purpose::SignIn => sign_in,
            Purpose::FormNonce => form_nonce,
            Purpose::Calendar => calendar,
            Purpose::Correction => correction,
            Purpose::DataRequest => data_request,
            Purpose::Address => address,
        }
    }
}

fn take<const N: usize>(fields: &mut impl Iterator<Item = u8>) -> [u8; N] {
    std::array::from_fn(|_| fields.next().unwrap_or_default())
}

fn decode(text: &str) -> Result<[u8; BODY + SEAL], TokenError> {
    if text.len() > LONGEST_TEXT {
        return Err(TokenError::Malformed);
    }
    let once = if text.contains('%') { percent_decoded(text).ok_or(TokenError::Malformed)? } else { text.to_owned() };
    let bare = once.trim().trim_end_matches(['.', ',', ';', ':', ')', '>', ']', '"', '\'', '!', '?']);
    let mut token = [0; BODY + SEAL];
    match URL_SAFE_NO_PAD.decode_slice(bare, &mut token) {
        Ok(length) if length == token.len() => Ok(token),
        _ => Err(TokenError::Malformed),
    }
}

/// One level of percent-encoding (RFC 3986 section 2.1) taken off.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        plain.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(plain).ok()
}
