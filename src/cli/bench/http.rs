//! `gaung bench http`: task pages and *Done* over HTTP against the real server, also while a wave opens, beside the database's own rate
//! of single-row commits, and on PostgreSQL of the same rows in transactions of their own.

use super::tell;
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;

use super::ground;
use super::load::{self, Ask, Found};
use super::setting::{Setting, database_of};
use super::spread::Spread;
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::Clock as _;
use crate::service::{ServiceError, promises, task};
use crate::store::measure::{self, OpenTask};
use crate::store::wave;
use crate::web::server;

/// `gaung bench http`
#[derive(Debug, Args)]
pub struct HttpBench {
    /// Members with a task each; half of them press *Done* in peace, half while another wave opens
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    rows: u32,
    /// Assignments of the wave that opens meanwhile
    #[arg(long, value_name = "N", default_value_t = 300_000, value_parser = clap::value_parser!(u32).range(100..=5_000_000))]
    fan_out: u32,
    /// Connections that are kept open
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    connections: u32,
    /// Each *Done* names a post's address
    #[arg(long)]
    linked: bool,
    /// Prints one JSON value
    #[arg(long)]
    json: bool,
}

/// One kind of request under load.
#[derive(Debug, Serialize)]
struct Rate {
    /// Answers.
    requests: usize,
    /// Answers a second.
    per_s: f64,
    /// How long an answer took.
    took: Spread,
    /// Answers that were not the expected ones.
    errors: usize,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// On which database.
    database: &'static str,
    /// Connections that were kept open.
    connections: u32,
    /// A member's task page, as a browser asks for it.
    page: Rate,
    /// The longest page as it came over the wire.
    page_bytes: usize,
    /// The longest page before it is compressed.
    page_bytes_plain: usize,
    /// *Done*.
    done: Rate,
    /// *Done* while another wave opens.
    done_in_fan_out: Rate,
    /// How many assignments that wave made a second meanwhile.
    fan_out_per_s: f64,
    /// New rows a second, each with a commit of its own, over as many connections as the service has.
    bare_commits_per_s: f64,
    /// *Done* beside that.
    ratio: f64,
    /// Answers a second to requests that ask the database nothing, over as many connections as *Done* comes in on.
    answers_per_s: f64,
    /// On PostgreSQL: as many a second where each is one such answer and one such commit, all of them on the same processors.
    answer_and_commit_per_s: Option<f64>,
    /// *Done* beside that.
    answer_and_commit_ratio: Option<f64>,
    /// On PostgreSQL: transactions a second that write one completion's rows each and nothing else, over as many connections.
    same_rows_per_s: Option<f64>,
    /// *Done* beside that.
    same_rows_ratio: Option<f64>,
}

/// Of so many pages one is asked for beforehand.
const WARM_SHARE: usize = 20;

impl HttpBench {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let setting = Setting::new(place)?;
        // As an operator has it: what is logged is paid for.
        start::log(&setting.config)?;
        let report = start::block_on(async { self.measure(setting).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, setting: Setting) -> anyhow::Result<Report> {
        let app = setting.app()?;
        let first = setting.clock.now() + ground::EARLIER;
        ground::found(&app, &[self.rows, self.fan_out], first).await?;
        setting.clock.set(first);
        let tasks = self.open(&app).await?;
        let bare_commits_per_s = self.bare(&app).await?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server::serve(app.clone(), listener, async {
            let _ = stopped.await;
        }));
        let report = self.load((&app, &setting, address), &tasks, bare_commits_per_s).await;
        let _ = stop.send(());
        serving.await??;
        let mut report = report?;
        if !app.db.is_sqlite() {
            let both = 1.0 / (1.0 / report.answers_per_s + 1.0 / bare_commits_per_s);
            report.answer_and_commit_per_s = Some(both.round());
            report.answer_and_commit_ratio = Some(rounded(report.done.per_s / both));
            let per_s = self.same_rows(&app).await?;
            report.same_rows_per_s = Some(per_s);
            report.same_rows_ratio = Some(rounded(report.done.per_s / per_s));
        }
        let (broken, totals) = promises::check(&app).await?;
        ensure!(broken.is_empty(), "a promise is broken: {broken:?}");
        let done = totals.assignments.get("done").copied().unwrap_or_default();
        ensure!(done == i64::from(self.rows), "{done} of {} completions are on file", self.rows);
        Ok(report)
    }

