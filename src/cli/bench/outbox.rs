//! `gaung bench outbox`: how fast mails are claimed and settled while a million wait, and how long one claim and one settle take.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use anyhow::ensure;
use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;

use super::setting::{Setting, database_of};
use super::spread::{Spread, Stopwatch};
use super::{ground, memory, tell};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::Clock as _;
use crate::domain::actor::Actor;
use crate::domain::outbox::MailState;
use crate::service::{ServiceError, promises};
use crate::store::Manner;
use crate::store::measure;
use crate::store::outbox::{self, Claimed, Settlement, Verdict};

/// `gaung bench outbox`
#[derive(Debug, Args)]
pub struct OutboxBench {
    /// Mails that are claimed and settled
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=5_000_000))]
    rows: u32,
    /// Mails that wait behind them all the while
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(0..=5_000_000))]
    backlog: u32,
    /// Mails a claim; left out: mail.batch_size
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    batch: Option<u32>,
    /// Workers side by side
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// Mails claimed and settled as sent, with counters, assignments and log entries.
    rows: usize,
    /// Mails waiting all the while.
    backlog: u32,
    /// Mails a claim.
    batch: u32,
    /// Workers side by side.
    workers: u32,
    /// Mails a second, from the first claim to the last settle.
    rows_per_s: f64,
    /// One claim, its commit included.
    claim: Spread,
    /// One settle, its commit included.
    settle: Spread,
    /// The most memory of this process meanwhile.
    peak_rss_mib: Option<f64>,
    /// On which database.
    database: &'static str,
}

/// What one worker did.
#[derive(Default)]
struct Work {
    claims: Stopwatch,
    settles: Stopwatch,
    settled: usize,
}

impl OutboxBench {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let setting = Setting::new(place)?;
        let report = start::block_on(async { self.measure(setting).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, setting: Setting) -> anyhow::Result<Report> {
        let app = setting.app()?;
        let first = setting.clock.now() + ground::EARLIER;
        ground::found(&app, &[self.rows + self.backlog], first).await?;
        setting.clock.set(first);
        // What the release itself mailed is none of the measured.
        ground::open_due(&app).await?;
        let db = app.db.clone();
        tokio::task::spawn_blocking(move || measure::settle_down(&db)).await??;
        memory::forget_peak();
        let batch = self.batch.unwrap_or(app.config.mail.batch_size);
        let left = Arc::new(AtomicI64::new(i64::from(self.rows)));
        let began = Instant::now();
        let workers: Vec<_> = (0..self.workers).map(|_| tokio::spawn(work(app.clone(), batch, Arc::clone(&left)))).collect();
        let mut done = Work::default();
        for worker in workers {
            let Work { claims, settles, settled } = worker.await??;
            done.claims.add(claims);
            done.settles.add(settles);
            done.settled += settled;
        }
        let seconds = began.elapsed().as_secs_f64();
        let peak_rss_mib = memory::peak_mib();
        let db = app.db.clone();
        tokio::task::spawn_blocking(move || measure::settle_down(&db)).await??;
        let (broken, _) = promises::check(&app).await?;
        ensure!(broken.is_empty(), "a promise is broken: {broken:?}");
        Ok(Report {
            rows: done.settled,
            backlog: self.backlog,
            batch,
            workers: self.workers,
            rows_per_s: (done.settled as f64 / seconds).round(),
            claim: done.claims.spread(),
            settle: done.settles.spread(),
            peak_rss_mib,
            database: database_of(&app),
        })
    }
}

/// Claims and settles until the common quota is used up.
async fn work(app: App, batch: u32, left: Arc<AtomicI64>) -> anyhow::Result<Work> {
    let mut work = Work::default();
    while left.fetch_sub(i64::from(batch), Ordering::Relaxed) > 0 {
        let began = Instant::now();
        let lease = TimeDelta::seconds(app.config.mail.lease_s.into());
        let front = Arc::clone(&app.front);
        // As the service claims, where nothing else is to be written with it.
        let manner = Manner::in_order().may_be_forgotten();
        let claimed = app.db.write_in(manner, Actor::System, move |tx| {
            let until = tx.now + lease;
            Ok::<_, ServiceError>(outbox::claim(tx, &front, batch, until)?)
        });
        let claimed = claimed.await?;
        work.claims.note(began.elapsed());
        ensure!(!claimed.is_empty(), "nothing was left to claim");
        let settlements: Vec<Settlement> = claimed.into_iter().map(sent).collect();
        let began = Instant::now();
        let settled = app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(outbox::settle(tx, &settlements)?)).await?;
        work.settles.note(began.elapsed());
        work.settled += settled;
    }
    Ok(work)
}

fn sent(claimed: Claimed) -> Settlement {
    Settlement::new(claimed, Verdict { state: MailState::Sent, retry_at: None, why: None })
}

impl Report {
    fn text(&self) -> String {
        format!(
            "{} mails/s claimed and settled on {} by {} workers, {} a claim, {} waiting\nclaim: {}\nsettle: {}",
            self.rows_per_s, self.database, self.workers, self.batch, self.backlog, self.claim, self.settle
        )
    }
}
