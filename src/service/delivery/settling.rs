//! Writing down what became of mails, and what follows where too many were refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::health::{self, Brake, Stopped, Tallies};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::outbox::MailState;
use crate::fault;
use crate::service::dispatch::Progress;
use crate::service::{ServiceError, mail_report, measures};
use crate::store::Tx;
use crate::store::mail_health::Rules;
use crate::store::outbox::{self, Settlement};

/// The first wait between two tries to write results down; it doubles ...
const WAIT: Duration = Duration::from_millis(50);
/// ... up to this.
const WAIT_MOST: Duration = Duration::from_secs(2);
/// A service that stops does not wait longer than this for its database.
const WHEN_STOPPING: Duration = Duration::from_secs(15);

/// Results to be written down. Writing them twice is safe: each row is guarded.
#[derive(Debug, Clone)]
pub(super) struct Results {
    settlements: Arc<Vec<Settlement>>,
    tallies: Arc<Tallies>,
    rules: Rules,
}

impl Results {
    pub fn new(app: &App, settlements: Vec<Settlement>) -> Self {
        let tallies = Arc::new(Tallies::of(&settlements));
        Self { settlements: Arc::new(settlements), tallies, rules: health::rules(&app.config.mail.breaker) }
    }

    /// Writes them; says how many were settled by this, and what must stop.
    pub fn write(&self, tx: &mut Tx<'_>, app: &App) -> Result<(usize, Stopped), ServiceError> {
        let n = outbox::settle(tx, &self.settlements)?;
        mail_report::after_settle(tx, app, &self.settlements)?;
        Ok((n, self.tallies.note(tx, &self.rules)?))
    }

    /// What follows once they are committed.
    pub async fn committed(&self, app: &App, brake: &Brake, (n, stopped): (usize, Stopped)) -> Progress {
        measures::settled(app, &self.settlements);
        fault::point("outbox.settle.after");
        brake.pull(&stopped);
        health::stop(app, &stopped).await;
        let failed = self.settlements.iter().filter(|s| s.verdict.state == MailState::Failed).count();
        Progress { done: n as u64, failed: failed.min(n) as u64 }
    }
}

/// Writes down what became of claims; returns how many were settled by this call. A database that is busy or away is asked again for
/// as long as the lease lasts: giving up would make delivered mails `unknown`.
pub(super) async fn settle(app: &App, settlements: Vec<Settlement>) -> Result<Progress, ServiceError> {
    settle_braked(app, Results::new(app, settlements), &Brake::default()).await
}

/// As [`settle`]; pulls the brake for what must stop.
pub(super) async fn settle_braked(app: &App, results: Results, brake: &Brake) -> Result<Progress, ServiceError> {
    let began = Instant::now();
    let most = Duration::from_secs(app.config.mail.lease_s.into());
    let mut wait = WAIT;
    fault::point("outbox.settle.before");
    loop {
        let (this, writing) = (app.clone(), results.clone());
        match app.db.write(Actor::System, move |tx| writing.write(tx, &this)).await {
            Err(ServiceError::Busy { .. })
                if began.elapsed() + wait < if app.is_stopping() { WHEN_STOPPING.min(most) } else { most } =>
            {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(WAIT_MOST);
            }
            Err(error) => return Err(error),
            Ok(written) => return Ok(results.committed(app, brake, written).await),
        }
    }
}
