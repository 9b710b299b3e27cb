//! What can be wrong with a CSV file: said by line, column and what to do.

/// A fault at one place of a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The bytes stopped coming.
    #[error("the file could not be read to its end ({0}); send it again")]
    Read(#[from] std::io::Error),
    /// Not UTF-8.
    #[error(
        "the file is not UTF-8: byte 0x{byte:02X} at line {line}, character {character}; it looks like Windows-1252, so save it again \
         as \"CSV UTF-8\". Nothing after this line was read"
    )]
    NotUtf8 {
        /// The line, from 1.
        line: u64,
        /// The position in that line, in characters, from 1.
        character: usize,
        /// The first byte that does not fit.
        byte: u8,
        /// The number of the field, from 1.
        field: usize,
    },
    /// A NUL byte.
    #[error(
        "there is a NUL byte at line {line}, character {character}: the file is damaged, or UTF-16; save it again as \"CSV UTF-8\". \
         Nothing after it was read"
    )]
    Nul {
        /// The line, from 1.
        line: u64,
        /// The position in that line, in characters, from 1.
        character: usize,
    },
    /// Lines that end in CR alone, as old Macintosh programs wrote them.
    #[error("line {line} ends with CR alone; save the file again with line ends of Windows or Unix. Nothing after it was read")]
    LoneCr {
        /// The line, from 1.
        line: u64,
    },
    /// A quotation mark that is not closed at the end of the file, or within 10 kB and the line's end.
    #[error(
        "the quotation mark opened at line {line}, character {character} is never closed; close it. Nothing after it was read"
    )]
    UnclosedQuote {
        /// The line on which it opened, from 1.
        line: u64,
        /// The position in that line, in characters, from 1.
        character: usize,
        /// The number of the field, from 1.
        field: usize,
    },
    /// Text between a closing quotation mark and the separator.
    #[error(
        "there is text after a closing quotation mark at line {line}, character {character}; the field opened at line {opened}: close it \
         there, or double the marks inside it. Nothing after it was read"
    )]
    TextAfterQuote {
        /// The line of the text, from 1.
        line: u64,
        /// The position in that line, in characters, from 1.
        character: usize,
        /// The line on which the field's quotation mark opened.
        opened: u64,
        /// The number of the field, from 1.
        field: usize,
    },
    /// A field above 10 kB.
    #[error("field {field} of line {line} is longer than 10,240 octets; shorten it")]
    FieldTooLong {
        /// The line on which the row begins, from 1.
        line: u64,
        /// The number of the field, from 1.
        field: usize,
    },
    /// More or fewer fields than the header.
    #[error(
        "line {line} has {found} fields, the header has {expected}; a text that holds the separator stands in quotation marks"
    )]
    FieldCount {
        /// The line on which the row begins, from 1.
        line: u64,
        /// How many there are.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
}

impl Fault {
    /// The stable code of this fault.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "csv.read",
            Self::NotUtf8 { .. } => "csv.not_utf8",
            Self::Nul { .. } => "csv.nul",
            Self::LoneCr { .. } => "csv.cr_line_ends",
            Self::UnclosedQuote { .. } => "csv.unclosed_quote",
            Self::TextAfterQuote { .. } => "csv.text_after_quote",
            Self::FieldTooLong { .. } => "csv.field_too_long",
            Self::FieldCount { .. } => "csv.field_count",
        }
    }
    /// The line to look at, from 1; 0 where no line is to blame.
    #[must_use]
    pub const fn line(&self) -> u64 {
        match self {
            Self::Read(_) => 0,
            Self::NotUtf8 { line, .. }
            | Self::Nul { line, .. }
            | Self::LoneCr { line }
            | Self::UnclosedQuote { line, .. }
            | Self::TextAfterQuote { line, .. }
            | Self::FieldTooLong { line, .. }
            | Self::FieldCount { line, .. } => *line,
        }
    }
    /// The number of the field, from 1, where one is to blame.
    #[must_use]
    pub const fn field(&self) -> Option<usize> {
        match self {
            Self::NotUtf8 { field, .. }
            | Self::UnclosedQuote { field, .. }
            | Self::TextAfterQuote { field, .. }
            | Self::FieldTooLong { field, .. } => Some(*field),
            _ => None,
        }
    }
}

