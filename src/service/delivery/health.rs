//! What a batch of results says about its destinations and campaigns, and what follows where too many were refused.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::config::MailBreaker;
use crate::domain::breaker::{Limit, Tally};
use crate::domain::id::CampaignId;
use crate::domain::outbox::MailState;
use crate::service::campaign;
use crate::store::mail_health::{self, Rules};
use crate::store::outbox::Settlement;
use crate::store::{StoreError, Tx};

/// The rules in force.
pub(in crate::service) fn rules(config: &MailBreaker) -> Rules {
    Rules {
        window: TimeDelta::minutes(config.window_min.into()),
        destination: Limit { least: config.destination_least.into(), percent: config.destination_percent.into() },
        first_rest: TimeDelta::minutes(config.rest_min.into()),
        campaign: Limit { least: config.campaign_least.into(), percent: config.campaign_percent.into() },
    }
}

/// What became of mails, by destination and by campaign.
#[derive(Debug, Default)]
pub(in crate::service) struct Tallies {
    pub destinations: BTreeMap<String, Tally>,
    pub campaigns: BTreeMap<CampaignId, Tally>,
}

impl Tallies {
    /// Those of a batch: only what the relay answered about a mail counts.
    pub fn of(settlements: &[Settlement]) -> Self {
        let mut tallies = Self::default();
        for settlement in settlements {
            let Some(domain) = &settlement.domain else { continue };
            let one = match settlement.verdict.state {
                MailState::Sent => Tally { delivered: 1, ..Tally::default() },
                MailState::Deferred => Tally { deferred: 1, ..Tally::default() },
                MailState::Failed => Tally { refused: 1, ..Tally::default() },
                _ => continue,
            };
            tallies.add(domain, settlement.claimed.campaign_id, one);
        }
        tallies
    }

    /// Adds one result.
    pub fn add(&mut self, domain: &str, campaign: Option<CampaignId>, more: Tally) {
        match self.destinations.get_mut(domain) {
            Some(tally) => *tally += more,
            None => drop(self.destinations.insert(domain.to_owned(), more)),
        }
        if let Some(id) = campaign {
            *self.campaigns.entry(id).or_default() += more;
        }
    }

    /// Writes them down; returns what must stop.
    pub fn note(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Stopped, StoreError> {
        let destinations = mail_health::note_destinations(tx, &self.destinations, rules)?;
        Ok(Stopped { destinations, campaigns: mail_health::note_campaigns(tx, &self.campaigns, rules)? })
    }
}

/// What too many mails were refused by, or of.
#[derive(Debug, Default)]
pub(in crate::service) struct Stopped {
    /// Destinations that begin to rest, and until when.
    pub destinations: Vec<(String, DateTime<Utc>)>,
    /// Campaigns that must stop, with the window that says so.
    pub campaigns: Vec<(CampaignId, Tally)>,
}

/// What this worker knows to have stopped while mails of it are in its hands: they are put back instead of sent.
#[derive(Debug, Default)]
pub(super) struct Brake(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    destinations: HashMap<String, DateTime<Utc>>,
    campaigns: HashSet<CampaignId>,
}

impl Brake {
    fn held(&self) -> MutexGuard<'_, Held> {
        // What it holds is whole at every instant.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// From now on these are put back.
    pub fn pull(&self, stopped: &Stopped) {
        let mut held = self.held();
        held.destinations.extend(stopped.destinations.iter().cloned());
        held.campaigns.extend(stopped.campaigns.iter().map(|(id, _)| *id));
    }
    /// When a mail may be tried again that must not be sent now; `None`: it may be sent.
    pub fn stops(&self, domain: &str, campaign: Option<CampaignId>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let held = self.held();
        let rests = held.destinations.get(domain).copied().filter(|until| *until > now);
        rests.or_else(|| campaign.filter(|id| held.campaigns.contains(id)).map(|_| now))
    }
}

/// Pauses campaigns of which too many mails were refused.
pub(in crate::service) async fn stop(app: &App, stopped: &Stopped) {
    for (id, tally) in &stopped.campaigns {
        let (id, tally) = (*id, *tally);
        match campaign::pause_for_mail(app, id, tally).await {
            Ok(true) => {
                tracing::warn!(%id, refused = tally.refused, of = tally.total(), "a campaign was paused: too many of its mails were refused")
            }
            Ok(false) => {}
            // The results are written down; the next ones decide again.
            Err(error) => tracing::error!(%id, %error, "a campaign could not be paused"),
        }
    }
}
