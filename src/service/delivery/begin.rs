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

/// Mails marked in one transaction: what a dead worker leaves in doubt is hardly more than this and what its connections hold.
pub(super) const GROUP: usize = 64;

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
                if ours.len() < claimed.len() {
                    tracing::warn!(
                        mails = claimed.len() - ours.len(),
                        "claims were lost before they were begun: their lease ran out"
                    );
                }
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
