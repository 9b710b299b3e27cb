//! The claims desk in the browser: what is going around, the fact, who answers, what was answered.

pub mod draft;
pub mod edit;
pub mod list;
pub mod show;

use crate::domain::claim::ClaimState;

/// The tag's colour for a state: something waits for a person, it goes its way, or neither.
const fn colour(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Open | ClaimState::Checking => "wait",
        ClaimState::Ready | ClaimState::Answering => "live",
        ClaimState::Answered | ClaimState::Withdrawn => "",
    }
}
