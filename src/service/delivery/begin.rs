//! Before mails are given to connections it is written down that they are begun: a worker that dies leaves in doubt what it had begun,
//! and nothing else; and a worker that was frozen learns here that its claims are no longer its own.

use std::collections::HashSet;
use std::time::Duration;

use super::{Lease, send_limit};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::MailId;
use crate::fault;
use crate::service::ServiceError;
use crate::store::outbox::{self, Claimed};

/// The wait between two tries where the database is busy or away.
const WAIT: Duration = Duration::from_millis(200);

/// Marks them; returns those that may be handed over. None where that could not be written down while the lease allows a hand-over.
pub(super) async fn begin(app: &App, claimed: Vec<Claimed>, lease: Lease) -> Option<HashSet<MailId>> {
    loop {
        fault::point("outbox.begin.before");
        let batch = claimed.clone();
        let marked = app.db.write(Actor::System, move |tx| Ok::<_, ServiceError>(outbox::begin(tx, &batch)?)).await;
        match marked {
            Ok(ours) => {
                fault::point("outbox.begin.committed");
                warn_of_lost(claimed.len(), ours.len());
                return Some(ours);
            }
            Err(ServiceError::Busy { .. }) if !app.is_stopping() && lease.may_start(send_limit(lease.lasts)) => {
                tokio::time::sleep(WAIT).await;
            }
            Err(error) => {
                tracing::error!(%error, "mails could not be begun; they are put back");
                return None;
            }
        }
    }
}

/// Tells of claims that are somebody else's by now.
pub(super) fn warn_of_lost(claimed: usize, ours: usize) {
    if ours < claimed {
        tracing::warn!(mails = claimed - ours, "claims were lost before they were begun: their lease ran out");
    }
}
