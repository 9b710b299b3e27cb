//! A claim on its way: from what somebody saw, through the fact that a second person confirmed, to the answers that stand in public.

crate::text_enum! {
    /// Where a claim stands.
    pub enum ClaimState {
        /// On file; nobody has written the fact yet.
        Open = "open",
        /// The fact is written; a second person is to confirm it.
        Checking = "checking",
        /// The fact is confirmed; nobody was asked to answer yet.
        Ready = "ready",
        /// A campaign answers it, or an answer stands already.
        Answering = "answering",
        /// Answered and closed.
        Answered = "answered",
        /// Closed without an answer, for a reason.
        Withdrawn = "withdrawn",
    }
}

crate::text_enum! {
    /// What somebody does with a claim.
    pub enum ClaimStep {
        /// Write or change its words, its fact, who answers.
        Edit = "edit",
        /// Confirm the fact.
        Confirm = "confirm",
        /// Point a task at it, or file an answer that was published.
        Answer = "answer",
        /// Show it in the public register.
        Publish = "publish",
        /// Close it as answered.
        Close = "close",
        /// Close it without an answer.
        Withdraw = "withdraw",
        /// Take it up again after it was closed.
        Reopen = "reopen",
    }
}

crate::refusals! {
    /// Why something cannot be done with a claim.
    pub enum ClaimRefusal {
        /// It has no fact.
        NoFact = "claim.no_fact": "This claim has no fact yet; write the fact and its source first",
        /// Nobody confirmed the fact.
        NotConfirmed = "claim.not_confirmed": "A second person has to confirm this claim's fact first",
        /// There is nothing to confirm.
        NothingToConfirm = "claim.nothing_to_confirm": "The fact of this claim is confirmed already",
        /// Who wrote it does not confirm it.
        OwnFact = "claim.own_fact": "Whoever wrote the fact does not confirm it; ask somebody else",
        /// No answer stands in public.
        NoAnswer = "claim.no_answer": "No answer to this claim is published yet; file one, or close the claim with a reason",
        /// It is closed.
        Closed = "claim.closed": "This claim is closed; reopen it first",
        /// It is not closed.
        NotClosed = "claim.not_closed": "This claim is not closed",
        /// The post answers another one.
        AnswersAnother = "claim.answers_another": "This post is on file as the answer to another claim",
        /// Whose post it is cannot be told.
        UnknownAccount = "claim.unknown_account": "No account on file has published this; give the handle of an account of layer 0, 1 or 2 that is on file",
    }
}

/// What an open claim's state follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether a fact with its source is written.
    pub has_fact: bool,
    /// Whether a second person confirmed that fact.
    pub confirmed: bool,
    /// Whether a campaign answers it, or an answer stands.
    pub taken_up: bool,
}

impl Standing {
    /// The state of a claim that is not closed.
    #[must_use]
    pub const fn state(self) -> ClaimState {
        match self {
            Self { has_fact: false, .. } => ClaimState::Open,
            Self { confirmed: false, .. } => ClaimState::Checking,
            Self { taken_up: false, .. } => ClaimState::Ready,
            Self { taken_up: true, .. } => ClaimState::Answering,
        }
    }
}

impl ClaimState {
    /// Whether nothing more is to be done.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Answered | Self::Withdrawn)
    }

    /// Whether a claim that stands so allows a step.
    ///
    /// # Errors
    /// [`ClaimRefusal`] says what has to come first.
    pub const fn check(self, step: ClaimStep) -> Result<(), ClaimRefusal> {
        use ClaimState::{Answered, Answering, Checking, Open, Ready, Withdrawn};
        match (step, self) {
            (ClaimStep::Edit | ClaimStep::Withdraw, Open | Checking | Ready | Answering)
            | (ClaimStep::Confirm, Checking)
            | (ClaimStep::Answer, Ready | Answering)
            | (ClaimStep::Publish, Ready | Answering | Answered)
            | (ClaimStep::Close, Answering)
            | (ClaimStep::Reopen, Answered | Withdrawn) => Ok(()),
            (ClaimStep::Confirm, Ready | Answering) => Err(ClaimRefusal::NothingToConfirm),
            (ClaimStep::Close, Ready) => Err(ClaimRefusal::NoAnswer),
            (ClaimStep::Reopen, Open | Checking | Ready | Answering) => Err(ClaimRefusal::NotClosed),
            (_, Open) => Err(ClaimRefusal::NoFact),
            (_, Answered | Withdrawn) => Err(ClaimRefusal::Closed),
            (_, Checking) => Err(ClaimRefusal::NotConfirmed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn every_cell_of_the_state_by_step_table() {
        use ClaimRefusal::{Closed, NoAnswer, NoFact, NotClosed, NotConfirmed, NothingToConfirm};
        let yes = None;
        #[rustfmt::skip]
        let table = [
            //                    open             checking            ready                   answering               answered      withdrawn
            (ClaimStep::Edit,     [yes,             yes,               yes,                    yes,                    Some(Closed), Some(Closed)]),
            (ClaimStep::Confirm,  [Some(NoFact),    yes,               Some(NothingToConfirm), Some(NothingToConfirm), Some(Closed), Some(Closed)]),
            (ClaimStep::Answer,   [Some(NoFact),    Some(NotConfirmed), yes,                   yes,                    Some(Closed), Some(Closed)]),
            (ClaimStep::Publish,  [Some(NoFact),    Some(NotConfirmed), yes,                   yes,                    yes,          Some(Closed)]),
            (ClaimStep::Close,    [Some(NoFact),    Some(NotConfirmed), Some(NoAnswer),        yes,                    Some(Closed), Some(Closed)]),
            (ClaimStep::Withdraw, [yes,             yes,               yes,                    yes,                    Some(Closed), Some(Closed)]),
            (ClaimStep::Reopen,   [Some(NotClosed), Some(NotClosed),   Some(NotClosed),        Some(NotClosed),        yes,          yes]),
        ];
        assert_eq!(table.len(), ClaimStep::ALL.len());
        for (step, row) in table {
            for (state, refusal) in ClaimState::ALL.iter().zip(row) {
                assert_eq!(state.check(step).err(), refusal, "{state} {step}");
            }
        }
    }

    #[test]
    fn an_open_claims_state_follows_from_what_is_on_file() {
        let state = |has_fact, confirmed, taken_up| Standing { has_fact, confirmed, taken_up }.state();
        assert_eq!(state(false, false, false), ClaimState::Open);
        assert_eq!(state(false, true, true), ClaimState::Open, "nothing stands without a fact");
        assert_eq!(state(true, false, false), ClaimState::Checking);
        assert_eq!(state(true, false, true), ClaimState::Checking, "a changed fact is confirmed anew");
        assert_eq!(state(true, true, false), ClaimState::Ready);
        assert_eq!(state(true, true, true), ClaimState::Answering);
    }
}
