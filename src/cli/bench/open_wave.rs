//! `gaung bench open-wave`: how long a wave of so many assignments takes to open, beside the plain statements that write the same rows.

use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use serde::Serialize;

use super::setting::{Setting, database_of};
use super::{ground, median, memory, tell};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::Clock as _;
use crate::domain::actor::Actor;
use crate::service::{ServiceError, dispatch, promises};
use crate::store::measure;

/// `gaung bench open-wave`
#[derive(Debug, Args)]
pub struct OpenWave {
    /// Assignments of the wave
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=9_000_000))]
    rows: u32,
    /// Rounds; the middle one counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: u32,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was measured. Figures are medians of the rounds.
#[derive(Debug, Serialize)]
struct Report {
    /// Assignments, each with its mail.
    rows: u32,
    /// From the first chunk to the last commit, through the sweep.
    seconds: f64,
    /// The same rows by plain statements in one transaction.
    bare_sql_seconds: f64,
    /// The median of each round's own ratio.
    ratio: f64,
    /// The most memory of this process while the sweep ran.
    peak_rss_mib: Option<f64>,
    /// On which database.
    database: &'static str,
    /// Accounts a transaction.
    chunk: u32,
    /// How many rounds.
    rounds: u32,
}

/// One round.
#[derive(Default)]
struct Round {
    own_s: f64,
    bare_s: f64,
    peak_mib: Option<f64>,
}

impl OpenWave {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let setting = Setting::new(place)?;
        let report = start::block_on(async { self.measure(setting).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, mut setting: Setting) -> anyhow::Result<Report> {
        let app = setting.app()?;
        let first = setting.clock.now() + ground::EARLIER;
        ground::found(&app, &[self.rows], first).await?;
        setting.clock.set(first);
        let mut rounds = Vec::new();
        for n in 0..self.rounds {
            let mut round = Round::default();
            // Who comes first changes, so that neither always finds the warmer machine.
            for own in if n % 2 == 0 { [true, false] } else { [false, true] } {
                let fresh = setting.fresh(&app)?;
                if own {
                    (round.own_s, round.peak_mib) = self.own(&fresh.app, n == 0).await?;
                } else {
                    round.bare_s = self.bare(&fresh.app).await?;
                }
            }
            rounds.push(round);
        }
        let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure).collect()).unwrap_or_default();
        let thousandths = |figure: f64| (figure * 1_000.0).round() / 1_000.0;
        Ok(Report {
            rows: self.rows,
            seconds: thousandths(of(|round| round.own_s)),
            bare_sql_seconds: thousandths(of(|round| round.bare_s)),
            ratio: thousandths(of(|round| round.own_s / round.bare_s)),
            peak_rss_mib: rounds.iter().filter_map(|round| round.peak_mib).reduce(f64::max),
            database: database_of(&app),
            chunk: app.config.campaign.chunk_size,
            rounds: self.rounds,
        })
    }

    /// The service's own way, as the heart-beat goes it.
    async fn own(&self, app: &App, checked: bool) -> anyhow::Result<(f64, Option<f64>)> {
        dispatch::open_due_waves(app).await?;
        memory::forget_peak();
        let began = Instant::now();
        ground::fill(app).await?;
        let seconds = began.elapsed().as_secs_f64();
        let peak = memory::peak_mib();
        self.complete(app).await?;
        if checked {
            let (broken, _) = promises::check(app).await?;
            ensure!(broken.is_empty(), "a promise is broken: {broken:?}");
        }
        Ok((seconds, peak))
    }

    /// The limit.
    async fn bare(&self, app: &App) -> anyhow::Result<f64> {
        dispatch::open_due_waves(app).await?;
        let now = app.clock.now();
        let opening = app.db.read(move |conn| Ok::<_, ServiceError>(crate::store::wave::list_opening(conn, now, 1)?)).await?;
        let wave = *opening.first().ok_or_else(|| anyhow::anyhow!("no wave opened"))?;
        let began = Instant::now();
        app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(measure::open(tx, wave)?)).await?;
        let seconds = began.elapsed().as_secs_f64();
        self.complete(app).await?;
        Ok(seconds)
    }

    /// Every row is there, and counted.
    async fn complete(&self, app: &App) -> anyhow::Result<()> {
        let made = app.db.read(|conn| Ok::<_, ServiceError>(measure::made(conn)?)).await?;
        let rows = i64::from(self.rows);
        let all = measure::Made { assignments: rows, mails: rows, counted: rows, counted_by_unit: rows };
        ensure!(made == all, "not every row is there: {made:?}");
        Ok(())
    }
}

impl Report {
    fn text(&self) -> String {
        let peak = self.peak_rss_mib.map_or_else(String::new, |mib| format!("; {mib} MiB at most"));
        format!(
            "{} assignments with their mails on {} in {:.2} s{peak}\n{:.2} s is the limit (plain statements, one transaction): ratio {}",
            self.rows, self.database, self.seconds, self.bare_sql_seconds, self.ratio
        )
    }
}
