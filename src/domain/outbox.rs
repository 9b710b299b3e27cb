//! Outbox messages: their states, and when a failed attempt is tried again.

use chrono::TimeDelta;

crate::text_enum! {
    /// What an outbox message says.
    pub enum MailKind {
        /// A new task.
        Task = "task",
        /// A reminder of an open task.
        Reminder = "reminder",
        /// Asks a member to opt in or an operator to confirm the role.
        OptIn = "opt_in",
        /// Tells approvers that a campaign waits for them.
        ReleaseRequest = "release_request",
        /// A link that signs a user in.
        SignIn = "sign_in",
        /// A wave's mail that somebody sends to themselves before the release.
        Test = "test",
        /// Several tasks of one member in one mail.
        Digest = "digest",
        /// Asks a member to fix or remove what was published for a campaign that was wrong.
        Correction = "correction",
        /// Tells a user once a day how the campaigns stand.
        DailyReport = "daily_report",
        /// Tells one person of one thing to decide, or of one decision.
        Notice = "notice",
        /// The log's checkpoint of the day, for an auditor to keep.
        Checkpoint = "checkpoint",
    }
}

impl MailKind {
    /// Whether it waits for its member's permitted hours. A correction is urgent, and account mail is what somebody asked for.
    #[must_use]
    pub const fn keeps_hours(self) -> bool {
        matches!(self, Self::Task | Self::Reminder | Self::Digest)
    }
    /// Whether somebody waits for it at this moment, so that it goes before all others.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::SignIn | Self::Test | Self::Notice)
    }
}

crate::text_enum! {
    /// Where an outbox message stands.
    pub enum MailState {
        /// To be sent.
        Pending = "pending",
        /// Claimed by a worker under a lease; the intent is committed, the result is not known.
        Sending = "sending",
        /// Handed over.
        Sent = "sent",
        /// A temporary failure; tried again after a back-off.
        Deferred = "deferred",
        /// A permanent failure.
        Failed = "failed",
        /// It may or may not have been delivered: never re-sent by itself, a person decides.
        Unknown = "unknown",
        /// The address is suppressed, or the member no longer wants it.
        Suppressed = "suppressed",
        /// Not needed any more.
        Cancelled = "cancelled",
    }
}

impl MailState {
    /// Whether the message still waits to be sent.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Sending | Self::Deferred)
    }
    /// Whether the message may move to `next`. A person may send a `failed` or `unknown` one again, or accept it as sent.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use MailState::{Cancelled, Deferred, Failed, Pending, Sending, Sent, Suppressed, Unknown};
        matches!(
            (self, next),
            (Pending | Deferred, Sending | Suppressed | Cancelled)
                | (Sending, Sent | Deferred | Failed | Unknown | Suppressed | Cancelled | Pending)
                | (Failed, Pending)
                | (Unknown, Pending | Sent)
        )
    }
}

/// How long to wait after the `attempt`-th failed attempt (1-based): doubling from `first_s` to at most `max_s`, with up to
/// a quarter of jitter taken from `entropy`, so that a thousand deferred messages don't come back in one second.
#[must_use]
pub fn back_off(attempt: u32, first_s: u32, max_s: u32, entropy: u32) -> TimeDelta {
    let doubled = u64::from(first_s).saturating_mul(1_u64.checked_shl(attempt.saturating_sub(1).min(32)).unwrap_or(u64::MAX));
    let base = doubled.min(u64::from(max_s)).max(1);
    let jitter = u64::from(entropy) % (base / 4 + 1);
    TimeDelta::seconds(i64::try_from(base + jitter).unwrap_or(i64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_transition() {
        use MailState::{Cancelled, Deferred, Failed, Pending, Sending, Sent, Suppressed, Unknown};
        let allowed = [
            (Pending, vec![Sending, Suppressed, Cancelled]),
            (Sending, vec![Sent, Deferred, Failed, Unknown, Suppressed, Cancelled, Pending]),
            (Sent, vec![]),
            (Deferred, vec![Sending, Suppressed, Cancelled]),
            (Failed, vec![Pending]),
            (Unknown, vec![Pending, Sent]),
            (Suppressed, vec![]),
            (Cancelled, vec![]),
        ];
        assert_eq!(allowed.len(), MailState::ALL.len());
        for (from, to) in allowed {
            for next in MailState::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
        }
    }

    #[test]
    fn back_off_doubles_to_its_limit_with_bounded_jitter() {
        let waits = |entropy| (1..=8).map(|n| back_off(n, 60, 3600, entropy).num_seconds()).collect::<Vec<_>>();
        assert_eq!(waits(0), [60, 120, 240, 480, 960, 1920, 3600, 3600]);
        for (low, high) in waits(0).into_iter().zip(waits(u32::MAX)) {
            assert!(high >= low && high <= low + low / 4, "{low} {high}");
        }
        assert_eq!(back_off(u32::MAX, u32::MAX, 3600, 0).num_seconds(), 3600);
    }
}
