//! What an import found: counts, faults by line, and what the person should hear of.

use super::ImportKind;
use super::reader::{CsvRow, FileError, Notice, RowError};
use crate::service::form::Faults;

/// Faults that are kept; the rest is counted.
pub const MAX_ERRORS: usize = 1_000;

/// Something accepted that the person should hear of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ImportNotice {
    /// A stable code.
    pub code: &'static str,
    /// One sentence for people.
    pub message: String,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// What the file holds.
    pub kind: ImportKind,
    /// Whether it was only checked.
    pub dry_run: bool,
    /// Whether its rows are in force now: neither a dry run nor a fault.
    pub applied: bool,
    /// Rows that were read.
    pub rows: u64,
    /// Rows that add something.
    pub new: u64,
    /// Rows that change something.
    pub changed: u64,
    /// Rows that say what is on file.
    pub unchanged: u64,
    /// The faults by line, at most 1,000.
    pub errors: Vec<RowError>,
    /// How many faults there are in all.
    pub error_count: u64,
    /// What was accepted and is worth telling.
    pub notices: Vec<ImportNotice>,
    /// The SHA-256 of the file, in hex, as the log has it.
    pub sha256: String,
}

/// The report in the making.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub rows: u64,
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    errors: Vec<RowError>,
    error_count: u64,
    notices: Vec<ImportNotice>,
}

impl Findings {
    /// Whether no row had a fault so far.
    pub(super) const fn is_clean(&self) -> bool {
        self.error_count == 0
    }
    /// Notes a fault.
    pub(super) fn fault(&mut self, error: RowError) {
        self.error_count += 1;
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
    }
    /// Notes the faults of a row's fields.
    pub(super) fn faults_of(&mut self, row: &CsvRow, faults: Faults) {
        for fault in faults.into_vec() {
            self.fault(row.error(fault.field, fault.code, fault.message));
        }
    }
    /// Notes why the file could not be read at all.
    pub(super) fn refuse_file(&mut self, error: &FileError) {
        self.fault(RowError { line: error.line(), column: error.columns(), code: error.code(), message: error.to_string() });
    }
    /// Notes what the reader accepted.
    pub(super) fn notice_all(&mut self, notices: &[Notice]) {
        let told = notices.iter().map(|notice| ImportNotice { code: notice.code(), message: notice.to_string() });
        self.notices.extend(told);
    }
    /// Notes that people who were erased are in the file again.
    pub(super) fn notice_erased(&mut self, rows: u64) {
        if rows > 0 {
            let message = format!(
                "{rows} of the new rows have the address of somebody who was erased: each comes in as a new person who has agreed to \
                 nothing; what was suppressed for the address stays suppressed. Make sure that there is a ground to keep them again"
            );
            self.notices.push(ImportNotice { code: "import.erased_before", message });
        }
    }
    pub(super) fn into_report(mut self, kind: ImportKind, dry_run: bool, sha256: String) -> ImportReport {
        let applied = !dry_run && self.is_clean();
        self.errors.sort_by_key(|error| error.line);
        let Self { rows, new, changed, unchanged, errors, error_count, notices } = self;
        ImportReport { kind, dry_run, applied, rows, new, changed, unchanged, errors, error_count, notices, sha256 }
    }
}
