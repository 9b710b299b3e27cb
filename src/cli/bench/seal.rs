//! `gaung bench seal`: the lag from an event to the signed checkpoint that holds it, at a given rate; and what sealing costs beside the
//! bare insert of the same rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::setting::{Setting, database_of};
use super::spread::{Spread, Stopwatch};
use super::{memory, tell};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::SteadyClock;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, UnitId, WaveId};
use crate::jobs::heartbeat;
use crate::service::{ServiceError, seal};
use crate::store::seal as rows;
use crate::store::tx::NewEntry;
use crate::store::{StoreError, measure, migrate};

/// How often it is looked which checkpoint everybody can see; a lag is measured too long by up to this.
const LOOK: Duration = Duration::from_millis(10);
/// What is written and not sealed after so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// `gaung bench seal`
#[derive(Debug, Args)]
pub struct SealBench {
    /// Events a second
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// For so many seconds
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Events of one transaction, as when many press *Done* at once
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    together: u32,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// Events a second that were asked for.
    rate: u32,
    /// Events a second that were written.
    reached_per_s: f64,
    /// Events of one transaction.
    together: u32,
    /// Events in all.
    events: usize,
    /// From an event to the signed checkpoint that holds it, as seen by a reader of the database; too long by up to 10 ms.
    lag: Spread,
    /// Checkpoints that were signed meanwhile.
    checkpoints: usize,
    /// The same number of rows, inserted with the same transactions as fast as one writer can and nothing else running.
    bare_insert_per_s: f64,
    /// Those rows, sealed as a backlog with nothing else running.
    sealed_backlog_per_s: f64,
    /// Seconds of sealing for a second of inserting.
    seal_to_insert: f64,
    /// The most memory of this process meanwhile.
    peak_rss_mib: Option<f64>,
    /// On which database.
    database: &'static str,
}

impl SealBench {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let setting = Setting::new(place)?;
        let report = start::block_on(async { self.measure(setting).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, setting: Setting) -> anyhow::Result<Report> {
        // By the machine's clock: lag is real time.
        let app = App::build(setting.config.clone(), SteadyClock::shared())?;
        ensure!(migrate::applied(&app.db)? == 0, "the database is not empty; measuring needs one of its own");
        migrate::up(&app.db)?;
        memory::forget_peak();
        let events = self.rate as usize * self.seconds as usize;
        let (bare, sealing) = self.backlog(&app, events).await?;
        let began = rows_sealed(&app).await?;
        let heart = heartbeat::start(app.clone()).await?;
        let done = Arc::new(AtomicBool::new(false));
        let watch = tokio::spawn(watch(app.clone(), Arc::clone(&done)));
        let wrote = self.at_rate(&app, events).await?;
        until_sealed(&app).await?;
        done.store(true, Ordering::Relaxed);
        let seen = watch.await??;
        heart.stop().await;
        let lags = lags(&app, began, &seen).await?;
        ensure!(lags.count() >= events, "{} of {events} events were sealed", lags.count());
        Ok(Report {
            rate: self.rate,
            reached_per_s: (events as f64 / wrote.as_secs_f64()).round(),
            together: self.together,
            events,
            lag: lags.spread(),
            checkpoints: seen.len(),
            bare_insert_per_s: (events as f64 / bare.as_secs_f64()).round(),
            sealed_backlog_per_s: (events as f64 / sealing.as_secs_f64()).round(),
            seal_to_insert: (sealing.as_secs_f64() / bare.as_secs_f64() * 100.0).round() / 100.0,
            peak_rss_mib: memory::peak_mib(),
            database: database_of(&app),
        })
    }

    /// Inserts the rows with nothing else running, then seals them; how long each took.
    async fn backlog(&self, app: &App, events: usize) -> anyhow::Result<(Duration, Duration)> {
        let began = Instant::now();
        for _ in 0..events.div_ceil(self.together as usize) {
            write(app, self.together).await?;
        }
        let bare = began.elapsed();
        let db = app.db.clone();
        tokio::task::spawn_blocking(move || measure::settle_down(&db)).await??;
        let began = Instant::now();
        while seal::sweep(app).await?.done > 0 {}
        let sealing = began.elapsed();
        let stop = app.sealing.stop();
        ensure!(stop.is_none(), "nothing was sealed: {stop:?}");
        Ok((bare, sealing))
    }

    /// Writes events at the asked rate: when each is due, not when the one before was done.
    async fn at_rate(&self, app: &App, events: usize) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let every = Duration::from_secs_f64(f64::from(self.together) / f64::from(self.rate));
        let mut writes = tokio::task::JoinSet::new();
        for n in 0..events.div_ceil(self.together as usize) {
            let due = began + every * u32::try_from(n).unwrap_or(u32::MAX);
            tokio::time::sleep_until(due.into()).await;
            let (app, together) = (app.clone(), self.together);
            writes.spawn(async move { write(&app, together).await });
        }
        while let Some(written) = writes.join_next().await {
            written??;
        }
        Ok(began.elapsed())
    }
}

