//! Taking the next batch of mails under a lease, in one short transaction.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::settling::settle;
use super::{Batch, Lease, put_back};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::fault;
use crate::service::ServiceError;
use crate::store::outbox::{self, Claimed, Front};
use crate::store::{Manner, StoreError, Tx};

/// A claim in the making. What it took is noted here too, for the case that the database goes away between committing and saying so.
#[derive(Debug, Clone)]
pub(super) struct Claiming {
    lease: Lease,
    lease_s: u32,
    limit: u32,
    front: Arc<Front>,
    taken: Arc<Mutex<Vec<Claimed>>>,
}

impl Claiming {
    /// A claim of at most so many, its lease counted from now; none where the service stops or the relay rests.
    pub fn new(app: &App, limit: u32) -> Option<Self> {
        if app.is_stopping() || app.relay.resting(app.clock.now()).is_some() {
            return None;
        }
        let lease_s = app.config.mail.lease_s;
        let lease = Lease { taken: Instant::now(), lasts: Duration::from_secs(lease_s.into()) };
        Some(Self { lease, lease_s, limit, front: Arc::clone(&app.front), taken: Arc::default() })
    }

    /// Takes what is due.
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<Vec<Claimed>, StoreError> {
        let until = tx.now + TimeDelta::seconds(self.lease_s.into());
        let claimed = outbox::claim(tx, &self.front, self.limit, until)?;
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&claimed);
        Ok(claimed)
    }

    /// The batch, once it is known to be committed; none where nothing was due.
    pub fn committed(self, claimed: Vec<Claimed>) -> Option<Batch> {
        if claimed.is_empty() {
            return None;
        }
        fault::point("outbox.claim.committed");
        Some(Batch { claimed, lease: self.lease })
    }

    /// After a failure, what may have been taken all the same. Nothing of it was sent, so nothing need be in doubt: it is put back.
    pub fn in_doubt(self) -> Vec<Claimed> {
        std::mem::take(&mut *self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the next batch, of at most so many; none when nothing is due, or the service stops, or the relay rests.
pub(super) async fn claim_next(app: &App, limit: u32) -> Result<Option<Batch>, ServiceError> {
    let Some(claiming) = Claiming::new(app, limit) else { return Ok(None) };
    let this = claiming.clone();
    // Nothing is handed over on the strength of a claim alone: the mark before it, or the settling with it, names the lease.
    let manner = Manner::in_order().may_be_forgotten();
    let written = app.db.write_in(manner, Actor::System, move |tx| Ok::<_, ServiceError>(this.write(tx)?));
    match written.await {
        Ok(claimed) => Ok(claiming.committed(claimed)),
        Err(error) => {
            let taken = claiming.in_doubt();
            if !taken.is_empty() {
                settle(app, put_back(app, taken)).await?;
            }
            Err(error)
        }
    }
}
