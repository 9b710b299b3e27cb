//! Reading a kept mail back: its headers and its parts, for the mailbox page and for whoever follows its links.

use mail_parser::MessageParser;

/// A mail taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Header names and values as they stand, unfolded.
    pub headers: Vec<(String, String)>,
    /// The plain part.
    pub text: String,
    /// The HTML part, if there is one.
    pub html: Option<String>,
}

/// Takes a mail apart; `None` when it is no message.
#[must_use]
pub fn parts(raw: &[u8]) -> Option<Parts> {
    let message = MessageParser::default().parse(raw)?;
    let headers = message
        .headers_raw()
        .map(|(name, value)| (name.to_owned(), value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    let text = message.body_text(0)?.into_owned();
    let html = message.body_html(0).map(std::borrow::Cow::into_owned);
    Some(Parts { headers, text, html })
}
