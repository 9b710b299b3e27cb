//! Which headers and parts a mail has, and what may never get into them. The only file that builds RFC 5322 bytes.

use chrono::{DateTime, Datelike, Utc};
use lettre::message::header::{self, HeaderName, HeaderValue, Headers};
use lettre::message::{Mailbox, Mailboxes};

use super::envelope::{Address, is_unsafe};
use super::parts::Parts;
use super::render::Rendered;

/// RFC 5322 2.1.1: no line is longer than this, in bytes, without its CRLF.
const LINE_LIMIT: usize = 998;

/// A name and an address, as in From and To.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Shown instead of the address; empty: the address alone.
    pub name: String,
    /// The address.
    pub address: Address,
}

/// How the recipient stops these mails, and how their client groups them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHeaders {
    /// An http(s) address that takes `List-Unsubscribe=One-Click` as a POST (RFC 8058; receivers act on https only).
    pub unsubscribe_url: String,
    /// An address that takes the same wish by mail (RFC 2369).
    pub unsubscribe_mailto: Option<Address>,
    /// `campaigns.gaung.example.org` (RFC 2919): letters, digits, dots, hyphens.
    pub list_id: String,
}

/// Everything of a mail but its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailHeaders {
    /// Who writes.
    pub from: Party,
    /// Who reads.
    pub to: Party,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<Party>,
    /// The Date header.
    pub sent_at: DateTime<Utc>,
    /// `<uuid@domain>`; the same on every attempt, so that a duplicate can be recognised.
    pub message_id: String,
    /// For mails that a person may stop; none for the console's own mails.
    pub list: Option<ListHeaders>,
    /// `X-Gaung-Campaign`: the campaign's id.
    pub campaign: Option<String>,
    /// `Feedback-ID`: up to four words between colons, the last one the sender's; mailbox providers count complaints by them.
    pub feedback_id: Option<String>,
}

/// Why no message can be built. Each names the header at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// CR, LF, NUL, another control character or a direction override.
    #[error("{header} holds a control or direction-override character; remove it where the value is kept")]
    UnsafeCharacter {
        /// Which header.
        header: &'static str,
    },
    /// Not in the form that the header asks for.
    #[error("{header} is not of the form {expected}")]
    Malformed {
        /// Which header.
        header: &'static str,
        /// The form.
        expected: &'static str,
    },
    /// Outside the years 1970 to 9999.
    #[error("the date is outside the years 1970 to 9999")]
    Date,
    /// A NUL in a text part.
    #[error("the text holds a NUL character")]
    NulInText,
    /// A line that no fold can shorten.
    #[error("a header line is longer than 998 bytes; shorten the name, the subject or the address")]
    LongLine,
}

/// Builds the message: multipart/alternative with the plain part first, in multipart/mixed where a calendar goes with it; CRLF line ends, lines within RFC 5322's limit. The same input
/// gives the same bytes.
///
/// # Errors
/// [`BuildError`]; nothing that the caller passes makes it panic.
pub fn build(headers: &MailHeaders, texts: &Rendered) -> Result<Vec<u8>, BuildError> {
    check_text("Subject", &texts.subject)?;
    check_message_id(&headers.message_id)?;
    if !(1970..=9999).contains(&headers.sent_at.year()) {
        return Err(BuildError::Date);
    }
    if [Some(&texts.text), Some(&texts.html), texts.calendar.as_ref()].into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(BuildError::NulInText);
    }
    let parts = Parts::of(&headers.message_id, texts);
    let mut bytes = head(headers, &texts.subject, parts.content_type())?.into_bytes();
    // The parts' lines are short by their encoding.
    let longest = bytes.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line).len()).max();
    if longest.unwrap_or_default() > LINE_LIMIT {
        return Err(BuildError::LongLine);
    }
    bytes.extend_from_slice(b"\r\n");
    parts.write(&mut bytes);
    Ok(bytes)
}

