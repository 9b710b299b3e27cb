//! CSV files as they really come: from Excel, damaged, endless.

use std::io::{self, Read};

use gaung::service::export_csv::CsvWriter;
use gaung::service::import::reader::{CsvTable, FileError, HeaderSpec, Notice, RowError};
use proptest::prelude::*;

const SPEC: HeaderSpec<'static> = HeaderSpec { required: &["email", "name"], optional: &["zone"] };

type Rows = Vec<Result<(u64, String, String, String), RowError>>;

fn open(bytes: &[u8]) -> Result<CsvTable<&[u8]>, FileError> {
    CsvTable::open(bytes, &SPEC)
}
fn rows(table: &mut CsvTable<impl Read>) -> Rows {
    let cell = |row: &gaung::service::import::reader::CsvRow, name: &str| row.get(name).to_owned();
    table.map(|r| r.map(|r| (r.line(), cell(&r, "email"), cell(&r, "name"), cell(&r, "zone")))).collect()
}
fn read(bytes: &[u8]) -> Rows {
    rows(&mut open(bytes).unwrap())
}
fn row(line: u64, email: &str, name: &str, zone: &str) -> Result<(u64, String, String, String), RowError> {
    Ok((line, email.to_owned(), name.to_owned(), zone.to_owned()))
}
/// Line, column and code of the only error.
fn fault(bytes: &[u8]) -> (u64, Option<String>, &'static str) {
    let errors: Vec<RowError> = read(bytes).into_iter().filter_map(Result::err).collect();
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    (error.line, error.column.clone(), error.code)
}

#[test]
fn reads_rows_with_their_lines() {
    let file = b"Email, NAME \r\na@x.id,  Siti \r\n\r\nb@x.id,\"Rahma, \"\"R\"\"\nS.E.\"\r\nc@x.id,\"\"\nd@x.id,5\" disk";
    assert_eq!(
        read(file),
        [
            row(2, "a@x.id", "Siti", ""),
            row(4, "b@x.id", "Rahma, \"R\"\nS.E.", ""),
            row(6, "c@x.id", "", ""),
            row(7, "d@x.id", "5\" disk", ""),
        ]
    );
    let first = open(file).unwrap().next().unwrap().unwrap();
    assert_eq!((first.column_no("name"), first.column_no("zone"), first.get_some("zone")), (Some(2), None, None));
    assert_eq!(open(file).unwrap().headers(), ["email", "name"]);
}

#[test]
fn says_what_it_accepted() {
    let mut table = open("\u{feff}email;name;zone\r\na@x.id;Siti;Asia/Jakarta\r\n;;\r\n".as_bytes()).unwrap();
    assert_eq!(rows(&mut table), [row(2, "a@x.id", "Siti", "Asia/Jakarta")]);
    assert_eq!(table.notices(), [Notice::ByteOrderMark, Notice::Separator { separator: ';' }, Notice::BlankRows { rows: 1 }]);
    assert_eq!(read(b"name\temail\nSiti, S.E.\ta@x.id\n"), [row(2, "a@x.id", "Siti, S.E.", "")]);
    assert_eq!(read(b"sep=;\r\nemail;name\r\na@x.id;Siti\r\n"), [row(3, "a@x.id", "Siti", "")]);
    assert_eq!(read(b"\n\nemail,name\na@x.id,Siti;x\n"), [row(4, "a@x.id", "Siti;x", "")]);
    assert!(open(b"email,name\n").unwrap().notices().is_empty());
}

#[test]
fn refuses_a_wrong_header_by_name() {
    for (file, code, said) in [
        (&b""[..], "csv.empty", "first line"),
        (b"\r\n\n", "csv.empty", "first line"),
        (b"\xEF\xBB\xBF", "csv.empty", "first line"),
        (b",,\n", "csv.empty", "first line"),
        (b"\xFF\xFEe\0m\0", "csv.utf16", "CSV UTF-8"),
        (b"\xFE\xFF\0e\0m", "csv.utf16", "CSV UTF-8"),
        (b"e\0m\0a\0i\0l\0,\0", "csv.nul", "line 1, character 2"),
        (b"email,name,email,Name\n", "csv.duplicate_headers", "email, name"),
        (b"email,zone\n", "csv.missing_headers", "name"),
        (b"email,name,nik,phone\n", "csv.unknown_headers", "nik, phone"),
        (b"email,name,\n", "csv.unnamed_header", "column 3"),
        (b"email,name\ra@x.id,Siti\r", "csv.cr_line_ends", "line 1"),
        (b"email,n\xE9me\n", "csv.not_utf8", "0xE9 at line 1, character 8"),
        (b"\"email,name\na@x.id,Siti\n", "csv.unclosed_quote", "line 1, character 1"),
    ] {
        let error = open(file).err().unwrap();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(error.line(), 1);
    }
    assert_eq!(open(&b"x".repeat(10_000_000)).err().unwrap().code(), "csv.header_too_long");
    assert_eq!(open(&b",x".repeat(30_000)).err().unwrap().code(), "csv.header_too_long");
    assert_eq!(open(&[b"email,name,".as_slice(), &b"x".repeat(20_000)].concat()).err().unwrap().code(), "csv.header_too_long");
}

