//! Reading what comes back: delivery reports (RFC 3464), complaints (RFC 5965), automatic replies (RFC 3834), wishes to unsubscribe,
//! and the plain texts of old mail servers. Pure: bytes in, what they say out, whatever the bytes are.

mod auto_reply;
mod complaint;
mod delivery;
mod fields;
mod old;

use mail_parser::{Encoding, Message, MessageParser, PartType};

use crate::domain::bounce::{ReportKind, Status};
use crate::domain::email::EmailAddress;
use fields::Fields;

/// Most addresses and Message-IDs that are kept of one report.
const MOST_HINTS: usize = 40;
/// The receiver's words are kept up to here, in characters.
const WORDS_CHARS: usize = 1_000;
/// Parts that are looked at.
const MOST_PARTS: usize = 200;

/// What a message that came back says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What came back: for several recipients, the mildest.
    pub kind: ReportKind,
    /// What it says of each recipient; empty but for delivery reports.
    pub recipients: Vec<Recipient>,
    /// Where a tag of ours may stand: whom the report is addressed to, and whom the mail it is about came from.
    pub addresses: Vec<String>,
    /// Whom the mail it is about was sent to, as far as it says.
    pub sent_to: Vec<String>,
    /// The Message-IDs of the mail that it is about, without brackets.
    pub message_ids: Vec<String>,
    /// The sender's words, where there are no recipients to say them of.
    pub words: Option<String>,
}

/// What a delivery report says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address at which delivery ended.
    pub address: Option<String>,
    /// The address that the mail was sent to, where it was sent on from there.
    pub original: Option<String>,
    /// What became of it.
    pub kind: ReportKind,
    /// The receiver's code.
    pub status: Option<Status>,
    /// The receiver's words.
    pub words: Option<String>,
}

impl Report {
    /// What it says about the recipient of one mail. A report about several says it of the one that was mailed; where it names that
    /// one nowhere, the mildest counts, because silence must not be the stranger's.
    #[must_use]
    pub fn about(&self, email_norm: Option<&str>) -> (ReportKind, Option<Status>, Option<&str>) {
        let named = |recipient: &&Recipient| {
            let both = [&recipient.original, &recipient.address];
            email_norm.is_some_and(|email| both.into_iter().flatten().any(|text| is_same(text, email)))
        };
        let found = self.recipients.iter().find(named).or_else(|| self.recipients.iter().min_by_key(|r| severity(r.kind)));
        found.map_or((self.kind, None, self.words.as_deref()), |r| (r.kind, r.status, r.words.as_deref()))
    }
}

impl Report {
    /// Whether it can be about this address: it names it, or names none that the mail was sent to. A person's address may have been
    /// corrected since, and a report about the old one says nothing about the new one.
    #[must_use]
    pub fn concerns(&self, email_norm: &str) -> bool {
        let mut named = self.sent_to.iter().chain(self.recipients.iter().filter_map(|r| r.address.as_ref()));
        self.sent_to.is_empty() || named.any(|text| is_same(text, email_norm))
    }
}

fn is_same(text: &str, email_norm: &str) -> bool {
    EmailAddress::parse(text).is_ok_and(|address| address.normalised() == email_norm)
}

/// From harmless to final.
const fn severity(kind: ReportKind) -> u8 {
    match kind {
        ReportKind::Delivered => 0,
        ReportKind::Delayed => 1,
        ReportKind::Refused => 2,
        ReportKind::SoftBounce => 3,
        _ => 4,
    }
}

/// What a read message has to look into.
struct Parsed<'m> {
    /// The message's own header.
    header: Fields,
    /// Its subject, decoded.
    subject: String,
    /// The first text, decoded.
    text: String,
    message: Option<Message<'m>>,
}

/// Reads a message, of which at most `limit` octets are looked at: a report says what it has to say at its beginning.
#[must_use]
pub fn read(raw: &[u8], limit: usize) -> Report {
    let raw = raw.get(..limit).unwrap_or(raw);
    // A pipe of an MTA, and a maildir of some, begin with an mbox line.
    let raw = if raw.starts_with(b"From ") {
        raw.iter().position(|b| *b == b'\n').and_then(|end| raw.get(end + 1..)).unwrap_or(raw)
    } else {
        raw
    };
    let message = MessageParser::default().parse(raw);
    let first_text = message.as_ref().and_then(|m| m.body_text(0)).unwrap_or_default();
    let parsed = Parsed {
        header: Fields::of_message(raw),
        subject: message.as_ref().and_then(Message::subject).unwrap_or_default().chars().take(500).collect(),
        text: first_text.chars().take(64 * 1024).collect(),
        message,
    };
    let mut report = judge(&parsed);
    let mut addresses: Vec<String> =
        ADDRESSED_TO.iter().flat_map(|name| parsed.header.all(name)).flat_map(fields::addresses).collect();
    addresses.append(&mut report.addresses);
    report.addresses = few(addresses);
    report.message_ids = few(std::mem::take(&mut report.message_ids));
    report.sent_to.extend(report.recipients.iter().filter_map(|r| r.original.clone()));
    report.sent_to = few(std::mem::take(&mut report.sent_to));
    report
}