    /// Opens the first wave; gives its tasks.
    async fn open(&self, app: &App) -> anyhow::Result<Vec<OpenTask>> {
        let now = app.clock.now();
        let due = app.db.read(move |conn| Ok::<_, ServiceError>(wave::list_due(conn, now, 0, 1)?)).await?;
        let wave_id = *due.first().context("no wave is due")?;
        ground::open_due(app).await?;
        let tasks = app.db.read(move |conn| Ok::<_, ServiceError>(measure::open_tasks(conn, wave_id)?)).await?;
        ensure!(tasks.len() == self.rows as usize, "{} of {} tasks are open", tasks.len(), self.rows);
        let db = app.db.clone();
        tokio::task::spawn_blocking(move || measure::settle_down(&db)).await??;
        Ok(tasks)
    }

    /// One row a commit, over as many connections as requests come in on, or as the service has.
    async fn bare(&self, app: &App) -> anyhow::Result<f64> {
        let writers = if app.db.is_sqlite() { 1 } else { self.connections.min(app.config.database.pool_size) };
        let each = (self.rows / writers).max(100);
        let began = Instant::now();
        let running: Vec<_> = (0..writers)
            .map(|n| {
                let db = app.db.clone();
                tokio::task::spawn_blocking(move || measure::commit_rows(&db, n * each, (n + 1) * each))
            })
            .collect();
        for one in running {
            one.await??;
        }
        let per_s = (f64::from(writers * each) / began.elapsed().as_secs_f64()).round();
        measure::forget_rows(&app.db)?;
        Ok(per_s)
    }

    /// The rows of completions alone, a transaction each, over as many connections as requests came in on, or as the service has.
    async fn same_rows(&self, app: &App) -> anyhow::Result<f64> {
        let db = app.db.clone();
        let rows = tokio::task::spawn_blocking(move || measure::make_copies(&db)).await??;
        ensure!(rows.len() == self.rows as usize, "{} of {} completions have an entry", rows.len(), self.rows);
        let writers = self.connections.min(app.config.database.pool_size) as usize;
        let parts: Vec<Vec<measure::Copied>> = rows.chunks(rows.len().div_ceil(writers)).map(<[_]>::to_vec).collect();
        let began = Instant::now();
        let running: Vec<_> = parts
            .into_iter()
            .map(|part| {
                let db = app.db.clone();
                tokio::task::spawn_blocking(move || measure::write_copies(&db, &part))
            })
            .collect();
        for one in running {
            one.await??;
        }
        let per_s = (f64::from(self.rows) / began.elapsed().as_secs_f64()).round();
        measure::drop_copies(&app.db)?;
        Ok(per_s)
    }

    async fn load(
        &self,
        (app, setting, address): (&App, &Setting, SocketAddr),
        tasks: &[OpenTask],
        bare_commits_per_s: f64,
    ) -> anyhow::Result<Report> {
        let (looks, presses, page_bytes_plain) = self.asks(app, address, tasks).await?;
        // What a service does once, such as connecting to its database, is done when it is measured.
        let some = looks.iter().take(looks.len() / WARM_SHARE).cloned().collect();
        load::run(address, self.connections, some, 200).await?;
        let page = load::run(address, self.connections, looks, 200).await?;
        let empty = vec![Ask { path: "/healthz".to_owned(), form: None }; presses.len() / 2];
        let answers_per_s = load::run(address, self.connections, empty, 200).await?.per_s();
        // The pages were handed out a minute ago by the time that somebody presses.
        setting.clock.advance(TimeDelta::minutes(1));
        let (peace, unrest) = presses.split_at(presses.len() / 2);
        let done = load::run(address, self.connections, peace.to_vec(), 303).await?;
        setting.clock.advance(ground::BETWEEN);
        let fan_out = tokio::spawn({
            let app = app.clone();
            async move {
                let began = Instant::now();
                ground::open_due(&app).await.map(|_| began.elapsed().as_secs_f64())
            }
        });
        let done_in_fan_out = load::run(address, self.connections, unrest.to_vec(), 303).await?;
        let fan_out_s = fan_out.await??;
        Ok(Report {
            database: database_of(app),
            connections: self.connections,
            page_bytes: page.longest,
            page_bytes_plain,
            page: page.into(),
            ratio: rounded(done.per_s() / bare_commits_per_s),
            done: done.into(),
            done_in_fan_out: done_in_fan_out.into(),
            fan_out_per_s: (f64::from(self.fan_out) / fan_out_s).round(),
            bare_commits_per_s,
            answers_per_s,
            answer_and_commit_per_s: None,
            answer_and_commit_ratio: None,
            same_rows_per_s: None,
            same_rows_ratio: None,
        })
    }

