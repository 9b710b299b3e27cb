//! A text part's body as it travels: CRLF line ends, and quoted-printable (RFC 2045 6.7) where it holds more than short ASCII lines.
//!
//! One pass of our own: lettre's looks at a text three times to choose and encode, which was a third of composing a mail.

use lettre::message::header::ContentTransferEncoding;

/// RFC 2045 6.7 (5): no encoded line is longer than this, its soft break included.
const LINE: usize = 76;
/// A line of plain ASCII that travels as it is: within RFC 5322's advice.
const PLAIN_LINE: usize = 78;

/// The encoded text and what it is encoded by.
#[must_use]
pub fn encode(text: &str) -> (Vec<u8>, ContentTransferEncoding) {
    if is_plain(text) {
        (with_crlf(text), ContentTransferEncoding::SevenBit)
    } else {
        (quoted_printable(text), ContentTransferEncoding::QuotedPrintable)
    }
}

fn is_plain(text: &str) -> bool {
    text.is_ascii() && text.lines().all(|line| line.len() <= PLAIN_LINE && !line.ends_with([' ', '\t']) && !line.contains('\r'))
}

fn with_crlf(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 32);
    for line in text.lines() {
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8 + 16);
    for line in text.lines() {
        line_quoted(line.as_bytes(), &mut out);
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn line_quoted(line: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        // A space at the end of a line could be cut off on the way (3).
        let literal = is_literal(byte) || (matches!(byte, b' ' | b'\t') && !after.is_empty());
        let width = if literal { 1 } else { 3 };
        // Room for the soft break, unless this is the line's last character.
        let room = if after.is_empty() { LINE } else { LINE - 1 };
        if column + width > room {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if literal {
            // As many as fit are taken at once.
            let fit = LINE - 1 - column;
            let run = after.iter().take(fit.saturating_sub(1)).take_while(|b| is_literal(**b)).count();
            out.extend_from_slice(rest.get(..=run).unwrap_or_default());
            column += run + 1;
            rest = after.get(run..).unwrap_or_default();
        } else {
            out.extend_from_slice(&[b'=', hex(byte >> 4), hex(byte & 15)]);
            column += 3;
            rest = after;
        }
    }
}

const fn is_literal(byte: u8) -> bool {
    matches!(byte, 33..=60 | 62..=126)
}

const fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn coded(text: &str) -> String {
        String::from_utf8(quoted_printable(text)).unwrap()
    }

    #[test]
    fn what_must_be_quoted_is_and_the_rest_is_not() {
        assert_eq!(coded("a=b"), "a=3Db\r\n");
        assert_eq!(coded("é"), "=C3=A9\r\n");
        assert_eq!(coded("a \nb\t"), "a=20\r\nb=09\r\n");
        assert_eq!(coded("a b\n\nc"), "a b\r\n\r\nc\r\n");
        assert_eq!(coded(""), "");
    }

    #[test]
    fn short_ascii_travels_as_it_is() {
        assert_eq!(encode("a b\nc"), (b"a b\r\nc\r\n".to_vec(), ContentTransferEncoding::SevenBit));
        for text in ["é", &"a".repeat(79), "trailing \n", "a\rb"] {
            assert_eq!(encode(text).1, ContentTransferEncoding::QuotedPrintable, "{text:?}");
        }
    }

    #[test]
    fn lines_break_where_they_must_and_no_earlier() {
        assert_eq!(coded(&"a".repeat(76)), format!("{}\r\n", "a".repeat(76)));
        assert_eq!(coded(&"a".repeat(77)), format!("{}=\r\naa\r\n", "a".repeat(75)));
        assert_eq!(coded(&"é".repeat(13)), format!("{}=\r\n=A9\r\n", "=C3=A9".repeat(12) + "=C3"));
    }

    proptest! {
        #[test]
        fn an_independent_decoder_gets_the_text_back(text in "[a-z =.\t\u{e9}\u{1f600}\n]{0,400}") {
            let out = quoted_printable(&text);
            for line in out.split(|b| *b == b'\n') {
                prop_assert!(line.strip_suffix(b"\r").unwrap_or(line).len() <= LINE);
            }
            let mail = [b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".as_slice(), &out].concat();
            let read = mail_parser::MessageParser::default().parse(&mail).and_then(|m| m.body_text(0).map(|t| t.into_owned()));
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(lines(&read.unwrap_or_default()), lines(&text));
        }
    }
}
