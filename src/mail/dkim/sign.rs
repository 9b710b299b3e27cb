//! RFC 6376 section 3.7: which header fields are signed, and the signature's own field.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canonical::{self, Field};
use super::key::{KeyError, PrivateKey, chunks};

/// What a reader or a mail program acts on. Content-Type and Content-Transfer-Encoding stay out: relays rewrite them, and the body's
/// hash already binds the parts.
const SIGNED: [&str; 18] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Auto-Submitted",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Owner",
    "Feedback-ID",
    "X-Gaung-Campaign",
];

/// Signed once more than they occur, so that nobody can add a second one that a reader is shown in place of ours (RFC 6376
/// sections 5.4.2 and 8.15). RFC 5322 allows one of each; RFC 8058 one of its two.
const OVER_SIGNED: [&str; 10] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// The width to which fields are folded.
const WIDTH: usize = 76;

/// For whom a signature stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signatory<'a> {
    /// `d=`
    pub domain: &'a str,
    /// `s=`
    pub selector: &'a str,
    /// The key that the selector publishes.
    pub key: &'a PrivateKey,
}

/// A message taken apart once, to be signed by several keys.
pub(super) struct Subject<'a> {
    fields: Vec<Field<'a>>,
    /// `h=`, in the order in which the fields are hashed.
    names: Vec<&'static str>,
    /// `bh=`
    body_hash: String,
}

impl<'a> Subject<'a> {
    /// Takes a message apart.
    pub fn of(message: &'a [u8]) -> Self {
        let (fields, body) = canonical::split(message);
        let mut names = Vec::with_capacity(SIGNED.len() * 2);
        for name in SIGNED {
            let occurs = fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).count();
            let times = occurs + usize::from(OVER_SIGNED.contains(&name));
            names.extend(std::iter::repeat_n(name, times));
        }
        let body_hash = STANDARD.encode(digest(&SHA256, &canonical::body(body)));
        Self { fields, names, body_hash }
    }

    /// The signature's header field, folded, with its CRLF; `at` is when it was made, in seconds since 1970.
    pub fn signature(&self, by: Signatory<'_>, at: i64) -> Result<String, KeyError> {
        let Signatory { domain, selector, key } = by;
        let mut value = format!(
            " v=1; a={}; c=relaxed/relaxed; t={at};\r\n d={domain};\r\n s={selector};\r\n",
            key.algorithm().signature_word()
        );
        value.push_str(&folded_names(&self.names));
        value.push_str(&format!(";\r\n bh={};\r\n b=", self.body_hash));
        let signature = STANDARD.encode(key.sign(&signed_data(&self.fields, &self.names, &value))?);
        let lines: Vec<&str> = chunks(&signature, WIDTH - 4).collect();
        Ok(format!("DKIM-Signature:{value}{}\r\n", lines.join("\r\n  ")))
    }
}

/// `h=` with its names, folded between them.
fn folded_names(names: &[&str]) -> String {
    let (mut text, mut width) = (" h=".to_owned(), 3);
    for (index, name) in names.iter().enumerate() {
        let colon = if index > 0 { ":" } else { "" };
        if width + name.len() + 2 > WIDTH {
            text.push_str(colon);
            text.push_str("\r\n  ");
            width = 2;
        } else {
            text.push_str(colon);
        }
        text.push_str(name);
        width += name.len() + 1;
    }
    text
}

/// What is signed: the named fields, each name taking the last one not yet taken (section 5.4.2), and the signature's field with an
/// empty `b=` and without its line's end.
pub(super) fn signed_data(fields: &[Field<'_>], names: &[&str], signature_value: &str) -> Vec<u8> {
    let mut data = Vec::with_capacity(4_096);
    let mut taken = vec![false; fields.len()];
    for name in names {
        let candidates = fields.iter().zip(taken.iter_mut()).rev();
        let next = candidates.into_iter().find(|(field, taken)| !**taken && field.name.eq_ignore_ascii_case(name));
        if let Some((field, taken)) = next {
            *taken = true;
            canonical::header(&field.name, field.value, &mut data);
        }
    }
    canonical::header("dkim-signature", signature_value.as_bytes(), &mut data);
    data.truncate(data.len() - 2);
    data
}
