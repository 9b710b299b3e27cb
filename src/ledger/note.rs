//! Signed notes: a text and the Ed25519 signatures on it, as <https://c2sp.org/signed-note> lays down.

mod key;

use super::text::{base64, from_base64};

pub use key::{BadKey, KeyId, KeyKind, Signer, VerifierKey};

/// The most bytes a note may have, and the most signature lines: those of Go's `golang.org/x/mod/sumdb/note`.
const MOST_BYTES: usize = 1_000_000;
const MOST_SIGNATURES: usize = 100;

/// What each signature line begins with.
const DASH: &str = "\u{2014} ";

/// One signature line: who says to have signed, and the bytes, which only the key can judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: KeyId,
    /// The signature after the key's id.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        let mut bytes = self.id.to_vec();
        bytes.extend_from_slice(&self.bytes);
        format!("{DASH}{} {}\n", self.name, base64(&bytes))
    }

    /// A signature from its line without the end.
    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = from_base64(bytes)?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        (key::is_name(name) && !bytes.is_empty()).then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }
}

/// A text with its signature lines. Nothing is believed before [`Note::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The signed text, ending with a newline.
    pub text: String,
    /// The signature lines, in order.
    pub signatures: Vec<Signature>,
}

/// Bytes that are no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotANote {
    /// More than a note may have.
    #[error("it is larger than a signed note may be")]
    TooLarge,
    /// Not UTF-8, or with control characters.
    #[error("its text has characters that a signed note must not have")]
    Text,
    /// No empty line before signature lines.
    #[error("it has no signatures: a signed note ends with an empty line and lines that begin with \u{2014}")]
    Unsigned,
    /// A signature line has another form.
    #[error("line {0} of its signatures has another form than a signature line")]
    Line(usize),
}

/// Why a note is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbelieved {
    /// A known key's signature does not fit the text.
    #[error("the signature of {0} does not fit the text")]
    Wrong(String),
    /// No signature by a known key.
    #[error("none of its signatures is by a key that is trusted here")]
    NoKnownKey,
}

/// A key's signature that fits, and when it was made if it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<'k> {
    /// Whose it is.
    pub by: &'k VerifierKey,
    /// Seconds since 1970-01-01T00:00:00Z, for a cosignature.
    pub seconds: Option<u64>,
}

impl Note {
    /// A text without signatures yet. The text ends with a newline.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self { text, signatures: Vec::new() }
    }

    /// A note from its bytes.
    ///
    /// # Errors
    /// [`NotANote`] says what its form lacks.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotANote> {
        if bytes.len() > MOST_BYTES {
            return Err(NotANote::TooLarge);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NotANote::Text)?;
        if whole.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NotANote::Text);
        }
        // The text may hold empty lines: the last one begins the signatures.
        let at = whole.rfind("\n\n").ok_or(NotANote::Unsigned)?;
        let (text, signatures) = whole.split_at_checked(at + 1).ok_or(NotANote::Unsigned)?;
        let lines = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(NotANote::Unsigned)?;
        let signatures = lines
            .split('\n')
            .enumerate()
            .map(|(at, line)| {
                if at < MOST_SIGNATURES { Signature::parse(line).ok_or(NotANote::Line(at + 1)) } else { Err(NotANote::TooLarge) }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Which of these keys signed the text, each once. Lines by other keys are passed over; a wrong signature by one of these keys
    /// condemns the note.
    ///
    /// # Errors
    /// [`Unbelieved`].
    pub fn open<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Signed<'k>>, Unbelieved> {
        let mut found: Vec<Signed<'k>> = Vec::new();
        for line in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.name() == line.name && key.id() == line.id) else { continue };
            if found.iter().any(|signed| signed.by == key) {
                continue;
            }
            let seconds = key.verify(&self.text, &line.bytes).ok_or_else(|| Unbelieved::Wrong(key.name().to_owned()))?;
            found.push(Signed { by: key, seconds });
        }
        if found.is_empty() { Err(Unbelieved::NoKnownKey) } else { Ok(found) }
    }

    /// Its bytes: the text, an empty line, the signature lines.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let lines: String = self.signatures.iter().map(Signature::line).collect();
        format!("{}\n{lines}", self.text).into_bytes()
    }
}
