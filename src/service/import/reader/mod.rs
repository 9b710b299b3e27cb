//! CSV files from people's spreadsheets, read row by row with a memory that does not grow with the file; every fault by its line.
//!
//! The rows are split here and not by the `csv` crate, which by design reads on through a quotation mark that is never closed,
//! takes text after a closing one, keeps a field of any size, and counts blank lines into the next row's position. Tests hold
//! the two against each other on every well-formed file.

mod fault;
mod split;

use std::io::Read;
use std::sync::Arc;

pub use fault::{Fault, FileError, Notice, RowError};
use split::{Record, Splitter};

/// The largest field, in octets.
pub const MAX_FIELD_OCTETS: usize = 10_240;
/// The largest header line, in octets.
pub const MAX_HEADER_OCTETS: usize = 65_536;
/// The most columns.
pub const MAX_COLUMNS: usize = 200;

/// The columns a file may have, by their names in lower case.
#[derive(Debug, Clone, Copy)]
pub struct HeaderSpec<'a> {
    /// Those that must be there.
    pub required: &'a [&'a str],
    /// Those that may be there.
    pub optional: &'a [&'a str],
}

/// A CSV file (RFC 4180) whose header was read and found right. Iterating gives its rows; after a fault that makes the rest
/// unreadable it ends.
pub struct CsvTable<R> {
    splitter: Splitter<R>,
    headers: Arc<[String]>,
    notices: Vec<Notice>,
    record: Record,
    blank_rows: u64,
    ended: bool,
}

impl<R: Read> CsvTable<R> {
    /// Reads the header: UTF-8 with or without a byte order mark; comma, semicolon or tab, whichever the header line shows.
    ///
    /// # Errors
    /// [`FileError`] names the columns or the place that was wrong.
    pub fn open(read: R, spec: &HeaderSpec<'_>) -> Result<Self, FileError> {
        let mut notices = Vec::new();
        let mut splitter = Splitter::new(read);
        if splitter.skip_mark()? {
            notices.push(Notice::ByteOrderMark);
        }
        let mut line = splitter.peek_line()?;
        if let Some(separator) = named_separator(line) {
            splitter.skip_line();
            splitter.set_separator(separator);
            notices.push(Notice::Separator { separator: char::from(separator) });
        } else {
            while line.is_some_and(<[u8]>::is_empty) {
                splitter.skip_line();
                line = splitter.peek_line()?;
            }
            let separator = likely_separator(line.unwrap_or_default());
            splitter.set_separator(separator);
            if separator != b',' {
                notices.push(Notice::Separator { separator: char::from(separator) });
            }
        }
        let mut record = Record::default();
        if !splitter.next(&mut record)? {
            return Err(FileError::Empty);
        }
        let headers = check_headers(&record, spec)?;
        Ok(Self { splitter, headers: headers.into(), notices, record, blank_rows: 0, ended: false })
    }
    /// The column names, in the file's order, in lower case.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }
    /// What was noticed so far and is worth telling; complete once the rows have been read.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let blank = (self.blank_rows > 0).then_some(Notice::BlankRows { rows: self.blank_rows });
        self.notices.iter().cloned().chain(blank).collect()
    }
    fn row(&mut self) -> Result<CsvRow, RowError> {
        let line = self.record.line;
        if let Some(index) = self.record.overlong {
            let fault = Fault::FieldTooLong { line, field: index + 1 };
            return Err(RowError::from_fault(&fault, self.headers.get(index).cloned()));
        }
        let (found, expected) = (self.record.fields, self.headers.len());
        if found != expected {
            return Err(RowError::from_fault(&Fault::FieldCount { line, found, expected }, None));
        }
        let (text, ends) = self.record.take();
        Ok(CsvRow { line, text, ends, headers: Arc::clone(&self.headers) })
    }
}

