//! `gaung import`: units, members, accounts, blocked targets and election freezes from CSV files; all rows or none, each fault by line and column.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, start};
use crate::app::App;
use crate::domain::text_enum::TextEnum as _;
use crate::service::Caller;
use crate::service::import::{self, ImportKind, ImportOptions, ImportReport};

/// `gaung import`
#[derive(Debug, Args)]
pub struct Import {
    /// What the file holds. Members need their units, accounts their members
    #[arg(value_parser = kind_parser())]
    kind: ImportKind,
    /// The CSV file; - reads the standard input. Its first line names the columns
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Checks every row, changes nothing
    #[arg(long)]
    dry_run: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Lists the kinds in the help and in the fault of a wrong one.
fn kind_parser() -> impl clap::builder::TypedValueParser<Value = ImportKind> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(ImportKind::ALL.iter().map(|kind| kind.as_str())).try_map(|word| ImportKind::parse(&word))
}

impl Import {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        // Before the database: a mistyped name must not make one.
        let source = self.open()?;
        let app = start::app(place)?;
        let report = start::block_on(self.import(&app, source))?;
        match self.format {
            Format::Json => say_json(&report)?,
            Format::Text => print(&report),
        }
        Ok(if report.error_count == 0 { Outcome::Done } else { Outcome::Faulty })
    }

    fn open(&self) -> Result<Box<dyn Read + Send>, Failure> {
        if self.file.as_os_str() == "-" {
            return Ok(Box::new(io::stdin()));
        }
        let file = File::open(&self.file).map_err(|e| Failure::refused(format!("can't read {}: {e}", self.file.display())))?;
        Ok(Box::new(file))
    }

    async fn import(&self, app: &App, source: impl Read + Send + 'static) -> Result<ImportReport, Failure> {
        let bar = bar();
        let lines = Arc::new(AtomicU64::new(0));
        let source = CountsLines { source, lines: Arc::clone(&lines) };
        let shown = bar.clone();
        let on_progress: import::OnProgress = Box::new(move |rows| {
            // The header is a line and no row; a text with line ends makes the guess too high, never wrong in its end.
            shown.set_length(lines.load(Ordering::Relaxed).saturating_sub(1).max(rows));
            shown.set_position(rows);
        });
        let options = ImportOptions { dry_run: self.dry_run, on_progress: Some(on_progress), ..ImportOptions::default() };
        let report = import::import(app, &Caller::Operator, self.kind, source, options).await;
        bar.finish_and_clear();
        Ok(report?)
    }
}

/// On a terminal only: what is written to a file or to another program holds no bar.
fn bar() -> ProgressBar {
    let target = if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    match ProgressStyle::with_template("{elapsed_precise} [{wide_bar}] {human_pos} of {human_len} rows") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Counts the line ends that pass: about how many rows there will be.
struct CountsLines<R> {
    source: R,
    lines: Arc<AtomicU64>,
}

impl<R: Read> Read for CountsLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        let ends = buffer.iter().take(read).filter(|octet| **octet == b'\n').count();
        self.lines.fetch_add(ends as u64, Ordering::Relaxed);
        Ok(read)
    }
}

fn print(report: &ImportReport) {
    let ImportReport { kind, rows, new, changed, unchanged, .. } = report;
    for notice in &report.notices {
        say(&notice.message);
    }
    for error in &report.errors {
        let column = error.column.as_ref().map_or_else(String::new, |column| format!(", column {column}"));
        say(&format!("line {}{column}: {}", error.line, error.message));
    }
    let faults = counted(report.error_count, "fault");
    let untold = report.error_count.saturating_sub(report.errors.len() as u64);
    if untold > 0 {
        say(&format!("... and {untold} more"));
    }
    say(&format!("{kind}: {}, {new} new, {changed} changed, {unchanged} unchanged, {faults}", counted(*rows, "row")));
    if report.error_count > 0 {
        say("Nothing was imported: correct the faults and import the file again");
    } else if report.dry_run {
        say("Nothing was imported: this was a dry run");
    }
}

fn counted(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_counted_as_they_pass() {
        let lines = Arc::new(AtomicU64::new(0));
        let mut source = CountsLines { source: &b"a,b\r\n1,2\n3,4"[..], lines: Arc::clone(&lines) };
        let mut text = String::new();
        source.read_to_string(&mut text).unwrap();
        assert_eq!((text.len(), lines.load(Ordering::Relaxed)), (12, 2));
    }
}
