//! A message as it goes over the wire after DATA: CRLF line ends only, dots doubled, the final dot appended (RFC 5321 4.5.2).

use memchr::{memchr2, memchr2_iter};

/// The last bytes of every framed message. Until the first of them is written, no server can take the message as complete.
const END: &[u8] = b".\r\n";

/// A framed message, and what may travel behind it.
#[derive(Debug)]
pub struct Payload {
    bytes: Vec<u8>,
    /// Where the message ends, the final dot included.
    end: usize,
    /// The size of the message itself, in bytes, as SIZE counts it.
    pub message_len: u64,
    /// Whether it needs an 8-bit transport.
    pub eight_bit: bool,
}

impl Payload {
    /// Frames a message. A lone CR or LF becomes CRLF: a server that reads them in its own way could else see an end that is none.
    #[must_use]
    pub fn frame(message: Vec<u8>) -> Self {
        let eight_bit = !message.is_ascii();
        let mut bytes = if is_in_form(&message) { message } else { in_form(&message) };
        let message_len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(END);
        Self { end: bytes.len(), bytes, message_len, eight_bit }
    }

    /// Appends what travels behind the message in the same write.
    pub fn follow_with(&mut self, commands: impl FnOnce(&mut Vec<u8>)) {
        commands(&mut self.bytes);
    }

    /// Takes off again what travelled behind it: on another connection something else may.
    pub fn alone(&mut self) {
        self.bytes.truncate(self.end);
    }

    /// Everything to write.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether, with `written` bytes handed to the network, the server may have seen the end.
    #[must_use]
    pub const fn may_be_complete(&self, written: usize) -> bool {
        written > self.end - END.len()
    }
}

/// Whether every line ends in CRLF and none begins with a dot, which is how messages are built here: then nothing need be copied.
fn is_in_form(message: &[u8]) -> bool {
    let mut begins = 0;
    let mut ends = memchr2_iter(b'\r', b'\n', message);
    while let Some(cr) = ends.next() {
        if message.get(cr..cr + 2) != Some(b"\r\n") || message.get(begins) == Some(&b'.') {
            return false;
        }
        // The LF that was just seen.
        ends.next();
        begins = cr + 2;
    }
    begins == message.len()
}

fn in_form(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + message.len() / 64 + 8);
    let mut rest = message;
    while !rest.is_empty() {
        // Whole lines are copied; only their beginnings and ends are looked at.
        let end = memchr2(b'\r', b'\n', rest);
        let (line, after) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, &[]));
        if line.first() == Some(&b'.') {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
        rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(message: &str) -> String {
        String::from_utf8_lossy(Payload::frame(message.as_bytes().to_vec()).bytes()).into_owned()
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
        let mut payload = Payload::frame(b"ab".to_vec());
        assert_eq!(payload.bytes().len(), 7);
        assert!(!payload.may_be_complete(4));
        assert!(payload.may_be_complete(5));
        payload.follow_with(|bytes| bytes.extend_from_slice(b"MAIL FROM:<>\r\n"));
        assert_eq!(payload.bytes(), b"ab\r\n.\r\nMAIL FROM:<>\r\n");
        assert!(!payload.may_be_complete(4));
        assert!(payload.may_be_complete(5));
        payload.alone();
        assert_eq!(payload.bytes(), b"ab\r\n.\r\n");
    }

    #[test]
    fn what_is_in_form_passes_as_it_is_and_nothing_else_does() {
        for message in ["", "a\r\n", "\r\n", "a\r\n\r\nb.\r\n"] {
            assert!(is_in_form(message.as_bytes()), "{message:?}");
        }
        for message in ["a", ".\r\n", "a\r\n.b\r\n", "a\n", "a\r", "a\r\nb", "a\r\r\n", "a\n\r\n", "a\r\n.", "a\rb\r\n"] {
            assert!(!is_in_form(message.as_bytes()), "{message:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn both_ways_agree(message in "[a.\r\n]{0,40}") {
            let formed = in_form(message.as_bytes());
            proptest::prop_assert_eq!(is_in_form(message.as_bytes()), formed == message.as_bytes());
        }
    }
}