/// Why a file is refused before its first row.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No byte, or nothing but blank lines.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
    /// A UTF-16 byte order mark.
    #[error("the file is UTF-16; save it again as \"CSV UTF-8\"")]
    Utf16,
    /// The header line is too long to be one.
    #[error("the first line is too long to be a header; its first line must name the columns, at most 200")]
    HeaderTooLong,
    /// A column without a name.
    #[error("column {column} has no name in the first line; name it, or remove the column")]
    UnnamedHeader {
        /// Its number, from 1.
        column: usize,
    },
    /// The same name twice.
    #[error("the first line names a column twice: {}; leave one", .names.join(", "))]
    DuplicateHeaders {
        /// The names.
        names: Vec<String>,
    },
    /// Names that are not expected; nothing is ignored in silence.
    #[error("the first line has unknown columns: {}; known are: {}", .names.join(", "), .known.join(", "))]
    UnknownHeaders {
        /// The names, at most ten.
        names: Vec<String>,
        /// All names that are known.
        known: Vec<String>,
    },
    /// Columns that must be there.
    #[error("the first line lacks the columns: {}; add them", .names.join(", "))]
    MissingHeaders {
        /// Their names.
        names: Vec<String>,
    },
    /// A fault within the header.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl FileError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "csv.empty",
            Self::Utf16 => "csv.utf16",
            Self::HeaderTooLong => "csv.header_too_long",
            Self::UnnamedHeader { .. } => "csv.unnamed_header",
            Self::DuplicateHeaders { .. } => "csv.duplicate_headers",
            Self::UnknownHeaders { .. } => "csv.unknown_headers",
            Self::MissingHeaders { .. } => "csv.missing_headers",
            Self::Fault(fault) => fault.code(),
        }
    }
    /// The columns that are to blame, by name.
    #[must_use]
    pub fn columns(&self) -> Option<String> {
        match self {
            Self::DuplicateHeaders { names } | Self::UnknownHeaders { names, .. } | Self::MissingHeaders { names } => {
                Some(names.join(", "))
            }
            _ => None,
        }
    }
    /// The line to look at, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        match self {
            Self::Fault(fault) => fault.line().max(1),
            _ => 1,
        }
    }
}

/// A row that was not taken: which, where in it, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct RowError {
    /// The line on which the fault is, from 1; 0 where no line is to blame.
    pub line: u64,
    /// The column's name, where one is to blame.
    pub column: Option<String>,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl RowError {
    pub(super) fn from_fault(fault: &Fault, column: Option<String>) -> Self {
        Self { line: fault.line(), column, code: fault.code(), message: fault.to_string() }
    }
}

/// Something accepted that the person should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The file began with a byte order mark.
    ByteOrderMark,
    /// The separator is not the comma.
    Separator {
        /// The separator.
        separator: char,
    },
    /// Rows without any content were passed over.
    BlankRows {
        /// How many.
        rows: u64,
    },
}

impl Notice {
    /// The stable code of this notice.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ByteOrderMark => "csv.byte_order_mark",
            Self::Separator { .. } => "csv.separator",
            Self::BlankRows { .. } => "csv.blank_rows",
        }
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByteOrderMark => f.write_str("The file begins with a byte order mark, which was passed over."),
            Self::Separator { separator: '\t' } => f.write_str("The columns are separated by tabs."),
            Self::Separator { separator } => write!(f, "The columns are separated by {separator:?}."),
            Self::BlankRows { rows } => write!(f, "{rows} empty rows were passed over."),
        }
    }
}