#[test]
fn names_the_place_of_each_fault() {
    let name = || Some("name".to_owned());
    for (rest, expected) in [
        (&b"a@x.id,Jos\xE9 B\n"[..], (3, name(), "csv.not_utf8")),
        (b"a@x.id,\"x\ny\xE9\"\n", (4, name(), "csv.not_utf8")),
        (b"a@x.id,\xC3", (3, name(), "csv.not_utf8")),
        (b"a@x.id,Si\0ti\n", (3, None, "csv.nul")),
        (b"a@x.id,Siti\rb@x.id,Budi\r", (3, None, "csv.cr_line_ends")),
        (b"a@x.id,\"Siti\nb@x.id,Budi\n", (3, name(), "csv.unclosed_quote")),
        (b"a@x.id,\"Siti\nb@x.id,\"Budi\"\n", (4, name(), "csv.text_after_quote")),
        (b"a@x.id,Siti,x\n", (3, None, "csv.field_count")),
        (b"a@x.id\n", (3, None, "csv.field_count")),
    ] {
        let file = [b"email,name\nz@x.id,Zed\n", rest].concat();
        assert_eq!(fault(&file), expected, "{}", String::from_utf8_lossy(rest));
    }
    let place = |file: &[u8]| read(file).pop().unwrap().unwrap_err().message;
    assert!(place("email,name\né@x.id,\"ÿ\"\"é\u{fffd}".as_bytes()).contains("line 2, character 8"));
    assert!(place(b"email,name\n\xC3\xA9@x.id,\"\xC3\xBF\"\"x\xE9y\"\n").contains("byte 0xE9 at line 2, character 13"));
    let opened = place(b"email,name\na@x.id,\"Siti\nb@x.id,\"Budi\"\n");
    assert!(opened.contains("line 3, character 9") && opened.contains("opened at line 2"), "{opened}");
}

#[test]
fn a_bad_row_does_not_hide_the_next() {
    let long = "x".repeat(10_241);
    let most = "é".repeat(5_120);
    let file = format!("email,name\na,b,c\n{long},b\na,\"{long}\"\na,{most}\nlast,ok\n");
    let found = read(file.as_bytes());
    let codes: Vec<_> = found.iter().map(|r| r.as_ref().map_or_else(|e| (e.line, e.code), |r| (r.0, "ok"))).collect();
    let expected = [(2, "csv.field_count"), (3, "csv.field_too_long"), (4, "csv.field_too_long"), (5, "ok"), (6, "ok")];
    assert_eq!(codes, expected);
    assert_eq!(found[1].as_ref().unwrap_err().column.as_deref(), Some("email"));
}

/// An endless file: a header, rows of a period, and a count of what was asked for.
struct Endless {
    header: Vec<u8>,
    period: Vec<u8>,
    left: usize,
    given: usize,
}

