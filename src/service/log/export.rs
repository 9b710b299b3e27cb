//! The log as files: CSV piece by piece, and a workbook for spreadsheet programs; both respect the filter and keep memory small.

use std::fs::File;

use chrono::SecondsFormat;

use super::{LogEntry, LogFilter, cursor_of, named, read_cursor, scoped};
use crate::app::App;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::export_csv::CsvWriter;
use crate::service::export_xlsx::Workbook;
use crate::store::log::{self, LogQuery};

/// Entries that an export reads in one transaction.
const EXPORT_ROWS: i64 = 1000;

/// Entries that a piece looks at, at most: a piece may be empty, and the next one is not.
const EXPORT_LOOKED_AT: i64 = 50_000;

/// A piece of the log, and the cursor for the next piece.
///
/// # Errors
/// As [`super::list`].
pub async fn piece(
    app: &App,
    caller: &Caller,
    filter: LogFilter,
    after: Option<String>,
) -> Result<(Vec<LogEntry>, Option<String>), ServiceError> {
    let before = read_cursor(after.as_deref())?;
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let wanted = LogQuery { before, ..scoped(conn, &caller, &filter)? };
        let found = log::search(conn, &wanted, EXPORT_ROWS, EXPORT_LOOKED_AT)?;
        let more = i64::try_from(found.rows.len()).is_ok_and(|read| read == EXPORT_ROWS);
        let next = found.rows.last().filter(|_| more).map(|row| cursor_of(row.at.0, row.id));
        Ok((named(conn, found.rows)?, next.or(found.stopped.map(|(at, id)| cursor_of(at, id)))))
    });
    read.await
}

/// A piece of the export: CSV rows (the first piece begins with the header), and the cursor for the next piece.
///
/// # Errors
/// As [`super::list`].
pub async fn export(
    app: &App,
    caller: &Caller,
    filter: LogFilter,
    after: Option<String>,
) -> Result<(Vec<u8>, Option<String>), ServiceError> {
    let is_first = after.is_none();
    let (entries, next) = piece(app, caller, filter, after).await?;
    let csv = csv_of(&entries, is_first).map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok((csv, next))
}

/// The log as a workbook in a file of its own, read from its beginning. After `rows_a_sheet` rows the next sheet begins.
///
/// # Errors
/// As [`super::list`]; [`ServiceError::Internal`] where the disk fails.
pub async fn workbook(app: &App, caller: &Caller, filter: LogFilter, rows_a_sheet: u32) -> Result<File, ServiceError> {
    let mut book = Workbook::new("log", &COLUMNS, rows_a_sheet)?;
    let mut after = None;
    loop {
        let (entries, next) = piece(app, caller, filter.clone(), after).await?;
        for entry in &entries {
            book.row(&cells(entry))?;
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    // Compressing a million rows takes seconds: not on a thread that serves requests.
    let saved = tokio::task::spawn_blocking(move || book.save()).await;
    saved.map_err(|error| ServiceError::Internal(error.to_string()))?
}

/// The export's columns.
pub const COLUMNS: [&str; 15] = [
    "id",
    "at",
    "kind",
    "actor_kind",
    "actor",
    "subject",
    "unit_id",
    "unit_name",
    "campaign_id",
    "campaign_title",
    "wave_id",
    "assignment_id",
    "payload",
    "commitment",
    "leaf_index",
];

/// An entry's cells, in the order of the columns.
#[must_use]
pub fn cells(entry: &LogEntry) -> [String; 15] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        entry.id.to_string(),
        entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        entry.kind.to_string(),
        entry.actor_kind.clone(),
        entry.actor.clone(),
        text(&entry.subject),
        entry.unit_id.map(|id| id.to_string()).unwrap_or_default(),
        text(&entry.unit_name),
        entry.campaign_id.map(|id| id.to_string()).unwrap_or_default(),
        text(&entry.campaign_title),
        entry.wave_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.assignment_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.payload.to_string(),
        text(&entry.commitment),
        entry.leaf_index.map(|index| index.to_string()).unwrap_or_default(),
    ]
}

/// Rows of CSV, with the header above them where they are the first.
///
/// # Errors
/// None that memory does not have.
pub fn csv_of(entries: &[LogEntry], with_header: bool) -> std::io::Result<Vec<u8>> {
    let mut file = CsvWriter::new(Vec::new());
    if with_header {
        file.row(COLUMNS)?;
    }
    for entry in entries {
        file.row(cells(entry))?;
    }
    file.finish()
}