impl<R: Read> Iterator for CsvTable<R> {
    type Item = Result<CsvRow, RowError>;
    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.splitter.next(&mut self.record) {
                Ok(true) if self.record.is_blank() => self.blank_rows += 1,
                Ok(true) => return Some(self.row()),
                Ok(false) => self.ended = true,
                Err(fault) => {
                    self.ended = true;
                    let column = fault.field().and_then(|n| self.headers.get(n - 1).cloned());
                    return Some(Err(RowError::from_fault(&fault, column)));
                }
            }
        }
        None
    }
}

/// One row.
#[derive(Debug, Clone)]
pub struct CsvRow {
    line: u64,
    text: String,
    ends: Vec<usize>,
    headers: Arc<[String]>,
}

impl CsvRow {
    /// The line on which the row begins, from 1.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }
    /// The cell of a column, without blanks around it; empty where the file lacks the column.
    #[must_use]
    pub fn get(&self, column: &str) -> &str {
        let Some(index) = self.headers.iter().position(|h| h == column) else { return "" };
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let cell = start.zip(self.ends.get(index)).and_then(|(start, end)| self.text.get(start..*end));
        cell.unwrap_or_default().trim_matches([' ', '\t', '\u{A0}'])
    }
    /// The cell of a column, or `None` where it is empty or the file lacks the column.
    #[must_use]
    pub fn get_some(&self, column: &str) -> Option<&str> {
        Some(self.get(column)).filter(|cell| !cell.is_empty())
    }
    /// The column's number in the file, from 1.
    #[must_use]
    pub fn column_no(&self, column: &str) -> Option<usize> {
        self.headers.iter().position(|h| h == column).map(|i| i + 1)
    }
    /// An error about a cell of this row.
    #[must_use]
    pub fn error(&self, column: &str, code: &'static str, message: impl Into<String>) -> RowError {
        RowError { line: self.line, column: Some(column.to_owned()), code, message: message.into() }
    }
}

fn check_headers(record: &Record, spec: &HeaderSpec<'_>) -> Result<Vec<String>, FileError> {
    let headers: Vec<String> = record.cells().map(|h| h.trim().to_lowercase()).collect();
    if record.overlong.is_some() || record.fields > MAX_COLUMNS {
        return Err(FileError::HeaderTooLong);
    }
    if headers.iter().all(String::is_empty) {
        return Err(FileError::Empty);
    }
    if let Some(i) = headers.iter().position(String::is_empty) {
        return Err(FileError::UnnamedHeader { column: i + 1 });
    }
    let known = || spec.required.iter().chain(spec.optional).copied();
    let shown = |name: &String| name.chars().take(60).collect::<String>();
    let repeated = headers.iter().enumerate().filter(|(i, h)| headers.iter().take(*i).any(|other| other == *h));
    let repeated: Vec<String> = repeated.map(|(_, h)| shown(h)).collect();
    if !repeated.is_empty() {
        return Err(FileError::DuplicateHeaders { names: repeated });
    }
    let unknown: Vec<String> = headers.iter().filter(|h| !known().any(|k| k == h.as_str())).map(shown).take(10).collect();
    if !unknown.is_empty() {
        return Err(FileError::UnknownHeaders { names: unknown, known: known().map(str::to_owned).collect() });
    }
    let missing: Vec<String> =
        spec.required.iter().filter(|r| !headers.iter().any(|h| h == *r)).map(|r| (*r).to_owned()).collect();
    if !missing.is_empty() {
        return Err(FileError::MissingHeaders { names: missing });
    }
    Ok(headers)
}

/// Excel's own first line: `sep=;`.
fn named_separator(line: Option<&[u8]>) -> Option<u8> {
    match line? {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator @ (b',' | b';' | b'\t')] => Some(*separator),
        _ => None,
    }
}

/// The separator that stands most often in the header line outside quotation marks; the comma where none does.
fn likely_separator(line: &[u8]) -> u8 {
    let count = |separator: u8| {
        let mut quoted = false;
        let counts = |b: &&u8| {
            quoted ^= **b == b'"';
            !quoted && **b == separator
        };
        line.iter().filter(counts).count()
    };
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}
