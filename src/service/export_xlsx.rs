//! Workbooks for spreadsheet programs: every cell is text, so none is run as a formula; memory does not grow with the rows.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};

use rust_xlsxwriter::{Format, XlsxError};

use super::error::ServiceError;

/// The most rows that a sheet holds, its header included (the format's own limit).
pub const MOST_ROWS: u32 = 1_048_576;
/// The most characters that a cell holds (the format's own limit).
const MOST_CHARS: usize = 32_767;

/// A workbook in the making: one table over as many sheets as it needs.
pub struct Workbook {
    book: rust_xlsxwriter::Workbook,
    name: &'static str,
    columns: Vec<&'static str>,
    rows_a_sheet: u32,
    sheets: usize,
    next_row: u32,
}

fn failed(error: &XlsxError) -> ServiceError {
    ServiceError::Internal(format!("a workbook: {error}"))
}

impl Workbook {
    /// An empty table of these columns; `rows_a_sheet` counts the header and is held to 2 and [`MOST_ROWS`].
    ///
    /// # Errors
    /// [`ServiceError::Internal`] where the format refuses.
    pub fn new(name: &'static str, columns: &[&'static str], rows_a_sheet: u32) -> Result<Self, ServiceError> {
        let rows_a_sheet = rows_a_sheet.clamp(2, MOST_ROWS);
        let book = rust_xlsxwriter::Workbook::new();
        let mut table = Self { book, name, columns: columns.to_vec(), rows_a_sheet, sheets: 0, next_row: 0 };
        table.begin_sheet().map_err(|error| failed(&error))?;
        Ok(table)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = if self.sheets == 1 { self.name.to_owned() } else { format!("{} {}", self.name, self.sheets) };
        let bold = Format::new().set_bold();
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (column, head) in (0_u16..).zip(&self.columns) {
            sheet.set_column_width(column, 24)?;
            sheet.write_string_with_format(0, column, *head, &bold)?;
        }
        self.next_row = 1;
        Ok(())
    }

    fn write(&mut self, cells: &[String]) -> Result<(), XlsxError> {
        if self.next_row >= self.rows_a_sheet {
            self.begin_sheet()?;
        }
        let row = self.next_row;
        let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
        for (column, text) in (0_u16..).zip(cells) {
            if text.chars().count() <= MOST_CHARS {
                sheet.write_string(row, column, text)?;
            } else {
                let cut: String = text.chars().take(MOST_CHARS - 1).chain(['…']).collect();
                sheet.write_string(row, column, cut)?;
            }
        }
        self.next_row += 1;
        Ok(())
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`ServiceError::Internal`] where the disk or the format refuses.
    pub fn row(&mut self, cells: &[String]) -> Result<(), ServiceError> {
        self.write(cells).map_err(|error| failed(&error))
    }

    /// The finished file, which goes away when it is closed.
    ///
    /// # Errors
    /// [`ServiceError::Internal`] where the disk refuses.
    pub fn save(mut self) -> Result<File, ServiceError> {
        let disk = |error: std::io::Error| ServiceError::Internal(format!("a workbook's file: {error}"));
        let mut file = tempfile::tempfile().map_err(disk)?;
        self.book.save_to_writer(&mut file).map_err(|error| failed(&error))?;
        file.seek(SeekFrom::Start(0)).map_err(disk)?;
        Ok(file)
    }
}
