//! `gaung serve`: pages, API and, unless told otherwise, the scheduler and the mail, in one process.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use clap::Args;
use tokio::sync::oneshot;

use super::failure::{Failure, Outcome};
use super::metrics::Metrics;
use super::output::{complain, say};
use super::signals::{Asked, StopSignals, wind_down};
use super::{Place, start};
use crate::app::App;
use crate::config::Config;
use crate::jobs::heartbeat;
use crate::mail::transport::Transport;
use crate::web::server;

/// `gaung serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Listens on this port; 0 takes any free one and says which
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Answers requests only: the scheduler and the mail run in `gaung worker`
    #[arg(long)]
    no_jobs: bool,
}

impl Serve {
    /// Runs until it is asked to stop.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let mut config = start::config(place, self.port)?;
        start::log(&config)?;
        let listener = listen(&config)?;
        let address = listener.local_addr().map_err(|e| Failure::Environment(e.into()))?;
        follow_port(&mut config, address);
        let app = start::build(config)?;
        let _sole = start::alone(&app)?;
        start::bring_up_to_date(&app)?;
        start::block_on(async {
            // Before anybody is told that it runs, and may tell it to stop.
            let signals = StopSignals::catch()?;
            let metrics = Metrics::listen(&app)?;
            announce(&app, address);
            serve_until(app, listener, (!self.no_jobs, metrics), signals).await
        })
    }
}

/// The port is taken first: whoever connects while the database is being migrated waits, and two servers never share one.
pub fn listen(config: &Config) -> Result<TcpListener, Failure> {
    let address = SocketAddr::new(config.server.bind, config.server.port);
    TcpListener::bind(address).map_err(|e| {
        Failure::environment(format!(
            "can't listen on {address}: {e}; choose another port with --port, or server.bind in the configuration"
        ))
    })
}

/// On one's own machine, where nobody set another address, links lead to the port that is really listened on.
pub fn follow_port(config: &mut Config, address: SocketAddr) {
    let base_url = &mut config.institution.base_url;
    if base_url == "http://127.0.0.1:8080" && address.ip().is_loopback() {
        *base_url = format!("http://{address}");
    }
}

/// An address to listen on, as somebody on this machine reaches it.
pub fn seen_from_here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn announce(app: &App, address: SocketAddr) {
    let url = format!("http://{}", seen_from_here(address));
    say(&format!("Gaung {} listens on {url}", env!("CARGO_PKG_VERSION")));
    if app.config.shows_mailbox() {
        say(&format!("Mail is kept, not sent: {url}/mailbox"));
        if !address.ip().is_loopback() {
            complain("Everybody who reaches this address can open everybody's links there: set server.dev_mailbox = false");
        }
    }
}

/// Serves until SIGTERM or Ctrl-C.
pub async fn serve(app: App, listener: TcpListener, with_jobs: bool) -> Result<Outcome, Failure> {
    serve_until(app, listener, (with_jobs, None), StopSignals::catch()?).await
}

/// Serves until a signal, then lets requests, the sweep in hand and the mail under way end.
async fn serve_until(
    app: App,
    listener: TcpListener,
    (with_jobs, metrics): (bool, Option<Metrics>),
    mut signals: StopSignals,
) -> Result<Outcome, Failure> {
    let heart =
        if with_jobs { Some(heartbeat::start(app.clone()).await.map_err(|e| Failure::Environment(e.into()))?) } else { None };
    let metrics = metrics.map(|metrics| metrics.serve(&app));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = server::serve(app.clone(), listener, async {
        let _ = stopped.await;
    });
    tokio::pin!(server);
    let (ended_alone, drain) = tokio::select! {
        ended = &mut server => (Some(ended), Duration::ZERO),
        asked = signals.next() => (None, drain(&app, asked)),
    };
    tracing::info!(drain_s = drain.as_secs(), "stopping");
    // From here on /readyz is red, sweeps come to an end, and mail that was not begun is put back.
    app.stop();
    let end = async {
        let jobs = async {
            if let Some(heart) = heart {
                heart.stop().await;
            }
            if let Transport::Smtp(pool) = &app.transport {
                pool.close().await;
            }
            if let Some(metrics) = metrics {
                metrics.stop().await;
            }
        };
        match ended_alone {
            Some(ended) => {
                jobs.await;
                let why = ended.err().map_or_else(String::new, |e| format!(": {e}"));
                Err(Failure::environment(format!("the web server ended by itself{why}")))
            }
            None => {
                // Whoever balances goes on sending requests until it has seen that.
                let drained = async {
                    tokio::time::sleep(drain).await;
                    let _ = stop.send(());
                };
                let (served, (), ()) = tokio::join!(server, jobs, drained);
                served.map_err(|e| Failure::environment(format!("the web server did not end cleanly: {e}")))
            }
        }
    };
    wind_down(end, &mut signals).await
}

/// How long requests are still taken.
fn drain(app: &App, asked: Asked) -> Duration {
    match asked {
        Asked::BySupervisor => Duration::from_secs(app.config.server.drain_s.into()),
        Asked::ByHand => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_is_shown_as_somebody_on_this_machine_reaches_it() {
        for (address, seen) in [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:81", "[::1]:81"), ("10.1.2.3:82", "10.1.2.3:82")] {
            assert_eq!(address.parse().map(seen_from_here), Ok(seen.parse().unwrap()));
        }
    }
}