/// The header lines: lettre encodes and folds each; its message builder would read them all back to find an envelope that is known here.
fn head(headers: &MailHeaders, subject: &str, content_type: String) -> Result<String, BuildError> {
    let mut head = Headers::new();
    head.set(header::MessageId::from(headers.message_id.clone()));
    head.set(header::Date::new(headers.sent_at.into()));
    head.set(header::From::from(Mailboxes::from(mailbox("From", &headers.from)?)));
    head.set(header::To::from(Mailboxes::from(mailbox("To", &headers.to)?)));
    head.set(header::Subject::from(subject.to_owned()));
    head.insert_raw(raw("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(reply_to) = &headers.reply_to {
        head.set(header::ReplyTo::from(Mailboxes::from(mailbox("Reply-To", reply_to)?)));
    }
    for header in list_headers(headers)? {
        head.insert_raw(header);
    }
    head.set(header::MIME_VERSION_1_0);
    head.insert_raw(raw("Content-Type", content_type));
    Ok(head.to_string())
}

/// There is no `Precedence`: no standard defines it (RFC 2076 calls it discouraged), `Auto-Submitted` (RFC 3834) keeps automatic answers
/// away, and `List-Id` (RFC 2919) says that it is bulk mail; "bulk" would only cost delivery at old filters.
fn list_headers(headers: &MailHeaders) -> Result<Vec<HeaderValue>, BuildError> {
    let mut found = Vec::new();
    if let Some(list) = &headers.list {
        let url = &list.unsubscribe_url;
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if !is_web || !url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b',')) {
            return Err(BuildError::Malformed {
                header: "List-Unsubscribe",
                expected: "https://host/path, ASCII without <, > and commas",
            });
        }
        let mut value = format!("<{url}>");
        if let Some(address) = list.unsubscribe_mailto.as_ref().filter(|a| !a.needs_smtputf8()) {
            value.push_str(&format!(",\r\n <mailto:{}?subject=unsubscribe>", mailto_path(address)));
        }
        found.push(raw("List-Unsubscribe", value));
        found.push(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        if list.list_id.is_empty() || !list.list_id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        {
            return Err(BuildError::Malformed { header: "List-Id", expected: "list.example.org" });
        }
        found.push(raw("List-Id", format!("<{}>", list.list_id)));
    }
    if let Some(campaign) = &headers.campaign {
        if campaign.is_empty() || !campaign.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(BuildError::Malformed { header: "X-Gaung-Campaign", expected: "one ASCII word" });
        }
        found.push(raw("X-Gaung-Campaign", campaign.clone()));
    }
    if let Some(id) = &headers.feedback_id {
        let words: Vec<&str> = id.split(':').collect();
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if words.len() > 4 || !words.iter().all(is_word) {
            return Err(BuildError::Malformed { header: "Feedback-ID", expected: "campaign:wave:kind:sender" });
        }
        found.push(raw("Feedback-ID", id.clone()));
    }
    Ok(found)
}

/// A header whose value was checked to be ASCII and safe; lettre writes it as it is.
fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

fn mailbox(header: &'static str, party: &Party) -> Result<Mailbox, BuildError> {
    check_text(header, &party.name)?;
    let name = party.name.trim();
    // Checked when it was read.
    let address = lettre::Address::new_dangerous(party.address.local_part(), party.address.domain());
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

/// RFC 6068: what a local part may hold but a mailto address may not is percent-encoded.
fn mailto_path(address: &Address) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~+".contains(&b);
    let local = address.local_part().bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") });
    format!("{}@{}", local.collect::<String>(), address.domain())
}

fn check_text(header: &'static str, value: &str) -> Result<(), BuildError> {
    if value.chars().any(is_unsafe) { Err(BuildError::UnsafeCharacter { header }) } else { Ok(()) }
}

fn check_message_id(id: &str) -> Result<(), BuildError> {
    let atom = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b));
    let inner = id.strip_prefix('<').and_then(|t| t.strip_suffix('>')).and_then(|t| t.split_once('@'));
    match inner {
        Some((left, right)) if id.len() <= 250 && atom(left) && atom(right) => Ok(()),
        _ => Err(BuildError::Malformed { header: "Message-ID", expected: "<unique@example.org>" }),
    }
}
