//! `gaung bench cold-start`: how long `gaung serve` takes to be ready, with many schedules and much waiting mail on file.

use super::tell;
use std::io::BufReader;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;

use super::ground;
use super::load::Client;
use super::setting::{Setting, database_of};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::Clock as _;
use crate::domain::actor::Actor;
use crate::service::ServiceError;
use crate::store::measure;

/// `gaung bench cold-start`
#[derive(Debug, Args)]
pub struct ColdStart {
    /// Schedules on file
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    schedules: u32,
    /// Mails that wait
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=9_000_000))]
    backlog: u32,
    /// Starts; the slowest counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: u32,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// Schedules on file.
    schedules: u32,
    /// Mails that waited at the first start.
    backlog: u32,
    /// From the start of the process to its first answer; the slowest of all starts.
    answers_seconds: f64,
    /// From the start of the process until `/readyz` says yes; the slowest of all starts.
    ready_seconds: f64,
    /// On which database.
    database: &'static str,
}

/// How long to wait for readiness.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often to ask.
const EVERY: Duration = Duration::from_millis(20);

/// A child that does not outlive its measurement.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl ColdStart {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let setting = Setting::new(place)?;
        let report = start::block_on(async { self.measure(setting).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, setting: Setting) -> anyhow::Result<Report> {
        // By the service's clock, which is the machine's, all that mail is due.
        setting.clock.advance(-(ground::EARLIER + ground::BETWEEN));
        let app = setting.app()?;
        let first = setting.clock.now() + ground::EARLIER;
        ground::found(&app, &[self.backlog], first).await?;
        setting.clock.set(first);
        ground::open_due(&app).await?;
        self.repeat(&app).await?;
        let db = app.db.clone();
        tokio::task::spawn_blocking(move || measure::settle_down(&db)).await??;
        let database = database_of(&app);
        let (url, dir) = (app.config.database.url.clone(), app.config.data.dir.clone());
        // A SQLite file belongs to one process.
        drop(app);
        let (mut answers, mut ready) = (0.0_f64, 0.0_f64);
        for _ in 0..self.rounds {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["serve", "--port", "0", "--data-dir"]).arg(&dir);
            if !url.is_empty() {
                // Not as a flag: others would see the password.
                command.env("GAUNG__DATABASE__URL", url.reveal());
            }
            let (first, last) = start_once(command).await?;
            answers = answers.max(first);
            ready = ready.max(last);
        }
        Ok(Report { schedules: self.schedules, backlog: self.backlog, answers_seconds: answers, ready_seconds: ready, database })
    }

    async fn repeat(&self, app: &App) -> anyhow::Result<()> {
        let schedules = self.schedules;
        app.db
            .write(Actor::System, move |tx| {
                tx.without_entry("schedules made up for a measurement");
                Ok::<_, ServiceError>(measure::make_schedules(tx, schedules)?)
            })
            .await?;
        Ok(())
    }
}

/// Starts the service; says after how many seconds it answered, and after how many it was ready.
async fn start_once(mut command: Command) -> anyhow::Result<(f64, f64)> {
    let began = Instant::now();
    let mut serving = Serving(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    let stdout = serving.0.stdout.take().context("the service has no output")?;
    let address = tokio::task::spawn_blocking(move || listens_on(BufReader::new(stdout))).await??;
    let mut answers = None;
    while began.elapsed() < PATIENCE {
        if let Ok(mut client) = Client::connect(address).await
            && let Ok((status, _)) = client.ask_plain("/readyz").await
        {
            let now = began.elapsed().as_secs_f64();
            let first = *answers.get_or_insert(now);
            if status == 200 {
                return Ok((round(first), round(now)));
            }
        }
        tokio::time::sleep(EVERY).await;
    }
    ensure!(answers.is_some(), "the service never answered");
    anyhow::bail!("the service was not ready within {} s", PATIENCE.as_secs())
}

fn listens_on(output: impl std::io::BufRead) -> anyhow::Result<SocketAddr> {
    for line in output.lines() {
        if let Some((_, address)) = line?.rsplit_once("listens on http://") {
            return Ok(address.trim().parse()?);
        }
    }
    anyhow::bail!("the service ended before it listened")
}

fn round(seconds: f64) -> f64 {
    (seconds * 100.0).round() / 100.0
}

impl Report {
    fn text(&self) -> String {
        format!(
            "{} schedules and {} waiting mails on {}: the first answer after {} s, ready after {} s",
            self.schedules, self.backlog, self.database, self.answers_seconds, self.ready_seconds
        )
    }
}
