//! Assignments: a task for one account's person, its states and what the member may do with it.

use chrono::{DateTime, TimeDelta, Utc};

crate::text_enum! {
    /// Where an assignment stands. That its link was opened is a timestamp, not a state.
    pub enum AssignmentState {
        /// Made; the mail has not left.
        Planned = "planned",
        /// The mail was handed over.
        Notified = "notified",
        /// The member says it is done.
        Done = "done",
        /// A reviewer looked and agrees.
        Checked = "checked",
        /// The member declined.
        Declined = "declined",
        /// The deadline passed.
        Expired = "expired",
        /// The campaign took it back.
        Withdrawn = "withdrawn",
    }
}

crate::text_enum! {
    /// How well a completion is evidenced, in rising order.
    pub enum EvidenceLevel {
        /// The member says so; a like leaves nothing else.
        Declared = "declared",
        /// An address was given that belongs to this account's handle and was not used before.
        Linked = "linked",
        /// A reviewer looked.
        Checked = "checked",
    }
}

impl AssignmentState {
    /// Whether the member can still act on it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Notified)
    }
    /// Whether the assignment may move to `next`. `done` and `declined` go back to `notified` by the member's undo.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use AssignmentState::{Checked, Declined, Done, Expired, Notified, Planned, Withdrawn};
        matches!(
            (self, next),
            (Planned, Notified | Done | Declined | Expired | Withdrawn)
                | (Notified, Done | Declined | Expired | Withdrawn)
                | (Done, Checked | Notified)
                | (Declined, Notified)
        )
    }
}

crate::refusals! {
    /// Why a member's act on an assignment is refused.
    pub enum AssignmentRefusal {
        /// The deadline passed.
        Expired = "assignment.expired": "The deadline of this task has passed",
        /// The campaign took it back.
        Withdrawn = "assignment.withdrawn": "This task has been withdrawn by its sender",
        /// Already declined; undo first.
        AlreadyDeclined = "assignment.already_declined": "This task was declined; undo that first",
        /// Already done; undo first.
        AlreadyDone = "assignment.already_done": "This task is already done; undo that first",
        /// Nothing to undo.
        NothingToUndo = "assignment.nothing_to_undo": "There is nothing to undo",
        /// Undo is possible for a limited time.
        UndoTooLate = "assignment.undo_too_late": "This can no longer be undone",
        /// A reviewer has looked; it stays.
        AlreadyChecked = "assignment.already_checked": "A reviewer has already checked this completion",
        /// Only done ones can be checked.
        NotDone = "assignment.not_done": "Only a completion that is done can be checked",
        /// The disclosure must be confirmed.
        DisclosureNotConfirmed = "completion.disclosure_not_confirmed": "Confirm that your affiliation is visible in the profile or the post",
        /// The task needs an address as evidence.
        EvidenceMissing = "completion.evidence_missing": "This task needs the address of the post as evidence",
        /// Another account's post.
        NotThisAccount = "completion.not_this_account": "The address belongs to another account than the one this task is for",
        /// Used before.
        AlreadyUsed = "completion.already_used": "This address has already been given for another completion",
        /// The task asks for the member's own words.
        OwnWordsMissing = "completion.own_words_missing": "This task asks for your own words; confirm that you wrote the text yourself",
        /// Nothing waits for a confirmation.
        NothingToConfirm = "completion.nothing_to_confirm": "There is no completion that waits for a confirmation",
        /// A machine that presses every button presses this one at once, too.
        ConfirmTooSoon = "completion.confirm_too_soon": "Please look at the page for a few seconds, then confirm again",
        /// Only what has an address can be looked at.
        NotLinked = "completion.not_linked": "This completion has no address, so there is nothing to check; it stays declared",
        /// On the list of candidates' and parties' accounts.
        TargetBlocked = "target.blocked": "The target is on the list of candidates' and parties' accounts",
    }
}

