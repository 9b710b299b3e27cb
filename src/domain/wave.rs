//! Waves: when one is due, when it is too late, and its states.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id::WaveId;
use super::zone;

crate::text_enum! {
    /// Where a wave stands.
    pub enum WaveState {
        /// Waits for its time, for another wave, or for a post.
        Planned = "planned",
        /// Being opened, chunk by chunk.
        Opening = "opening",
        /// Every assignment exists; people may complete.
        Open = "open",
        /// Its window is over.
        Closed = "closed",
        /// Its time passed while nothing could open it, or what it waits for will not come: a person decides.
        Held = "held",
        /// Left out by a lead.
        Skipped = "skipped",
        /// Ended with its campaign.
        Cancelled = "cancelled",
    }
}

impl WaveState {
    /// Whether nothing will happen to the wave any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Skipped | Self::Cancelled)
    }
    /// Whether the wave may move to `next`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use WaveState::{Cancelled, Closed, Held, Open, Opening, Planned, Skipped};
        matches!(
            (self, next),
            (Planned, Opening | Held | Skipped | Cancelled)
                | (Opening, Open | Cancelled)
                | (Open, Closed | Cancelled)
                | (Held, Opening | Skipped | Cancelled)
        )
    }
}

/// When a wave opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "when", rename_all = "snake_case", deny_unknown_fields)]
pub enum Timing {
    /// At a wall-clock time in a named zone.
    At {
        /// The local time, e.g. `2026-11-27T09:00:00`.
        local: NaiveDateTime,
        /// The IANA zone, e.g. `Asia/Jakarta`.
        zone: String,
    },
    /// This long after another wave opened.
    After {
        /// The other wave.
        wave_id: WaveId,
        /// Minutes after its opening.
        minutes: u32,
    },
    /// As soon as a post of another wave is registered; that post becomes the target.
    Cascade {
        /// The other wave.
        wave_id: WaveId,
        /// Minutes after the registration.
        minutes: u32,
    },
}

impl Timing {
    /// The wave this one waits for, if any.
    #[must_use]
    pub const fn waits_for(&self) -> Option<WaveId> {
        match self {
            Self::At { .. } => None,
            Self::After { wave_id, .. } | Self::Cascade { wave_id, .. } => Some(*wave_id),
        }
    }
    /// The instant, where a wall-clock time fixes it; none for an unknown zone.
    #[must_use]
    pub fn fixed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At { local, zone } => Some(zone::resolve_local(*local, zone::parse(zone).ok()?)),
            Self::After { .. } | Self::Cascade { .. } => None,
        }
    }
}

/// Whether a wave with a known opening time should open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Not before its time.
    NotYet,
    /// Now.
    Now,
    /// Its grace window is over: hold it and say so, never send late in silence.
    TooLate {
        /// How late it is, in seconds.
        late_s: i64,
    },
}

/// Decides from the planned instant, the grace window and the time.
#[must_use]
pub fn due(opens_at: DateTime<Utc>, grace_s: i64, now: DateTime<Utc>) -> Due {
    if now < opens_at {
        Due::NotYet
    } else if now - opens_at <= TimeDelta::seconds(grace_s) {
        Due::Now
    } else {
        Due::TooLate { late_s: (now - opens_at).num_seconds() }
    }
}

crate::refusals! {
    /// Why a wave may not do something.
    pub enum WaveRefusal {
        /// Only a held wave is opened or skipped by hand; a planned one may be skipped.
        NotHeld = "wave.not_held": "Only a held wave can be opened by hand",
        /// Already opening, open or over.
        NotSkippable = "wave.not_skippable": "Only a planned or held wave can be skipped",
        /// The campaign is not running.
        CampaignNotRunning = "wave.campaign_not_running": "The campaign is not released or running",
        /// No target yet.
        NoTarget = "wave.no_target": "The wave has no target yet: the post it waits for is not registered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_transition() {
        use WaveState::{Cancelled, Closed, Held, Open, Opening, Planned, Skipped};
        let allowed = [
            (Planned, vec![Opening, Held, Skipped, Cancelled]),
            (Opening, vec![Open, Cancelled]),
            (Open, vec![Closed, Cancelled]),
            (Closed, vec![]),
            (Held, vec![Opening, Skipped, Cancelled]),
            (Skipped, vec![]),
            (Cancelled, vec![]),
        ];
        assert_eq!(allowed.len(), WaveState::ALL.len());
        for (from, to) in allowed {
            for next in WaveState::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
            assert_eq!(from.is_final(), to.is_empty());
        }
    }

    #[test]
    fn a_wave_is_due_from_its_time_to_the_end_of_its_grace() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let s = TimeDelta::seconds;
        assert_eq!(due(at, 60, at - s(1)), Due::NotYet);
        assert_eq!(due(at, 60, at), Due::Now);
        assert_eq!(due(at, 60, at + s(60)), Due::Now);
        assert_eq!(due(at, 60, at + s(61)), Due::TooLate { late_s: 61 });
    }
}
