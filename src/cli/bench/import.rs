//! `gaung bench import`: how long a file of so many members takes, and how much memory.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use serde::Serialize;

use super::setting::{Setting, database_of};
use super::{ground, memory, tell};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::Clock as _;
use crate::service::Caller;
use crate::service::import::{self, ImportKind, ImportOptions};

/// `gaung bench import`
#[derive(Debug, Args)]
pub struct ImportBench {
    /// Members in the file
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=9_000_000))]
    rows: u32,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// Members in the file.
    rows: u32,
    /// All of them new.
    new_seconds: f64,
    /// The same file again: nothing changes.
    unchanged_seconds: f64,
    /// The most memory of this process, over both.
    peak_rss_mib: Option<f64>,
    /// On which database.
    database: &'static str,
}

impl ImportBench {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let setting = Setting::new(place)?;
        let report = start::block_on(async { self.measure(setting).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, setting: Setting) -> anyhow::Result<Report> {
        let app = setting.app()?;
        ground::found(&app, &[0], setting.clock.now() + ground::EARLIER).await?;
        let path = app.config.data.dir.join("members.csv");
        self.write(&path)?;
        memory::forget_peak();
        let new_seconds = self.import(&app, &path, u64::from(self.rows)).await?;
        let unchanged_seconds = self.import(&app, &path, 0).await?;
        Ok(Report {
            rows: self.rows,
            new_seconds,
            unchanged_seconds,
            peak_rss_mib: memory::peak_mib(),
            database: database_of(&app),
        })
    }

    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "employee_no,name,email,unit_code,locale,zone")?;
        for n in 0..self.rows {
            writeln!(file, "1987{n:014},Siti Rahma {n},siti.rahma.{n}@klp.example.id,R0,id,Asia/Jakarta")?;
        }
        Ok(file.flush()?)
    }

    /// As `gaung import members` does it.
    async fn import(&self, app: &App, path: &Path, new: u64) -> anyhow::Result<f64> {
        let file = File::open(path)?;
        let began = Instant::now();
        let report = import::import(app, &Caller::Operator, ImportKind::Members, file, ImportOptions::default()).await?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(report.error_count == 0, "faults were found: {:?}", report.errors);
        ensure!((report.rows, report.new) == (self.rows.into(), new), "{} rows, {} new", report.rows, report.new);
        Ok((seconds * 100.0).round() / 100.0)
    }
}

impl Report {
    fn text(&self) -> String {
        let peak = self.peak_rss_mib.map_or_else(String::new, |mib| format!("; {mib} MiB at most"));
        format!(
            "{} members into {} in {} s, unchanged again in {} s{peak}",
            self.rows, self.database, self.new_seconds, self.unchanged_seconds
        )
    }
}
