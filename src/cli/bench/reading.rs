//! `gaung bench reading`: how fast pages, lists, the log and files are over a large installation, through the real server.

mod client;
mod download;
mod found;
mod pages;
mod report;

use std::net::TcpListener;

use anyhow::Context as _;
use clap::Args;
use tokio::sync::oneshot;

use self::report::Report;
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{complain, say, say_json};
use crate::cli::{Place, start};
use crate::clock::{Clock as _, SteadyClock, SystemClock};
use crate::service::{mail, register};
use crate::store::ground;
use crate::web::server;

/// `gaung bench reading`
#[derive(Debug, Args)]
pub struct ReadingBench {
    /// Assignments of the installation
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(2_000..=10_000_000))]
    assignments: u32,
    /// Log entries
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(20_000..=100_000_000))]
    entries: u32,
    /// Requests a page
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    requests: u32,
    /// Connections that ask at once
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    connections: u32,
    /// Reads each file for so many seconds at most, then hangs up
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    file_seconds: u32,
    /// Only the pages whose name holds this
    #[arg(long, value_name = "PART", default_value = "")]
    only: String,
    /// Fills the database and measures nothing; a later run with the same sizes finds it filled
    #[arg(long)]
    fill_only: bool,
    /// Prints one line of JSON
    #[arg(long)]
    json: bool,
}

impl ReadingBench {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let dir = tempfile::tempdir().map_err(|e| Failure::Environment(e.into()))?;
        let place = Place { data_dir: place.data_dir.clone().or_else(|| Some(dir.path().to_path_buf())), ..place.clone() };
        let config = start::config(&place, None)?;
        let report = start::block_on(async {
            found::found(&config, self.assignments.into(), self.entries.into()).await.map_err(Failure::Environment)?;
            if self.fill_only {
                return Ok(None);
            }
            let app = App::build(config.clone(), SteadyClock::shared()).map_err(|e| Failure::Environment(e.into()))?;
            self.measure(app).await.map(Some).map_err(Failure::Environment)
        })?;
        match report {
            None => complain("the database is filled"),
            Some(report) if self.json => say_json(&report)?,
            Some(report) => say(&report.text()),
        }
        Ok(Outcome::Done)
    }

    async fn measure(&self, app: App) -> anyhow::Result<Report> {
        let listener = TcpListener::bind("127.0.0.1:0").context("can't listen")?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(server::serve(app.clone(), listener, async {
            let _ = stopped.await;
        }));
        let people = found::sign_in(&app).await?;
        let middle = SystemClock.now() - found::YEAR / 2;
        let marks = app.db.read(move |conn| ground::landmarks(conn, middle)).await?;
        // What the sweeps count every few minutes: they don't run here.
        register::count(&app).await?;
        for _ in 0..3 {
            mail::count(&app).await?;
        }
        let mut report = Report::new(&app, self.assignments, self.entries, self.connections);
        for page in pages::pages(&app, &marks).into_iter().filter(|page| page.name.contains(&self.only)) {
            let cookie = people.cookie(page.who);
            report.pages.push(client::measure(address, &page, cookie, self.connections, self.requests).await?);
        }
        for file in pages::files(&app, &marks).into_iter().filter(|file| file.name.contains(&self.only)) {
            let cookie = people.cookie(file.who);
            report.files.push(download::measure(address, &file, cookie, self.file_seconds).await?);
        }
        let _ = stop.send(());
        server.await??;
        Ok(report)
    }
}
