//! What happens to occurrences that came due while nobody was there to see to them.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Occurrence, Recurrence};

crate::text_enum! {
    /// Which of the missed occurrences still happen, as long as they are within the grace window.
    pub enum MissedPolicy {
        /// None: only what comes due right now.
        None = "none",
        /// The latest one.
        Latest = "latest",
        /// All, up to a cap.
        All = "all",
    }
}

/// An occurrence seen within this time counts as on time, whatever the policy: beats of the service come every second, and
/// its readiness check turns red after 15 seconds without one.
pub const ON_TIME: TimeDelta = TimeDelta::seconds(60);
/// At most this many held occurrences are listed one by one; older ones are counted.
pub const HELD_LISTED: usize = 1_000;

/// A schedule's rule for what it missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedRule {
    /// Which of those within the grace window happen.
    pub policy: MissedPolicy,
    /// How late an occurrence may still happen; what is later is held. Below [`ON_TIME`] it counts as that.
    pub grace: TimeDelta,
    /// At most this many happen at once under [`MissedPolicy::All`], the latest ones; below 1 it counts as 1.
    pub cap: usize,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fires {
    /// To happen now, in order of time.
    pub fire: Vec<Occurrence>,
    /// Not to happen, to be shown as held, in order of time; the newest [`HELD_LISTED`].
    pub held: Vec<Occurrence>,
    /// How many were held before those listed.
    pub held_unlisted: u64,
}

impl Fires {
    /// The latest occurrence dealt with: the `last_planned` of the next call.
    #[must_use]
    pub fn last(&self) -> Option<Occurrence> {
        self.fire.iter().chain(&self.held).copied().max_by_key(|o| o.at)
    }
}

impl Recurrence {
    /// What is due at `now`, of the occurrences after the last one dealt with. Nothing is due twice: the next call starts from
    /// [`Fires::last`]. A clock that went back gives nothing until it has caught up.
    #[must_use]
    pub fn due(&self, last_planned: DateTime<Utc>, now: DateTime<Utc>, rule: MissedRule) -> Fires {
        let late_by = |o: &Occurrence| now - o.at;
        let window = rule.grace.max(ON_TIME);
        let mut held = Held::default();
        let mut open = VecDeque::new();
        for occurrence in self.after(last_planned).take_while(|o| o.at <= now) {
            if late_by(&occurrence) > window {
                held.push(occurrence);
            } else {
                open.push_back(occurrence);
            }
        }
        let keep = match rule.policy {
            MissedPolicy::None => open.iter().filter(|o| late_by(o) <= ON_TIME).count(),
            MissedPolicy::Latest => 1,
            MissedPolicy::All => rule.cap.max(1),
        };
        while open.len() > keep {
            open.pop_front().into_iter().for_each(|o| held.push(o));
        }
        Fires { fire: open.into(), held: held.listed.into(), held_unlisted: held.unlisted }
    }
}

#[derive(Default)]
struct Held {
    listed: VecDeque<Occurrence>,
    unlisted: u64,
}

impl Held {
    fn push(&mut self, occurrence: Occurrence) {
        if self.listed.len() == HELD_LISTED {
            self.listed.pop_front();
            self.unlisted += 1;
        }
        self.listed.push_back(occurrence);
    }
}
