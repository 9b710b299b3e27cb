//! What a server may answer (RFC 5321 4.2), and the limits beyond which an answer is no answer.

/// Longest line accepted, in bytes. RFC 5321 4.5.3.1.5 allows 512; real servers go somewhat beyond.
const LINE_LIMIT: usize = 2_048;
/// Most lines of one reply.
const LINES_LIMIT: usize = 100;
/// Longest text kept of a reply, in characters.
const TEXT_LIMIT: usize = 500;

/// One complete reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// The lines' texts, without their codes, made printable.
    pub lines: Vec<String>,
}

/// Why bytes are no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Beyond [`LINE_LIMIT`].
    #[error("a reply line longer than 2,048 bytes")]
    LongLine,
    /// Beyond [`LINES_LIMIT`].
    #[error("a reply of more than 100 lines")]
    TooManyLines,
    /// No three digits, or something else than a space or hyphen after them.
    #[error("bytes that are no SMTP reply")]
    Malformed,
    /// The lines of one reply disagree.
    #[error("a reply whose lines carry different codes")]
    MixedCodes,
}

impl Reply {
    /// The first complete reply in `bytes` and how many bytes it took; `None` when more must be read.
    ///
    /// # Errors
    /// [`ReplyError`] as soon as the bytes cannot become a reply any more.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ReplyError> {
        let mut reply: Option<Self> = None;
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let Some(end) = rest.iter().take(LINE_LIMIT).position(|b| *b == b'\n') else {
                return if rest.len() >= LINE_LIMIT { Err(ReplyError::LongLine) } else { Ok(None) };
            };
            used += end + 1;
            let line = rest.get(..end).unwrap_or_default();
            let (code, last, text) = parse_line(line.strip_suffix(b"\r").unwrap_or(line))?;
            let reply = reply.get_or_insert_with(|| Self { code, lines: Vec::new() });
            if reply.code != code {
                return Err(ReplyError::MixedCodes);
            }
            if reply.lines.len() >= LINES_LIMIT {
                return Err(ReplyError::TooManyLines);
            }
            reply.lines.push(printable(text));
            if last {
                return Ok(Some((Self { code, lines: std::mem::take(&mut reply.lines) }, used)));
            }
        }
    }

    /// 2xx: done.
    #[must_use]
    pub const fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }
    /// 4xx: not now.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }
    /// 5xx: never.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }
    /// 421: the server is closing the connection, whatever was asked (RFC 5321 3.8).
    #[must_use]
    pub const fn is_closing(&self) -> bool {
        self.code == 421
    }

    /// All lines as one.
    #[must_use]
    pub fn text(&self) -> String {
        let joined = self.lines.join(" ");
        joined.trim().chars().take(TEXT_LIMIT).collect()
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.text())
    }
}

fn parse_line(line: &[u8]) -> Result<(u16, bool, &[u8]), ReplyError> {
    let (digits, rest) = line.split_at_checked(3).ok_or(ReplyError::Malformed)?;
    let code = match digits {
        [a @ b'2'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9'] => [a, b, c].iter().fold(0, |n, d| n * 10 + u16::from(**d - b'0')),
        _ => return Err(ReplyError::Malformed),
    };
    match rest.split_first() {
        None => Ok((code, true, rest)),
        Some((b' ', text)) => Ok((code, true, text)),
        Some((b'-', text)) => Ok((code, false, text)),
        Some(_) => Err(ReplyError::Malformed),
    }
}

fn printable(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().filter(|c| !crate::mail::envelope::is_unsafe(*c)).take(TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_many_lines_and_the_bytes_that_follow() {
        let (reply, used) = Reply::parse(b"250-a\r\n250-b\r\n250 c\r\n354 x").unwrap().unwrap();
        assert_eq!((reply.code, reply.text().as_str(), used), (250, "a b c", 21));
        assert_eq!(Reply::parse(b"250\r\n").unwrap().unwrap().0.text(), "");
        assert_eq!(Reply::parse(b"550 no\nx").unwrap().unwrap().1, 7);
    }

    #[test]
    fn every_prefix_of_a_reply_asks_for_more() {
        let whole = b"250-first\r\n250 second\r\n";
        for cut in 0..whole.len() {
            assert_eq!(Reply::parse(&whole[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for bad in ["HTTP/1.1 400\r\n", "25\r\n", "250_x\r\n", "150 x\r\n", "650 x\r\n", "\r\n", "25é x\r\n"] {
            assert_eq!(Reply::parse(bad.as_bytes()), Err(ReplyError::Malformed), "{bad:?}");
        }
        assert_eq!(Reply::parse(b"250-a\r\n550 b\r\n"), Err(ReplyError::MixedCodes));
        assert_eq!(Reply::parse(&[b'2'; 2_048]), Err(ReplyError::LongLine));
        assert_eq!(Reply::parse("250-x\r\n".repeat(101).as_bytes()), Err(ReplyError::TooManyLines));
    }

    #[test]
    fn texts_are_safe_for_a_page() {
        let (reply, _) = Reply::parse("550 \u{1b}[31mno\u{202E}\0\r\n".as_bytes()).unwrap().unwrap();
        assert_eq!(reply.text(), "[31mno");
    }
}
