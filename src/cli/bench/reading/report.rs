//! What was measured, as a table and as JSON.

use serde::Serialize;

use super::download::peak;
use crate::app::App;

/// A page's times.
#[derive(Debug, Serialize)]
pub(super) struct PageFigures {
    pub page: String,
    pub requests: u64,
    /// The slowest of the connections' first answers, which are not among the others.
    pub first_ms: f64,
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub max_ms: f64,
    /// A page's size, not compressed.
    pub bytes: usize,
}

/// A file's times.
#[derive(Debug, Serialize)]
pub(super) struct FileFigures {
    pub file: String,
    /// Whether it was read to its end.
    pub whole: bool,
    pub first_byte_ms: f64,
    pub seconds: f64,
    pub mib: f64,
    pub mib_per_s: f64,
    /// The process's memory before; server and client are one process.
    pub rss_before_mib: Option<f64>,
    /// The most it held while the file was read.
    pub rss_peak_mib: Option<f64>,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub assignments: u32,
    pub entries: u32,
    pub database: &'static str,
    pub connections: u32,
    pub pages: Vec<PageFigures>,
    pub files: Vec<FileFigures>,
    pub peak_rss_mib: Option<f64>,
}

impl Report {
    pub(super) fn new(app: &App, assignments: u32, entries: u32, connections: u32) -> Self {
        let database = if app.db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
        Self { assignments, entries, database, connections, pages: Vec::new(), files: Vec::new(), peak_rss_mib: peak() }
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "{} assignments, {} entries, {}, {} connections\n\n{:<44} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
            self.assignments,
            self.entries,
            self.database,
            self.connections,
            "page",
            "n",
            "first ms",
            "p50 ms",
            "p95 ms",
            "max ms",
            "bytes"
        );
        for p in &self.pages {
            text.push_str(&format!(
                "{:<44} {:>6} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {:>9}\n",
                p.page, p.requests, p.first_ms, p.p50_ms, p.p95_ms, p.max_ms, p.bytes
            ));
        }
        text.push_str(&format!(
            "\n{:<44} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}\n",
            "file", "1st ms", "seconds", "MiB", "MiB/s", "before", "peak MiB"
        ));
        for f in &self.files {
            let (before, most) = (f.rss_before_mib.unwrap_or_default(), f.rss_peak_mib.unwrap_or_default());
            text.push_str(&format!(
                "{:<44} {:>9.2} {:>9.2} {:>9.2} {:>8.1} {:>8.1} {:>8.1}{}\n",
                f.file,
                f.first_byte_ms,
                f.seconds,
                f.mib,
                f.mib_per_s,
                before,
                most,
                if f.whole { "" } else { "  (cut)" }
            ));
        }
        text
    }
}
