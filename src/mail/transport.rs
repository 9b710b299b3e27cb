//! How mail leaves: into the built-in mailbox, or to a relay; and whether the relay is resting.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::smtp::Pool;
use crate::domain::id::MailId;

/// How mail leaves.
#[derive(Clone)]
pub enum Transport {
    /// It stays in the database and is shown at `/mailbox`.
    Mailbox,
    /// It is handed to a relay.
    Smtp(Arc<Pool>),
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mailbox => "Transport::Mailbox",
            Self::Smtp(_) => "Transport::Smtp",
        })
    }
}

/// The first rest after a relay failed as a whole; it doubles with each failure in a row.
const FIRST_REST_S: i64 = 15;
/// The longest rest.
const LONGEST_REST_S: i64 = 600;
/// So many messages in a row that got no answer are the relay's fault, not theirs.
const STUMBLES: u32 = 2;

/// Keeps mail back while the relay as a whole fails: a configuration error must not burn people's mails one by one.
#[derive(Debug, Default)]
pub struct RelayGate(Mutex<Rest>);

#[derive(Debug, Default, Clone)]
struct Rest {
    failures: u32,
    until: Option<DateTime<Utc>>,
    why: String,
    /// Different messages in a row that got no answer, and the last of them.
    stumbles: u32,
    stumbler: Option<MailId>,
}

impl RelayGate {
    fn rest(&self) -> std::sync::MutexGuard<'_, Rest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Until when the relay rests, and why; none when mail may leave.
    #[must_use]
    pub fn resting(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, String)> {
        let rest = self.rest().clone();
        rest.until.filter(|until| *until > now).map(|until| (until, rest.why))
    }
    /// The relay failed as a whole: rest, longer each time in a row. Returns until when.
    pub fn failed(&self, now: DateTime<Utc>, why: &str) -> DateTime<Utc> {
        let mut rest = self.rest();
        if let Some(until) = rest.until.filter(|until| *until > now) {
            // Sends that were under way when the first one failed.
            return until;
        }
        let seconds = FIRST_REST_S.saturating_mul(1 << rest.failures.min(6)).min(LONGEST_REST_S);
        let until = now + TimeDelta::seconds(seconds);
        let failures = rest.failures.saturating_add(1);
        *rest = Rest { failures, until: Some(until), why: why.to_owned(), stumbles: STUMBLES, stumbler: rest.stumbler };
        until
    }
    /// A message got no answer. One alone may be at fault itself, and must not hold up the others; different ones in a row mean
    /// that the relay fails as a whole. Returns until when it rests, if it does.
    pub fn stumbled(&self, mail: MailId, now: DateTime<Utc>, why: &str) -> Option<DateTime<Utc>> {
        let mut rest = self.rest();
        if rest.stumbler.replace(mail) != Some(mail) {
            rest.stumbles = rest.stumbles.saturating_add(1);
        }
        let whole = rest.stumbles >= STUMBLES;
        drop(rest);
        whole.then(|| self.failed(now, why))
    }
    /// The relay answered about a message: it works.
    pub fn answered(&self) {
        *self.rest() = Rest::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_rests_longer_each_time_it_fails_and_is_forgiven_by_an_answer() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let gate = RelayGate::default();
        assert_eq!(gate.resting(now), None);
        let first = gate.failed(now, "no connection");
        assert_eq!((first - now).num_seconds(), 15);
        assert_eq!(gate.failed(now, "again"), first, "the same outage");
        assert_eq!(gate.resting(now), Some((first, "no connection".into())));
        let second = gate.failed(first, "still");
        assert_eq!((second - first).num_seconds(), 30);
        let far = (0..20).fold(second, |at, _| gate.failed(at, "still"));
        assert_eq!((gate.failed(far, "still") - far).num_seconds(), 600);
        gate.answered();
        assert_eq!(gate.resting(now), None);
    }

    #[test]
    fn one_message_without_an_answer_is_not_the_relays_fault_but_two_are() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let gate = RelayGate::default();
        let (bad, other) = (MailId::new(), MailId::new());
        for _ in 0..5 {
            assert_eq!(gate.stumbled(bad, now, "closed"), None, "the same one again says nothing new");
        }
        gate.answered();
        assert_eq!(gate.stumbled(other, now, "closed"), None, "an answer in between forgives");
        let until = gate.stumbled(bad, now, "closed").unwrap_or_default();
        assert_eq!((until - now).num_seconds(), 15);
        assert_eq!(
            gate.stumbled(bad, until, "closed").map(|at| (at - until).num_seconds()),
            Some(30),
            "one probe is enough then"
        );
    }
}