/// The fields that name whom a message was delivered to.
const ADDRESSED_TO: [&str; 9] =
    ["x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "x-forwarded-to", "to", "cc", "apparently-to"];

fn judge(parsed: &Parsed<'_>) -> Report {
    let found = delivery::read(parsed)
        .or_else(|| complaint::read(parsed))
        .or_else(|| old::read(parsed))
        .or_else(|| auto_reply::read(parsed))
        .or_else(|| unsubscribe(parsed));
    found.unwrap_or_else(|| Report::of(ReportKind::Unrecognised))
}

impl Report {
    const fn of(kind: ReportKind) -> Self {
        Self { kind, recipients: Vec::new(), addresses: Vec::new(), sent_to: Vec::new(), message_ids: Vec::new(), words: None }
    }

    /// Of some recipients; the mildest speaks for all.
    fn of_recipients(recipients: Vec<Recipient>) -> Option<Self> {
        let kind = recipients.iter().map(|r| r.kind).min_by_key(|kind| severity(*kind))?;
        Some(Self { recipients, ..Self::of(kind) })
    }

    /// Adds what the returned mail's header says about which one it was.
    fn returned(&mut self, header: &Fields) {
        self.message_ids.extend(header.all("message-id").flat_map(fields::message_ids));
        self.sent_to.extend(header.all("to").flat_map(fields::addresses));
        for name in ["return-path", "list-unsubscribe", "errors-to", "x-return-path"] {
            self.addresses.extend(header.all(name).flat_map(fields::addresses));
        }
    }
}

/// A mail that a person's mail program, or the person, sends to the address in List-Unsubscribe (RFC 2369 section 3.2).
fn unsubscribe(parsed: &Parsed<'_>) -> Option<Report> {
    let asks = |text: &str| {
        let first = text.trim().split(|c: char| c.is_whitespace() || c == '\u{a0}').next().unwrap_or_default();
        let first = first.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        ["unsubscribe", "berhenti", "stop"].contains(&first.as_str())
    };
    let to_door = parsed.header.all("to").flat_map(fields::addresses).any(|to| to.to_lowercase().starts_with("unsubscribe"));
    let bare = parsed.subject.trim().is_empty() && asks(&parsed.text);
    (to_door || asks(&parsed.subject) || bare).then(|| Report::of(ReportKind::Unsubscribe))
}

/// Each once, in order, and not too many.
fn few(mut all: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    all.retain(|item| seen.insert(item.to_lowercase()));
    all.truncate(MOST_HINTS);
    all
}

/// The words of a receiver, fit for a page: one line, nothing that hides or turns text.
fn words(text: &str) -> Option<String> {
    let shown: String = text.chars().map(|c| if super::envelope::is_unsafe(c) { ' ' } else { c }).collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| line.chars().take(WORDS_CHARS).collect())
}

impl<'m> Parsed<'m> {
    /// The parts of a type, as octets.
    fn parts(&self, kind: (&str, &[&str])) -> Vec<&[u8]> {
        let Some(message) = &self.message else { return Vec::new() };
        let wanted = |part: &&mail_parser::MessagePart<'m>| {
            use mail_parser::MimeHeaders as _;
            part.content_type().is_some_and(|t| {
                t.ctype().eq_ignore_ascii_case(kind.0)
                    && t.subtype().is_some_and(|s| kind.1.iter().any(|k| s.eq_ignore_ascii_case(k)))
            })
        };
        message.parts.iter().take(MOST_PARTS).filter(wanted).map(|part| octets(message, part)).collect()
    }

    /// The headers of the mail that was sent back: whole, or its header alone.
    fn returned(&self) -> Vec<Fields> {
        let mut found = self.parts(("message", &["rfc822", "global", "global-headers", "rfc822-headers"]));
        found.extend(self.parts(("text", &["rfc822-headers"])));
        found.into_iter().map(Fields::of_message).filter(|fields| !fields.is_empty()).collect()
    }
}

/// A part's own octets, decoded. A message within lies in the octets of the one around it unless it was encoded.
fn octets<'a>(message: &'a Message<'_>, part: &'a mail_parser::MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
        PartType::Binary(octets) | PartType::InlineBinary(octets) => octets,
        PartType::Message(inner) if part.encoding != Encoding::None => &inner.raw_message,
        PartType::Message(_) | PartType::Multipart(_) => {
            let (from, to) = (part.offset_body as usize, part.offset_end as usize);
            message.raw_message.get(from..to).unwrap_or_default()
        }
    }
}
