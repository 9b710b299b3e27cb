//! What people may ask for about their data, and the clock that runs from then on.
//!
//! Indonesia's law 27 of 2022 on personal data: correction (article 30 paragraph 1), access (article 32) and the end of
//! processing after a withdrawn consent (article 40) take 3 × 24 hours at most from the request. For erasure (articles 8
//! and 43) it names no hours: the same are taken.

use chrono::{DateTime, TimeDelta, Utc};

/// How long an answer may take: 3 × 24 hours, holidays and nights included.
pub const CLOCK: TimeDelta = TimeDelta::hours(72);
/// Less than this is left: the desk marks it.
pub const SOON: TimeDelta = TimeDelta::hours(24);

crate::text_enum! {
    /// What is asked for.
    pub enum RequestKind {
        /// To see and take away everything that is held.
        Export = "export",
        /// To have something put right.
        Correct = "correct",
        /// To withdraw every consent and be asked nothing more.
        Withdraw = "withdraw",
        /// To be erased.
        Erase = "erase",
    }
}

crate::text_enum! {
    /// Where a request stands.
    pub enum RequestState {
        /// Asked for on the member's page; the mailed link was not opened yet.
        Unconfirmed = "unconfirmed",
        /// Waits for an answer.
        Open = "open",
        /// Done.
        Granted = "granted",
        /// Refused, with a reason.
        Refused = "refused",
        /// Never confirmed.
        Lapsed = "lapsed",
    }
}

crate::text_enum! {
    /// Who put a request on file.
    pub enum AskedBy {
        /// The member, on their own page.
        Member = "member",
        /// The desk, for a request that came by letter, by telephone or in person.
        Desk = "desk",
    }
}

crate::text_enum! {
    /// How the clock of a request stands.
    pub enum ClockStanding {
        /// There is time.
        Running = "running",
        /// Less than a day is left.
        Soon = "soon",
        /// The time is over and nobody answered.
        Overdue = "overdue",
        /// Answered in time.
        Kept = "kept",
        /// Answered, too late.
        Late = "late",
    }
}

impl ClockStanding {
    /// How a request stands that is due at `due_at` and was, or was not, answered.
    #[must_use]
    pub fn of(due_at: DateTime<Utc>, answered_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        match answered_at {
            Some(at) if at <= due_at => Self::Kept,
            Some(_) => Self::Late,
            None if now > due_at => Self::Overdue,
            None if due_at - now < SOON => Self::Soon,
            None => Self::Running,
        }
    }
}

crate::refusals! {
    /// Why a request is refused, or can't be answered.
    pub enum DataRequestRefusal {
        /// One of the kind waits.
        Waiting = "request.waiting": "A request of this kind by this person already waits for its answer",
        /// Answered, refused or lapsed.
        Answered = "request.answered": "This request has been answered already",
        /// The link's request is not there any more.
        Unknown = "request.unknown": "There is no request that this link belongs to, or it has been answered",
        /// The desk does not erase somebody who did not confirm.
        Unconfirmed = "request.unconfirmed": "The member has not confirmed this request by the link that was mailed to them",
        /// Somebody signs in with the same address.
        ConsoleUser = "request.console_user": "Somebody signs in to the console with this address; an administrator disables that user first",
        /// There is nobody any more.
        Erased = "request.erased": "This person has been erased",
    }
}

crate::text_enum! {
    /// What a notice tells of.
    pub enum NoticeTopic {
        /// A member is to confirm what they asked for about their data.
        RequestToConfirm = "request_to_confirm",
        /// What a member asked for about their data was answered.
        RequestAnswered = "request_answered",
        /// The reader of a new address is to confirm it.
        AddressToConfirm = "address_to_confirm",
        /// The address on file is told that another was asked for.
        AddressAsked = "address_asked",
        /// A request is to be answered within a day: whoever answers is told.
        RequestDue = "request_due",
        /// A correction was proposed: another person is to confirm it.
        CorrectionToConfirm = "correction_to_confirm",
        /// A correction's drill was proposed: another person is to confirm it.
        DrillToConfirm = "drill_to_confirm",
        /// A correction's drill was run to its end.
        DrillDone = "drill_done",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn three_days_to_the_second() {
        let asked = "2026-11-20T08:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let due = asked + CLOCK;
        let of = |seconds: i64| ClockStanding::of(due, None, due + TimeDelta::seconds(seconds));
        assert_eq!(of(-86_400 * 3), ClockStanding::Running);
        assert_eq!(of(-86_400), ClockStanding::Running);
        assert_eq!(of(-86_399), ClockStanding::Soon);
        assert_eq!(of(0), ClockStanding::Soon);
        assert_eq!(of(1), ClockStanding::Overdue);
        assert_eq!(ClockStanding::of(due, Some(due), due + CLOCK), ClockStanding::Kept);
        assert_eq!(ClockStanding::of(due, Some(due + TimeDelta::microseconds(1)), due), ClockStanding::Late);
    }
}
