//! Bytes into rows and fields (RFC 4180), strictly, within fixed memory, with the place of every fault.

use std::io::{BufRead, BufReader, Read};

use super::fault::{Fault, FileError};
use super::{MAX_COLUMNS, MAX_FIELD_OCTETS, MAX_HEADER_OCTETS};

const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// One row: its cells' text, one after the other.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// How many fields it has; at most one more than [`MAX_COLUMNS`] are kept.
    pub fields: usize,
    /// The first field, from 0, that was longer than allowed (and was not kept).
    pub overlong: Option<usize>,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.text.get(start..*end).unwrap_or_default())
    }
    pub(super) fn is_blank(&self) -> bool {
        self.overlong.is_none() && self.text.trim().is_empty()
    }
    /// The text and the end of each cell in it, moved out.
    pub(super) fn take(&mut self) -> (String, Vec<usize>) {
        (std::mem::take(&mut self.text), std::mem::take(&mut self.ends))
    }
    fn clear(&mut self, line: u64) {
        self.text.clear();
        self.ends.clear();
        (self.line, self.fields, self.overlong) = (line, 0, None);
    }
}

/// Where a byte stands: line and character, each from 1.
#[derive(Debug, Clone, Copy)]
struct Place {
    line: u64,
    character: usize,
}

/// How a field ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Field,
    Record,
}