/// One transaction with so many entries, as large as those of a completion.
async fn write(app: &App, entries: u32) -> Result<(), ServiceError> {
    app.db
        .write(Actor::System, move |tx| {
            for _ in 0..entries {
                let entry = NewEntry::new(EventKind::AssignmentDone).unit(UnitId::new()).campaign(CampaignId::new());
                let entry = entry.wave(WaveId::new()).assignment(AssignmentId::new()).subject(uuid::Uuid::new_v4().to_string());
                tx.record(entry.payload(json!({ "level": "declared" })));
            }
            Ok(())
        })
        .await
}

async fn rows_sealed(app: &App) -> Result<i64, ServiceError> {
    app.db.read(|conn| Ok(rows::current(conn)?.map_or(0, |log| log.size))).await
}

/// Every checkpoint when it could be seen first: its size, and that time.
async fn watch(app: App, done: Arc<AtomicBool>) -> anyhow::Result<Vec<(i64, DateTime<Utc>)>> {
    let mut seen: Vec<(i64, DateTime<Utc>)> = Vec::new();
    loop {
        // Asked before looking: the last checkpoint is there by then.
        let is_last = done.load(Ordering::Relaxed);
        let latest = app.db.read(|conn| Ok::<_, StoreError>(rows::latest(conn, 1)?.map(|row| row.size))).await?;
        if let Some(size) = latest.filter(|size| seen.last().is_none_or(|(last, _)| last < size)) {
            seen.push((size, app.clock.now()));
        }
        if is_last {
            return Ok(seen);
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn until_sealed(app: &App) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let open = app.db.read(|conn| {
            let size = rows::current(conn)?.map_or(0, |log| log.size);
            let signed = rows::latest(conn, 1)?.map_or(0, |row| row.size);
            Ok::<_, StoreError>(rows::oldest_unsealed(conn)?.is_some() || signed < size)
        });
        if !open.await? {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "the log was not sealed within {} s", PATIENCE.as_secs());
        tokio::time::sleep(LOOK).await;
    }
}

/// How long each entry from index `began` on waited until a checkpoint that holds it could be seen.
async fn lags(app: &App, began: i64, seen: &[(i64, DateTime<Utc>)]) -> anyhow::Result<Stopwatch> {
    const CHUNK: i64 = 10_000;
    let (mut lags, mut first) = (Stopwatch::default(), began);
    loop {
        let found = app.db.read(move |conn| rows::sealed(conn, first, first + CHUNK)).await?;
        for row in &found {
            let index = row.leaf_index.unwrap_or_default();
            let place = seen.partition_point(|(size, _)| *size <= index);
            if let Some((_, at)) = seen.get(place) {
                lags.note((*at - row.at.0).to_std().unwrap_or_default());
            }
        }
        if found.is_empty() {
            return Ok(lags);
        }
        first += CHUNK;
    }
}

impl Report {
    fn text(&self) -> String {
        format!(
            "{} events/s for {} events on {}, {} a transaction: from the event to the signed checkpoint {}\n\
             {} checkpoints; the same rows inserted bare: {}/s; sealed as a backlog: {}/s, {} s for each second of inserting",
            self.reached_per_s,
            self.events,
            self.database,
            self.together,
            self.lag,
            self.checkpoints,
            self.bare_insert_per_s,
            self.sealed_backlog_per_s,
            self.seal_to_insert
        )
    }
}
