//! `gaung healthcheck`: for container engines and supervisors. Asks the process on this machine, and is silent when all is well.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;

use super::failure::{Failure, Outcome};
use super::serve::seen_from_here;
use super::{Place, start};
use crate::config::{Config, DatabaseUrl};
use crate::service::heartbeat;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How old the last tick may be: a sweep over a million rows takes its time.
const OLDEST_TICK: TimeDelta = TimeDelta::seconds(120);

/// `gaung healthcheck`
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// The port that `gaung serve` listens on
    #[arg(long, value_name = "PORT", conflicts_with = "worker")]
    port: Option<u16>,
    /// Asks the database when a scheduler last ticked, instead of the web server
    #[arg(long)]
    worker: bool,
}

impl Healthcheck {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let config = start::config(place, self.port)?;
        if self.worker {
            ticks(config)?
        } else {
            answers(&config)?
        }
        Ok(Outcome::Done)
    }
}

fn answers(config: &Config) -> Result<(), Failure> {
    let address = seen_from_here(SocketAddr::new(config.server.bind, config.server.port));
    let silent = |e: std::io::Error| Failure::refused(format!("http://{address}/healthz does not answer: {e}"));
    let head = ask(address).map_err(silent)?;
    if head.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    Err(Failure::refused(format!("http://{address}/healthz answers {:?}", head.lines().next().unwrap_or_default())))
}

/// The first octets of the answer.
fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut head = Vec::new();
    stream.take(64).read_to_end(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn ticks(config: Config) -> Result<(), Failure> {
    if let DatabaseUrl::Sqlite(path) = config.database_url()?
        && !path.exists()
    {
        return Err(Failure::refused(format!("there is no database {}", path.display())));
    }
    let app = start::build(config)?;
    let last = start::block_on(async { Ok(heartbeat::last_tick(&app).await?) })?;
    match last {
        Some(at) if app.clock.now() - at <= OLDEST_TICK => Ok(()),
        Some(at) => Err(Failure::refused(format!("the scheduler ticked last at {}", at.format("%F %T UTC")))),
        None => Err(Failure::refused("no scheduler has ticked yet")),
    }
}