pub(super) struct Splitter<R> {
    source: BufReader<R>,
    separator: u8,
    place: Place,
    /// The bytes of the field being read.
    field: Vec<u8>,
    overlong: bool,
    /// Bytes read ahead to see the header line, not yet given out.
    ahead: Vec<u8>,
    ahead_at: usize,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(read: R) -> Self {
        Self {
            source: BufReader::with_capacity(MAX_HEADER_OCTETS, read),
            separator: b',',
            place: Place { line: 1, character: 1 },
            field: Vec::new(),
            overlong: false,
            ahead: Vec::new(),
            ahead_at: 0,
        }
    }
    pub(super) const fn set_separator(&mut self, separator: u8) {
        self.separator = separator;
    }
    /// Passes over a byte order mark of UTF-8; one of UTF-16 is refused.
    pub(super) fn skip_mark(&mut self) -> Result<bool, FileError> {
        self.read_ahead(|ahead| ahead.len() >= MARK.len())?;
        if self.ahead.starts_with(&[0xFF, 0xFE]) || self.ahead.starts_with(&[0xFE, 0xFF]) {
            return Err(FileError::Utf16);
        }
        let marked = self.ahead.starts_with(&MARK);
        if marked {
            self.ahead_at = MARK.len();
        }
        Ok(marked)
    }
    /// The next line, without its end, without taking it; `None` at the end of the file.
    pub(super) fn peek_line(&mut self) -> Result<Option<&[u8]>, FileError> {
        let from = self.ahead_at;
        let is_end = |b: &u8| matches!(b, b'\r' | b'\n');
        self.read_ahead(|ahead| ahead.iter().skip(from).any(is_end))?;
        let rest = self.ahead.get(from..).unwrap_or_default();
        let line = rest.split(is_end).next().unwrap_or_default();
        if line.len() > MAX_HEADER_OCTETS {
            return Err(FileError::HeaderTooLong);
        }
        Ok(if rest.is_empty() { None } else { Some(line) })
    }
    /// Passes over the line that was peeked at, with its end.
    pub(super) fn skip_line(&mut self) {
        let rest = self.ahead.get(self.ahead_at..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        self.ahead_at += length;
        self.place = Place { line: self.place.line + 1, character: 1 };
    }
    /// Reads the next row; blank lines are passed over. `false` at the end of the file.
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool, Fault> {
        loop {
            match self.peek()? {
                None => return Ok(false),
                Some(b'\n') => self.take(b'\n'),
                Some(b'\r') => self.line_end()?,
                Some(_) => break,
            }
        }
        record.clear(self.place.line);
        loop {
            let start = self.place;
            self.field.clear();
            self.overlong = false;
            let quoted = self.peek()? == Some(b'"');
            let number = record.fields + 1;
            let end = if quoted { self.quoted(number)? } else { self.unquoted()? };
            self.keep(record, start, quoted)?;
            if end == End::Record {
                return Ok(true);
            }
        }
    }

    /// Moves the field just read into the record.
    fn keep(&self, record: &mut Record, start: Place, quoted: bool) -> Result<(), Fault> {
        let text = std::str::from_utf8(&self.field).or_else(|error| {
            let (good, rest) = self.field.split_at(error.valid_up_to());
            match rest.first() {
                // A field cut at the limit may end within a character.
                Some(byte) if error.error_len().is_some() || !self.overlong => {
                    Err(not_utf8(good, *byte, start, quoted, record.fields + 1))
                }
                _ => Ok(""),
            }
        })?;
        if self.overlong {
            record.overlong.get_or_insert(record.fields);
        } else if record.fields <= MAX_COLUMNS {
            record.text.push_str(text);
        }
        if record.fields <= MAX_COLUMNS {
            record.ends.push(record.text.len());
        }
        record.fields += 1;
        Ok(())
    }
    fn unquoted(&mut self) -> Result<End, Fault> {
        loop {
            match self.peek()? {
                None => return Ok(End::Record),
                Some(b'\n') => {
                    self.take(b'\n');
                    return Ok(End::Record);
                }
                Some(b'\r') => {
                    self.line_end()?;
                    return Ok(End::Record);
                }
                Some(b) if b == self.separator => {
                    self.take(b);
                    return Ok(End::Field);
                }
                Some(b) => self.store(b)?,
            }
        }
    }
    fn quoted(&mut self, field: usize) -> Result<End, Fault> {
        let opened = self.place;
        let unclosed = Fault::UnclosedQuote { line: opened.line, character: opened.character, field };
        self.take(b'"');
        loop {
            let Some(b) = self.peek()? else { return Err(unclosed) };
            if b != b'"' {
                self.store(b)?;
                // A text of that length over several lines is no cell: the mark was never closed.
                if self.overlong && self.place.line > opened.line {
                    return Err(unclosed);
                }
                continue;
            }
            self.take(b);
            match self.peek()? {
                Some(b'"') => self.store(b'"')?,
                None | Some(b'\n' | b'\r') => return self.unquoted(),
                Some(b) if b == self.separator => return self.unquoted(),
                Some(_) => {
                    let Place { line, character } = self.place;
                    return Err(Fault::TextAfterQuote { line, character, opened: opened.line, field });
                }
            }
        }
    }
    /// Takes a CR, which must be followed by an LF.
    fn line_end(&mut self) -> Result<(), Fault> {
        let line = self.place.line;
        self.take(b'\r');
        match self.peek()? {
            Some(b'\n') => {
                self.take(b'\n');
                Ok(())
            }
            _ => Err(Fault::LoneCr { line }),
        }
    }
    fn store(&mut self, b: u8) -> Result<(), Fault> {
        if b == 0 {
            return Err(Fault::Nul { line: self.place.line, character: self.place.character });
        }
        self.take(b);
        if self.field.len() < MAX_FIELD_OCTETS {
            self.field.push(b);
        } else {
            self.overlong = true;
        }
        Ok(())
    }
    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        if let Some(b) = self.ahead.get(self.ahead_at) {
            return Ok(Some(*b));
        }
        loop {
            match self.source.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    /// Passes over the byte that was peeked at.
    fn take(&mut self, b: u8) {
        if self.ahead_at < self.ahead.len() {
            self.ahead_at += 1;
        } else {
            self.source.consume(1);
        }
        if b == b'\n' {
            self.place = Place { line: self.place.line + 1, character: 1 };
        } else if b & 0xC0 != 0x80 {
            self.place.character += 1;
        }
    }
    /// Reads on until enough is there, the file ends, or a header would be too long.
    fn read_ahead(&mut self, enough: impl Fn(&[u8]) -> bool) -> Result<(), Fault> {
        while !enough(&self.ahead) && self.ahead.len() - self.ahead_at <= MAX_HEADER_OCTETS {
            let buffer = match self.source.fill_buf() {
                Ok([]) => return Ok(()),
                Ok(buffer) => buffer,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let length = buffer.len();
            self.ahead.extend_from_slice(buffer);
            self.source.consume(length);
        }
        Ok(())
    }
}

/// Where in the file the first byte beyond the good ones of a field stands.
fn not_utf8(good: &[u8], byte: u8, start: Place, quoted: bool, field: usize) -> Fault {
    let lines = good.iter().filter(|b| **b == b'\n').count();
    let last_line = good.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    // The opening mark, and the second mark of each doubled one, are no part of the field's text.
    let marks = if quoted { last_line.iter().filter(|b| **b == b'"').count() } else { 0 };
    let characters = last_line.iter().filter(|b| **b & 0xC0 != 0x80).count() + marks;
    let first = if lines == 0 { start.character + usize::from(quoted) } else { 1 };
    Fault::NotUtf8 { line: start.line + lines as u64, character: first + characters, byte, field }
}