impl Endless {
    fn new(header: &str, period: &str, size: usize) -> Self {
        Self { header: header.as_bytes().to_vec(), period: period.as_bytes().to_vec(), left: size, given: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.header.is_empty() {
            let n = self.header.len().min(buffer.len());
            buffer[..n].copy_from_slice(&self.header[..n]);
            self.header.drain(..n);
            return Ok(n);
        }
        let n = buffer.len().min(self.left);
        for (i, b) in buffer[..n].iter_mut().enumerate() {
            *b = self.period[(self.given + i) % self.period.len()];
        }
        self.given += n;
        self.left -= n;
        Ok(n)
    }
}

#[test]
fn a_huge_field_is_refused_without_being_kept() {
    let source = Endless::new("email,name\na,", "y", 10_000_000);
    let mut table = CsvTable::open(source, &SPEC).unwrap();
    let found = rows(&mut table);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_ref().unwrap_err().code, "csv.field_too_long");
    // A quotation mark never closed is noticed where the text gets too long, not at the end of the file.
    let mut source = Endless::new("email,name\na,\"Siti\n", "b@x.id,Budi\n", 10_000_000);
    let found = rows(&mut CsvTable::open(source.by_ref(), &SPEC).unwrap());
    let error = found[0].as_ref().unwrap_err();
    assert_eq!((found.len(), error.line, error.code), (1, 2, "csv.unclosed_quote"));
    assert!(source.given < 200_000, "{} bytes were read", source.given);
    // Near the end of a long file it is noticed at the end.
    let file = format!("email,name\n{}a,\"Siti\nb,c\n", "b@x.id,Budi\n".repeat(20_000));
    let found = read(file.as_bytes());
    assert_eq!(found.len(), 20_001);
    assert_eq!(found[20_000].as_ref().unwrap_err().line, 20_002);
    // A million separators in one line.
    let file = format!("email,name\n{}\nlast,ok\n", ",x".repeat(1_000_000));
    let found = read(file.as_bytes());
    assert_eq!((found.len(), found[0].as_ref().unwrap_err().code), (2, "csv.field_count"));
}

#[test]
fn a_broken_stream_is_said() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset"))
        }
    }
    assert_eq!(CsvTable::open(Broken, &SPEC).err().unwrap().code(), "csv.read");
    let found = rows(&mut CsvTable::open((&b"email,name\na,b\nc"[..]).chain(Broken), &SPEC).unwrap());
    assert_eq!(found[1].as_ref().unwrap_err().code, "csv.read");
}

proptest! {
    /// Any table written by the csv crate reads back the same, however it was quoted and ended, in pieces of any size.
    #[test]
    fn agrees_with_the_csv_crate(
        table in prop::collection::vec(("[a-z;\t]{1,8}", "[ -~é👍\r\n\t\"]{0,20}"), 1..8),
        always in any::<bool>(), crlf in any::<bool>(), piece in 1_usize..7,
    ) {
        let mut written = csv::WriterBuilder::new();
        written.terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') });
        written.quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary });
        let mut written = written.from_writer(Vec::new());
        written.write_record(["email", "name"]).unwrap();
        for (email, name) in &table {
            written.write_record([email, name]).unwrap();
        }
        let bytes = written.into_inner().unwrap();
        let found = rows(&mut CsvTable::open(Pieces(&bytes, piece), &SPEC).unwrap());
        let trim = |s: &str| s.trim_matches([' ', '\t', '\u{a0}']).to_owned();
        let blank = |row: &&(String, String)| row.0.trim().is_empty() && row.1.trim().is_empty();
        let kept: Vec<_> = table.iter().filter(|r| !blank(r)).map(|(e, n)| (trim(e), trim(n))).collect();
        let read: Vec<_> = found.into_iter().map(|r| r.map(|r| (r.1, r.2)).unwrap()).collect();
        prop_assert_eq!(read, kept);
    }
    #[test]
    fn any_bytes_end_without_a_panic(bytes in prop::collection::vec(
        prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b'a'), any::<u8>()], 0..200)
    ) {
        let _ = open(&bytes).map(|mut t| rows(&mut t));
        let mut file = b"email,name\n".to_vec();
        file.extend(bytes);
        let found = read(&file);
        prop_assert!(found.len() <= file.len());
    }
    /// What is exported can be read back, cell by cell, but for the apostrophe.
    #[test]
    fn an_export_reads_back(name in "[ -~é＝\t\r\n]{1,20}[a-z]") {
        let mut file = CsvWriter::for_spreadsheet(Vec::new()).unwrap();
        file.row(["email", "name"]).unwrap();
        file.row(["a@x.id", &name]).unwrap();
        let found = read(&file.finish().unwrap());
        let cell = gaung::service::export_csv::cell(&name).into_owned();
        prop_assert_eq!(&found[0].as_ref().unwrap().2, cell.trim_matches([' ', '\t']));
        prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']));
    }
}

/// Gives a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(buffer.len());
        self.0.read(&mut buffer[..n])
    }
}
