//! A text part's body as it travels: CRLF line ends, and quoted-printable (RFC 2045 6.7) where it holds more than short ASCII lines.
//!
//! One pass of our own: lettre's looks at a text three times to choose and encode, which was a third of composing a mail.

use lettre::message::header::ContentTransferEncoding;
use memchr::memchr;

/// RFC 2045 6.7 (5): no encoded line is longer than this, its soft break included.
const LINE: usize = 76;
/// A line of plain ASCII that travels as it is: within RFC 5322's advice.
const PLAIN_LINE: usize = 78;

/// How `text` travels.
#[must_use]
pub fn encoding_of(text: &str) -> ContentTransferEncoding {
    if is_plain(text) { ContentTransferEncoding::SevenBit } else { ContentTransferEncoding::QuotedPrintable }
}

/// Appends `text` in the encoding that [`encoding_of`] chose.
pub fn encode(text: &str, encoding: ContentTransferEncoding, out: &mut Vec<u8>) {
    // Room for what is quoted and for the breaks, so that the buffer need not move.
    out.reserve(text.len() + text.len() / 8 + 16);
    let quoted = encoding == ContentTransferEncoding::QuotedPrintable;
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        // A CR belongs to the line's end only where an LF follows it.
        let line = line.strip_suffix(b"\r").filter(|_| !after.is_empty()).unwrap_or(line);
        if quoted {
            line_quoted(line, out)
        } else {
            out.extend_from_slice(line)
        }
        out.extend_from_slice(b"\r\n");
        rest = after.get(1..).unwrap_or_default();
    }
}

fn is_plain(text: &str) -> bool {
    text.is_ascii() && text.lines().all(|line| line.len() <= PLAIN_LINE && !line.ends_with([' ', '\t']) && !line.contains('\r'))
}

fn line_quoted(line: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        // A space at the end of a line could be cut off on the way (3); a dot at its beginning would have to be doubled on the wire.
        let literal = match byte {
            b' ' | b'\t' => !after.is_empty(),
            b'.' => column != 0,
            _ => is_literal(byte),
        };
        let width = if literal { 1 } else { 3 };
        // Room for the soft break, unless this is the line's last character.
        let room = if after.is_empty() { LINE } else { LINE - 1 };
        if column + width > room {
            out.extend_from_slice(b"=\r\n");
            column = 0;
            // What comes first on a line is looked at anew.
            continue;
        }
        if literal {
            // As many as fit are taken at once; the last one stays behind, for it may be the line's last and a space.
            let fit = after.get(..(LINE - 1 - column).saturating_sub(1)).unwrap_or(after);
            let run = passing(fit).min(after.len().saturating_sub(1));
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

/// How many bytes at the beginning pass. Sixteen are looked at without a branch between them, which the compiler makes one comparison of.
fn passing(bytes: &[u8]) -> usize {
    let whole = bytes.chunks_exact(16).take_while(|chunk| chunk.iter().fold(true, |all, b| all & passes(*b))).count() * 16;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().position(|b| !passes(*b)).unwrap_or(rest.len())
}

/// What passes in the middle of a line: what is literal, and white space.
const fn passes(byte: u8) -> bool {
    (byte == 9) | ((byte >= 32) & (byte <= 126) & (byte != b'='))
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

    fn encoded(text: &str, encoding: ContentTransferEncoding) -> Vec<u8> {
        let mut out = Vec::new();
        encode(text, encoding, &mut out);
        out
    }

    fn coded(text: &str) -> String {
        String::from_utf8(encoded(text, ContentTransferEncoding::QuotedPrintable)).unwrap()
    }

    #[test]
    fn what_must_be_quoted_is_and_the_rest_is_not() {
        assert_eq!(coded("a=b"), "a=3Db\r\n");
        assert_eq!(coded(".a.b"), "=2Ea.b\r\n");
        assert_eq!(coded("é"), "=C3=A9\r\n");
        assert_eq!(coded("a \nb\t"), "a=20\r\nb=09\r\n");
        assert_eq!(coded("a b\n\nc"), "a b\r\n\r\nc\r\n");
        assert_eq!(coded(""), "");
    }

    #[test]
    fn short_ascii_travels_as_it_is() {
        assert_eq!(encoding_of("a b\nc"), ContentTransferEncoding::SevenBit);
        assert_eq!(encoded("a b\nc", ContentTransferEncoding::SevenBit), b"a b\r\nc\r\n");
        for text in ["é", &"a".repeat(79), "trailing \n", "a\rb"] {
            assert_eq!(encoding_of(text), ContentTransferEncoding::QuotedPrintable, "{text:?}");
        }
    }

    #[test]
    fn lines_break_where_they_must_and_no_earlier() {
        assert_eq!(coded(&"a".repeat(76)), format!("{}\r\n", "a".repeat(76)));
        assert_eq!(coded(&"a".repeat(77)), format!("{}=\r\naa\r\n", "a".repeat(75)));
        assert_eq!(coded(&format!("{}.b", "a".repeat(75))), format!("{}=\r\n=2Eb\r\n", "a".repeat(75)));
        assert_eq!(coded(&"é".repeat(13)), format!("{}=\r\n=A9\r\n", "=C3=A9".repeat(12) + "=C3"));
    }

    proptest! {
        #[test]
        fn an_independent_decoder_gets_the_text_back(text in "[a-z =.\t\u{e9}\u{1f600}\n]{0,400}") {
            let out = encoded(&text, ContentTransferEncoding::QuotedPrintable);
            for line in out.split(|b| *b == b'\n') {
                prop_assert!(line.strip_suffix(b"\r").unwrap_or(line).len() <= LINE);
                prop_assert_ne!(line.first(), Some(&b'.'));
            }
            let mail = [b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".as_slice(), &out].concat();
            let read = mail_parser::MessageParser::default().parse(&mail).and_then(|m| m.body_text(0).map(|t| t.into_owned()));
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(lines(&read.unwrap_or_default()), lines(&text));
        }
    }
}