    /// What is asked: every page, and every page's form with its nonce.
    async fn asks(&self, app: &App, address: SocketAddr, tasks: &[OpenTask]) -> anyhow::Result<(Vec<Ask>, Vec<Ask>, usize)> {
        let mut looks = Vec::with_capacity(tasks.len());
        let mut presses = Vec::with_capacity(tasks.len());
        for (n, task) in tasks.iter().enumerate() {
            let token = task::task_token(app, task.id, task.link_version, task.expires_at.0);
            let nonce = task::view(app, &token).await?.nonce;
            let url = if self.linked { format!("https://x.com/{}/status/19{n:012}", task.handle) } else { String::new() };
            let fields = [("nonce", nonce.as_str()), ("act", "done"), ("disclosure", "on"), ("url", url.as_str())];
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            let path = format!("/t/{token}");
            looks.push(Ask { path: path.clone(), form: None });
            presses.push(Ask { path, form: Some(form) });
        }
        let first = looks.first().context("there is no task")?;
        let plain = length_plain(address, &first.path).await?;
        Ok((looks, presses, plain))
    }
}

fn rounded(ratio: f64) -> f64 {
    (ratio * 1_000.0).round() / 1_000.0
}

/// How long a page is when it is asked for without compression.
async fn length_plain(address: SocketAddr, path: &str) -> anyhow::Result<usize> {
    let mut client = load::Client::connect(address).await?;
    let (status, body) = client.ask_plain(path).await?;
    ensure!(status == 200, "the page answers {status}");
    Ok(body.len())
}

impl From<Found> for Rate {
    fn from(found: Found) -> Self {
        Self { requests: found.took.count(), per_s: found.per_s(), errors: found.errors, took: found.took.spread() }
    }
}

impl Rate {
    fn text(&self) -> String {
        format!("{}/s, {}, {} errors", self.per_s, self.took, self.errors)
    }
}

impl Report {
    fn same_rows(&self) -> String {
        let both = self.same_rows_per_s.zip(self.same_rows_ratio);
        both.map(|(per_s, ratio)| format!("\nits own rows alone: {per_s} transactions/s, ratio {ratio}")).unwrap_or_default()
    }
    fn limit(&self) -> String {
        let both = self.answer_and_commit_per_s.zip(self.answer_and_commit_ratio);
        both.map(|(per_s, ratio)| format!("; one answer and one commit each: {per_s}/s, ratio {ratio}")).unwrap_or_default()
    }
    fn text(&self) -> String {
        format!(
            "{} over {} connections\npages: {}, {} bytes ({} before compression)\ndone: {}\nthe database alone: {} commits/s, ratio {}\n\
             answers alone: {}/s{}{}\ndone while a wave opens ({} assignments/s): {}",
            self.database,
            self.connections,
            self.page.text(),
            self.page_bytes,
            self.page_bytes_plain,
            self.done.text(),
            self.bare_commits_per_s,
            self.ratio,
            self.answers_per_s,
            self.limit(),
            self.same_rows(),
            self.fan_out_per_s,
            self.done_in_fan_out.text()
        )
    }
}
