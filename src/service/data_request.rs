//! The desk for what people ask about their data: every request with its clock, and how it was answered.

mod desk;
mod names;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use desk::{Answer, Filing, answer, data_of, file, list, show};
pub use names::NamedIn;

use super::error::ServiceError;
use super::form::Faults;
use crate::domain::data_request::{AskedBy, ClockStanding, RequestKind, RequestState};
use crate::domain::email::{EmailAddress, EmailError};
use crate::domain::id::{DataRequestId, MemberId};
use crate::domain::person_name::{PersonName, PersonNameError};
use crate::domain::plain_text::{self, TextError};
use crate::domain::zone::{self, ZoneError};

/// The longest words of a request or an answer, in characters.
pub const WORDS: usize = 2_000;

/// What is to be put right; an empty field stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// Another name.
    pub name: String,
    /// Another address.
    pub email: String,
    /// Another IANA zone.
    pub zone: String,
    /// Anything else, in words: a handle, an employee number.
    pub words: String,
}

impl Wish {
    /// Whether nothing is wished for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_empty() && self.email.is_empty() && self.zone.is_empty() && self.words.is_empty()
    }

    /// The wish in its stored form.
    ///
    /// # Errors
    /// `Invalid` with every fault; `request.wish_missing` where nothing is wished for.
    pub fn checked(&self) -> Result<Self, ServiceError> {
        let mut faults = Faults::default();
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let name = filled(&self.name).map(|text| faults.take("name", PersonName::parse(&text), PersonNameError::code));
        let email = filled(&self.email).map(|text| faults.take("email", EmailAddress::parse(&text), EmailError::code));
        let zone = filled(&self.zone).map(|text| faults.take("zone", zone::parse(&text), ZoneError::code));
        let words = filled(&self.words).map(|text| faults.take("words", plain_text::paragraphs(&text, WORDS), TextError::code));
        if name.is_none() && email.is_none() && zone.is_none() && words.is_none() {
            faults.add("words", "request.wish_missing", "Say what is to be put right");
        }
        let wish = Self {
            name: name.flatten().map(|name| name.as_str().to_owned()).unwrap_or_default(),
            email: email.flatten().map(|email| email.as_str().to_owned()).unwrap_or_default(),
            zone: zone.flatten().map(|zone| zone.name().to_owned()).unwrap_or_default(),
            words: words.flatten().unwrap_or_default(),
        };
        faults.finish(Some(wish))
    }
}

/// A request as the desk sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DataRequest {
    /// Its id.
    pub id: DataRequestId,
    /// Whose data it is about.
    pub member_id: MemberId,
    /// The person's name; empty once they are erased.
    pub name: String,
    /// The person's address; empty once they are erased.
    pub email: String,
    /// The unit's name.
    pub unit: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// Who put it on file.
    pub asked_by: AskedBy,
    /// Since when the clock runs.
    pub asked_at: DateTime<Utc>,
    /// Until when it is to be answered.
    pub due_at: DateTime<Utc>,
    /// How the clock stands.
    pub clock: ClockStanding,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// What is to be put right.
    pub wish: Wish,
    /// What the person was told.
    pub answer: String,
}

impl DataRequest {
    /// Whole hours that are left, or over.
    #[must_use]
    pub fn hours_left(&self, now: DateTime<Utc>) -> i64 {
        let left: TimeDelta = self.due_at - now;
        left.num_minutes().div_euclid(60)
    }
    /// Whether somebody still has to answer.
    #[must_use]
    pub const fn waits(&self) -> bool {
        matches!(self.state, RequestState::Open | RequestState::Unconfirmed)
    }
}
