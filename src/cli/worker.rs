//! `gaung worker`: the scheduler and the mail without pages.

use super::failure::{Failure, Outcome};
use super::metrics::Metrics;
use super::output::say;
use super::signals::{StopSignals, wind_down};
use super::{Place, start};
use crate::jobs::heartbeat;
use crate::mail::transport::Transport;

/// Runs until it is asked to stop.
pub fn run(place: &Place) -> Result<Outcome, Failure> {
    let config = start::config(place, None)?;
    start::log(&config)?;
    let app = start::build(config)?;
    let _sole = start::alone(&app)?;
    start::bring_up_to_date(&app)?;
    start::block_on(async {
        let mut signals = StopSignals::catch()?;
        let metrics = Metrics::listen(&app)?.map(|metrics| metrics.serve(&app));
        let heart = heartbeat::start(app.clone()).await.map_err(|e| Failure::Environment(e.into()))?;
        say("The worker runs; stop it with Ctrl-C");
        signals.next().await;
        let stopped = async {
            heart.stop().await;
            if let Some(metrics) = metrics {
                metrics.stop().await;
            }
            if let Transport::Smtp(pool) = &app.transport {
                pool.close().await;
            }
            Ok(())
        };
        wind_down(stopped, &mut signals).await
    })
}
