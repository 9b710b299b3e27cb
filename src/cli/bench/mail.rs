//! `gaung bench mail`: how many mails a second leave, with claims and settles, and how much of the limit that is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;
use serde::Serialize;

use super::postfix::Tools;
use super::{ground, median, peer, proxy, tell};
use crate::app::App;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{Place, start};
use crate::clock::{Clock as _, ManualClock, SystemClock};
use crate::config::{Config, MailTransport, TlsMode};
use crate::service::{delivery, promises};
use crate::store::migrate;

/// `gaung bench mail`
#[derive(Debug, Args)]
pub struct MailBench {
    /// Mails a round
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    messages: u32,
    /// Rounds; the middle one counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: u32,
    /// Connections to the relay
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100))]
    connections: u32,
    /// The directory of smtp-source and smtp-sink
    #[arg(long, value_name = "DIR")]
    tools: Option<PathBuf>,
    /// A node_modules directory with nodemailer; without it the peer is left out
    #[arg(long, value_name = "DIR")]
    modules: Option<PathBuf>,
    /// Prints one line of JSON
    #[arg(long)]
    json: bool,
}

/// What was measured. Rates are medians of the rounds.
#[derive(Debug, Serialize)]
struct Report {
    /// From the outbox to the sink, claims, texts and settles included.
    messages_per_s: f64,
    /// `smtp-source -d` on the same sink.
    limit_per_s: f64,
    /// The median of each round's own ratio.
    ratio: f64,
    /// The same way through a proxy that adds a 20 ms round trip.
    rtt20_messages_per_s: f64,
    /// Who else was measured.
    peer: Option<String>,
    /// Its rate on the same sink.
    peer_per_s: Option<f64>,
    /// On which database.
    database: &'static str,
    /// How many connections.
    connections: u32,
    /// How many mails a round.
    messages: u32,
    /// A message's size, in bytes.
    message_bytes: usize,
}

/// A round trip to a relay on another continent's edge, or across an archipelago.
const FAR: Duration = Duration::from_millis(20);
/// The peer is slow: it is asked for a share of the mails.
const PEER_SHARE: u32 = 10;

impl MailBench {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let tools = Tools::find(self.tools.as_deref()).map_err(Failure::Environment)?;
        let dir = tempfile::tempdir().map_err(|e| Failure::Environment(e.into()))?;
        let place = Place { data_dir: Some(dir.path().to_path_buf()), ..place.clone() };
        let config = start::config(&place, None)?;
        let report = start::block_on(async { self.measure(config, &tools).await.map_err(Failure::Environment) })?;
        tell(self.json, &report, Report::text)
    }

    async fn measure(&self, config: Config, tools: &Tools) -> anyhow::Result<Report> {
        let sink = tools.sink()?;
        let counting = proxy::start(sink.address, Duration::ZERO).await?;
        let far = proxy::start(sink.address, FAR).await?;
        let clock = ManualClock::at(SystemClock.now());
        let size = self.prepare(&self.app(config.clone(), &clock, counting.address)?, &clock, &counting).await?;
        let near_app = self.app(config.clone(), &clock, sink.address)?;
        let (mut own, mut limits, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            let limit = tools.limit(sink.address, self.connections, self.messages, size)?;
            let rate = self.round(&near_app, &clock).await?;
            tracing::info!(rate, limit, "a round");
            own.push(rate);
            limits.push(limit);
            ratios.push(rate / limit);
        }
        drop(near_app);
        let far_app = self.app(config, &clock, far.address)?;
        let rtt20_messages_per_s = self.round(&far_app, &clock).await?;
        let peer = match &self.modules {
            None => None,
            Some(modules) => {
                Some(peer::run(modules, sink.address, self.connections, (self.messages / PEER_SHARE).max(100), size)?)
            }
        };
        let (broken, _) = promises::check(&far_app).await?;
        ensure!(broken.is_empty(), "a promise is broken: {broken:?}");
        Ok(Report {
            messages_per_s: rounded(median(own)),
            limit_per_s: rounded(median(limits)),
            ratio: (median(ratios).unwrap_or_default() * 1_000.0).round() / 1_000.0,
            rtt20_messages_per_s: rounded(Some(rtt20_messages_per_s)),
            peer_per_s: peer.as_ref().map(|p| rounded(Some(p.per_s))),
            peer: peer.map(|p| p.peer),
            database: if far_app.db.is_sqlite() { "SQLite" } else { "PostgreSQL" },
            connections: self.connections,
            messages: self.messages,
            message_bytes: size,
        })
    }

    fn app(&self, mut config: Config, clock: &ManualClock, relay: SocketAddr) -> anyhow::Result<App> {
        config.institution.name = "Kementerian Layanan Publik".into();
        config.institution.base_url = "https://gaung.klp.example.id".into();
        config.mail.from_address = "gaung@klp.example.id".into();
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp.host = relay.ip().to_string();
        config.mail.smtp.port = relay.port();
        config.mail.smtp.tls = TlsMode::None;
        config.mail.smtp.connections = self.connections;
        Ok(App::build(config, clock.shared())?)
    }

    /// Founds the institution, and sends a first round that warms caches and pages; tells how large a message is, envelope included.
    async fn prepare(&self, app: &App, clock: &ManualClock, relay: &proxy::Proxy) -> anyhow::Result<usize> {
        migrate::up(&app.db)?;
        let first = clock.now() + ground::EARLIER;
        // The measured rounds, the one before them and the one from afar.
        ground::found(app, &vec![self.messages; self.rounds as usize + 2], first).await?;
        drain(app).await?;
        clock.set(first);
        let before = relay.sent();
        self.round(app, clock).await?;
        Ok(usize::try_from((relay.sent() - before) / u64::from(self.messages))?)
    }

    /// Opens the next wave, then times its mails from the first claim to the last settle.
    async fn round(&self, app: &App, clock: &ManualClock) -> anyhow::Result<f64> {
        let made = ground::open_due(app).await?;
        clock.advance(ground::BETWEEN);
        ensure!(made > 0, "no wave opened");
        let began = Instant::now();
        let sent = drain(app).await?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(sent == u64::from(self.messages), "{sent} of {} mails were settled", self.messages);
        Ok(f64::from(self.messages) / seconds)
    }
}

/// Delivers until nothing is due; returns how many were settled.
async fn drain(app: &App) -> anyhow::Result<u64> {
    let mut settled = 0;
    loop {
        let progress = delivery::deliver_due_mail(app).await?;
        ensure!(progress.failed == 0, "{} mails failed", progress.failed);
        if progress.done == 0 {
            return Ok(settled);
        }
        settled += progress.done;
    }
}

fn rounded(rate: Option<f64>) -> f64 {
    rate.unwrap_or_default().round()
}

impl Report {
    fn text(&self) -> String {
        let peer = match (&self.peer, self.peer_per_s) {
            (Some(peer), Some(rate)) => format!("{peer}: {rate} mails/s"),
            _ => "no peer was measured (--modules)".to_owned(),
        };
        format!(
            "{} mails/s from the outbox on {} over {} connections, {} bytes each\n\
             {} mails/s is the limit (smtp-source -d on the same sink): ratio {}\n\
             {} mails/s with a round trip of 20 ms\n{peer}",
            self.messages_per_s,
            self.database,
            self.connections,
            self.message_bytes,
            self.limit_per_s,
            self.ratio,
            self.rtt20_messages_per_s
        )
    }
}
