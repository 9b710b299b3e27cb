//! How a mail's parts lie in its body (RFC 2046): written once, straight into the message's buffer.
//!
//! lettre would encode each part into a buffer, hold them, and copy all of them again: a sixth of composing a mail.

use lettre::message::header::ContentTransferEncoding;
use sha2::{Digest, Sha256};

use super::encode::{encode, encoding_of};
use super::render::Rendered;

const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\n";
const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";
/// What the calendar part is and how it is called when somebody saves it.
const CALENDAR: &str = "Content-Type: text/calendar; charset=utf-8; method=PUBLISH\r\n\
                        Content-Disposition: attachment; filename=\"gaung.ics\"\r\n";

/// The plain part before the HTML part, of which a client shows the last it can; and beside them the calendar, for those who keep one.
pub(super) struct Parts<'a> {
    texts: &'a Rendered,
    /// Stands between the plain and the HTML part.
    said: String,
    /// Stands between what is said and the calendar.
    mixed: String,
}

impl<'a> Parts<'a> {
    /// The parts of the mail with this Message-ID.
    pub fn of(message_id: &str, texts: &'a Rendered) -> Self {
        // Derived from the Message-ID, whose chance nobody who writes a text knows; and with the two characters that no
        // quoted-printable text can hold one after the other (RFC 2045 6.7, note).
        let chance = hex::encode(Sha256::digest(message_id.as_bytes()).get(..16).unwrap_or_default());
        Self { texts, said: format!("=_alt_{chance}"), mixed: format!("=_mix_{chance}") }
    }

    /// The message's own content type.
    pub fn content_type(&self) -> String {
        match self.texts.calendar {
            Some(_) => format!("multipart/mixed;\r\n boundary=\"{}\"", self.mixed),
            None => format!("multipart/alternative;\r\n boundary=\"{}\"", self.said),
        }
    }

    /// Appends the parts to the message's head.
    pub fn write(&self, out: &mut Vec<u8>) {
        let Rendered { text, html, calendar, .. } = self.texts;
        let size = text.len() + html.len() + calendar.as_ref().map_or(0, String::len);
        // With the delimiters, and room for what follows on the wire.
        out.reserve(size + size / 8 + 2_048);
        match calendar {
            None => self.write_said(out),
            Some(calendar) => {
                delimiter(out, &self.mixed);
                line(out, &["Content-Type: multipart/alternative;\r\n boundary=\"", &self.said, "\"\r\n\r\n"]);
                self.write_said(out);
                delimiter(out, &self.mixed);
                part(out, CALENDAR, calendar);
                line(out, &["--", &self.mixed, "--\r\n"]);
            }
        }
    }

    fn write_said(&self, out: &mut Vec<u8>) {
        delimiter(out, &self.said);
        part(out, TEXT, &self.texts.text);
        delimiter(out, &self.said);
        part(out, HTML, &self.texts.html);
        line(out, &["--", &self.said, "--\r\n"]);
    }
}

fn delimiter(out: &mut Vec<u8>, boundary: &str) {
    line(out, &["--", boundary, "\r\n"]);
}

/// The line end before the next delimiter belongs to that (RFC 2046 5.1.1), so one more is written.
fn part(out: &mut Vec<u8>, headers: &str, text: &str) {
    let encoding = encoding_of(text);
    let named = if encoding == ContentTransferEncoding::SevenBit { "7bit" } else { "quoted-printable" };
    line(out, &[headers, "Content-Transfer-Encoding: ", named, "\r\n\r\n"]);
    encode(text, encoding, out);
    out.extend_from_slice(b"\r\n");
}

fn line(out: &mut Vec<u8>, words: &[&str]) {
    for word in words {
        out.extend_from_slice(word.as_bytes());
    }
}
