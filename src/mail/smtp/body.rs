//! A message as it goes over the wire after DATA: CRLF line ends only, dots doubled, the final dot appended (RFC 5321 4.5.2).

/// The last bytes of every framed message. Until the first of them is written, no server can take the message as complete.
const END: &[u8] = b".\r\n";

/// A framed message.
#[derive(Debug)]
pub struct Payload {
    bytes: Vec<u8>,
    /// The size of the message itself, in bytes, as SIZE counts it.
    pub message_len: u64,
    /// Whether it needs an 8-bit transport.
    pub eight_bit: bool,
}

impl Payload {
    /// Frames a message. A lone CR or LF becomes CRLF: a server that reads them in its own way could else see an end that is none.
    #[must_use]
    pub fn frame(message: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(message.len() + message.len() / 64 + 8);
        let mut rest = message;
        while !rest.is_empty() {
            // Whole lines are copied; only their beginnings and ends are looked at.
            let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
            let (line, after) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, &[]));
            if line.first() == Some(&b'.') {
                bytes.push(b'.');
            }
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b"\r\n");
            rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
        }
        let message_len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(END);
        Self { bytes, message_len, eight_bit: !message.is_ascii() }
    }

    /// Everything to write.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether, with `written` bytes handed to the network, the server may have seen the end.
    #[must_use]
    pub const fn may_be_complete(&self, written: usize) -> bool {
        written > self.bytes.len() - END.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(message: &str) -> String {
        String::from_utf8_lossy(Payload::frame(message.as_bytes()).bytes()).into_owned()
    }

    #[test]
    fn dots_are_doubled_and_the_end_appended() {
        assert_eq!(framed("a\r\n.\r\n..b\r\n.c"), "a\r\n..\r\n...b\r\n..c\r\n.\r\n");
        assert_eq!(framed(""), ".\r\n");
        assert_eq!(framed(".\r\n"), "..\r\n.\r\n");
    }

    #[test]
    fn no_lone_cr_or_lf_goes_out_so_no_end_can_be_smuggled() {
        assert_eq!(framed("a\n.\nb\r.\rc\r\r\nd\n\n"), "a\r\n..\r\nb\r\n..\r\nc\r\n\r\nd\r\n\r\n.\r\n");
    }

    #[test]
    fn it_may_be_complete_only_once_the_final_dot_is_out() {
        let payload = Payload::frame(b"ab");
        assert_eq!(payload.bytes().len(), 7);
        assert!(!payload.may_be_complete(4));
        assert!(payload.may_be_complete(5));
    }
}
