//! Corrections: a campaign was wrong, and everyone who published for it is asked to fix or remove that.

use super::kind::Action;

crate::text_enum! {
    /// What a member says they did about what they had published.
    pub enum CorrectionAnswer {
        /// It now says what is right.
        Fixed = "fixed",
        /// It is gone.
        Removed = "removed",
    }
}

crate::refusals! {
    /// Why an answer to a correction is refused.
    pub enum CorrectionRefusal {
        /// A like says nothing that could be put right.
        CannotBeFixed = "correction.cannot_be_fixed": "A like cannot be put right, only taken back",
    }
}

impl CorrectionAnswer {
    /// Whether this can be said of what was done.
    ///
    /// # Errors
    /// [`CorrectionRefusal::CannotBeFixed`].
    pub const fn check(self, action: Action) -> Result<(), CorrectionRefusal> {
        match (self, action) {
            (Self::Fixed, Action::Like) => Err(CorrectionRefusal::CannotBeFixed),
            _ => Ok(()),
        }
    }
}

crate::text_enum! {
    /// How a proposed correction ended.
    pub enum ProposalEnd {
        /// A second person confirmed it, and it was issued.
        Issued = "issued",
        /// A second person confirmed the drill: nothing was done.
        Drilled = "drilled",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_enum::TextEnum;

    #[test]
    fn a_like_can_only_be_taken_back() {
        for action in Action::ALL {
            assert_eq!(CorrectionAnswer::Fixed.check(*action).is_ok(), *action != Action::Like);
            assert_eq!(CorrectionAnswer::Removed.check(*action), Ok(()));
        }
    }
}