/// Whether an assignment in `state` with this deadline can still be completed or declined at `now`.
///
/// # Errors
/// The [`AssignmentRefusal`] that names what it has become. `Done` and `Declined` are errors here; the service
/// answers a repeated *Done* with the completion that exists.
pub fn check_open(state: AssignmentState, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), AssignmentRefusal> {
    match state {
        AssignmentState::Planned | AssignmentState::Notified if now < expires_at => Ok(()),
        AssignmentState::Planned | AssignmentState::Notified | AssignmentState::Expired => Err(AssignmentRefusal::Expired),
        AssignmentState::Withdrawn => Err(AssignmentRefusal::Withdrawn),
        AssignmentState::Declined => Err(AssignmentRefusal::AlreadyDeclined),
        AssignmentState::Done => Err(AssignmentRefusal::AlreadyDone),
        AssignmentState::Checked => Err(AssignmentRefusal::AlreadyChecked),
    }
}

/// Whether what was settled at `settled_at` can be undone at `now`.
///
/// # Errors
/// [`AssignmentRefusal::NothingToUndo`], [`AssignmentRefusal::AlreadyChecked`] or [`AssignmentRefusal::UndoTooLate`].
pub fn check_undo(
    state: AssignmentState,
    settled_at: Option<DateTime<Utc>>,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), AssignmentRefusal> {
    match (state, settled_at) {
        (AssignmentState::Checked, _) => Err(AssignmentRefusal::AlreadyChecked),
        (AssignmentState::Done | AssignmentState::Declined, Some(at)) if now - at <= window => Ok(()),
        (AssignmentState::Done | AssignmentState::Declined, _) => Err(AssignmentRefusal::UndoTooLate),
        _ => Err(AssignmentRefusal::NothingToUndo),
    }
}

/// A POST this soon after the page was handed out may be a mail scanner's: it must be confirmed before it counts.
#[must_use]
pub fn is_suspected_automation(page_made_at: DateTime<Utc>, posted_at: DateTime<Utc>, threshold: TimeDelta) -> bool {
    posted_at - page_made_at < threshold
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_transition() {
        use AssignmentState::{Checked, Declined, Done, Expired, Notified, Planned, Withdrawn};
        let allowed = [
            (Planned, vec![Notified, Done, Declined, Expired, Withdrawn]),
            (Notified, vec![Done, Declined, Expired, Withdrawn]),
            (Done, vec![Checked, Notified]),
            (Checked, vec![]),
            (Declined, vec![Notified]),
            (Expired, vec![]),
            (Withdrawn, vec![]),
        ];
        assert_eq!(allowed.len(), AssignmentState::ALL.len());
        for (from, to) in allowed {
            for next in AssignmentState::ALL {
                assert_eq!(from.may_become(*next), to.contains(next), "{from} -> {next}");
            }
        }
    }

    #[test]
    fn only_an_open_assignment_before_its_deadline_can_be_acted_on() {
        let end = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let before = end - TimeDelta::microseconds(1);
        for state in AssignmentState::ALL {
            assert_eq!(check_open(*state, end, before).is_ok(), state.is_open(), "{state}");
            assert!(check_open(*state, end, end).is_err(), "{state} at the deadline");
        }
    }

    #[test]
    fn undo_lasts_its_window_and_never_reaches_what_was_checked() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let day = TimeDelta::hours(24);
        assert_eq!(check_undo(AssignmentState::Done, Some(at), day, at + day), Ok(()));
        assert_eq!(check_undo(AssignmentState::Declined, Some(at), day, at), Ok(()));
        assert_eq!(check_undo(AssignmentState::Done, Some(at), day, at + day * 2), Err(AssignmentRefusal::UndoTooLate));
        assert_eq!(check_undo(AssignmentState::Checked, Some(at), day, at), Err(AssignmentRefusal::AlreadyChecked));
        assert_eq!(check_undo(AssignmentState::Notified, None, day, at), Err(AssignmentRefusal::NothingToUndo));
    }
}
