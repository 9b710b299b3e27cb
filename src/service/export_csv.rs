//! Files for people's spreadsheets: RFC 4180, with cells that a spreadsheet would run as a formula made harmless.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};

/// The cell as it is safe to open in a spreadsheet: one that begins with `=`, `+`, `-`, `@`, TAB, CR or LF, or with the full-width
/// form of one of the signs, gets an apostrophe before it (OWASP, CSV injection). Blanks before such a sign don't hide it.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let starts = |s: &str| s.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
    if starts(text) || starts(text.trim_start()) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Writes rows: commas, CRLF, quotation marks where needed, every cell through [`cell`].
pub struct CsvWriter<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// A file for programs: UTF-8 without a byte order mark.
    #[must_use]
    pub fn new(write: W) -> Self {
        let rows = WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(write);
        Self { rows }
    }
    /// A file for a spreadsheet program, which takes UTF-8 for another encoding unless a byte order mark stands first.
    ///
    /// # Errors
    /// Those of the writer below.
    pub fn for_spreadsheet(mut write: W) -> io::Result<Self> {
        write.write_all("\u{FEFF}".as_bytes())?;
        Ok(Self::new(write))
    }
    /// Writes one row; each must have as many cells as the first.
    ///
    /// # Errors
    /// Those of the writer below, and `InvalidInput` for another number of cells.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> io::Result<()> {
        for text in cells {
            self.rows.write_field(cell(text.as_ref()).as_bytes()).map_err(into_io)?;
        }
        self.rows.write_record(None::<&[u8]>).map_err(into_io)
    }
    /// Writes what is buffered and gives the writer back.
    ///
    /// # Errors
    /// Those of the writer below.
    pub fn finish(self) -> io::Result<W> {
        self.rows.into_inner().map_err(|e| io::Error::other(e.error().to_string()))
    }
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidInput, format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn formulas_are_made_harmless() {
        for text in ["=1+1", "+62 21", "-2", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", " =1", "\u{a0}@x"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "Siti", "a=b", "1-2", "siti@a.id", "'=1", "−1"] {
            assert_eq!(cell(text), text);
        }
    }

    #[test]
    fn rows_are_rfc_4180() {
        let mut file = CsvWriter::for_spreadsheet(Vec::new()).unwrap();
        file.row(["name", "note"]).unwrap();
        file.row(["Rahma, Siti", "she said \"ya\"\nand left"]).unwrap();
        file.row(["=HYPERLINK(\"x\")", ""]).unwrap();
        assert_eq!(file.row(["one"]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        let text = String::from_utf8(file.finish().unwrap()).unwrap();
        let expected =
            "\u{feff}name,note\r\n\"Rahma, Siti\",\"she said \"\"ya\"\"\nand left\"\r\n\"'=HYPERLINK(\"\"x\"\")\",\r\n";
        assert!(text.starts_with(expected), "{text:?}");
    }
}
