//! RFC 6376 section 3.4: the `relaxed` form of a header field and of a body, in which a signature survives refolding and trailing space.

/// A header field of a message, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// The name, in lower case.
    pub name: String,
    /// What follows the colon, folds included, without the last line's end.
    pub value: &'a [u8],
}

/// Takes a message apart into its header fields, in order, and its body. Lines end where the SMTP client will end them: at CRLF, and
/// at a lone CR or LF, which it sends as CRLF.
pub(super) fn split(message: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let mut fields: Vec<(usize, usize)> = Vec::new();
    let (mut at, mut body) = (0, message.len());
    while let Some(rest) = message.get(at..).filter(|rest| !rest.is_empty()) {
        let (line, after) = first_line(rest);
        let start = at;
        at = message.len() - after.len();
        if line.is_empty() {
            body = at;
            break;
        }
        match (line.first(), fields.last_mut()) {
            (Some(b' ' | b'\t'), Some(last)) => last.1 = start + line.len(),
            _ => fields.push((start, start + line.len())),
        }
    }
    let field = |(start, end): (usize, usize)| {
        let text = message.get(start..end)?;
        let colon = text.iter().position(|b| *b == b':')?;
        let (name, value) = (text.get(..colon)?, text.get(colon + 1..)?);
        Some(Field { name: String::from_utf8_lossy(name).trim().to_ascii_lowercase(), value })
    };
    (fields.into_iter().filter_map(field).collect(), message.get(body..).unwrap_or_default())
}

/// The first line without its end, and what follows the end.
fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(end) = text.iter().position(|b| matches!(b, b'\r' | b'\n')) else { return (text, &[]) };
    let width = if text.get(end..end + 2) == Some(b"\r\n") { 2 } else { 1 };
    (text.get(..end).unwrap_or_default(), text.get(end + width..).unwrap_or_default())
}

/// Section 3.4.2: the name in lower case, unfolded, each run of white space one space, none around the colon or at the end; with CRLF.
pub(super) fn header(name: &str, value: &[u8], out: &mut Vec<u8>) {
    out.extend(name.bytes().map(|b| b.to_ascii_lowercase()));
    out.push(b':');
    let mut words = value.split(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
    out.extend_from_slice(b"\r\n");
}

/// Section 3.4.4: each run of white space one space, none at a line's end, no empty lines at the end; nothing for an empty body.
pub(super) fn body(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    let (mut rest, mut whole) = (text, 0);
    while !rest.is_empty() {
        let (line, after) = first_line(rest);
        rest = after;
        let filled = line_body(line, &mut out);
        out.extend_from_slice(b"\r\n");
        if filled {
            whole = out.len();
        }
    }
    out.truncate(whole);
    out
}

/// One line of a body; says whether anything is left of it.
fn line_body(line: &[u8], out: &mut Vec<u8>) -> bool {
    let (mut spaced, before) = (false, out.len());
    for byte in line {
        if matches!(byte, b' ' | b'\t') {
            spaced = true;
            continue;
        }
        if std::mem::take(&mut spaced) {
            out.push(b' ');
        }
        out.push(*byte);
    }
    out.len() > before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relaxed(message: &str) -> (String, String) {
        let (fields, text) = split(message.as_bytes());
        let mut head = Vec::new();
        for field in &fields {
            header(&field.name, field.value, &mut head);
        }
        (String::from_utf8_lossy(&head).into_owned(), String::from_utf8_lossy(&body(text)).into_owned())
    }

    #[test]
    fn it_is_the_example_of_rfc_6376() {
        // Section 3.4.5.
        let (head, body) = relaxed("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n");
        assert_eq!(head, "a:X\r\nb:Y Z\r\n");
        assert_eq!(body, " C\r\nD E\r\n");
    }

    #[test]
    fn empty_bodies_and_missing_line_ends() {
        for empty in ["", "\r\n", "\r\n\r\n", " \t\r\n\r\n"] {
            assert_eq!(relaxed(&format!("A: b\r\n\r\n{empty}")), ("a:b\r\n".to_owned(), String::new()), "{empty:?}");
        }
        assert_eq!(relaxed("A: b\r\n\r\nx"), ("a:b\r\n".to_owned(), "x\r\n".to_owned()));
        assert_eq!(relaxed("A: b"), ("a:b\r\n".to_owned(), String::new()));
        assert_eq!(relaxed("A:\r\n\r\n\r\na\r\n\r\nb\r\n"), ("a:\r\n".to_owned(), "\r\na\r\n\r\nb\r\n".to_owned()));
        // What goes over the wire as CRLF is signed as CRLF.
        assert_eq!(relaxed("A: b\n\nx\ry\nz"), ("a:b\r\n".to_owned(), "x\r\ny\r\nz\r\n".to_owned()));
    }
}
