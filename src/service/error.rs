//! The seven ways a use case can fail; `web/error.rs` maps them to pages and problem documents.

use crate::domain::refusal::Refusal;
use crate::store::StoreError;

/// A fault in one input: where, a stable code, what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name or path, e.g. `waves[0].name`; empty when it concerns the whole input.
    pub field: String,
    /// A stable code.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

impl FieldError {
    /// A fault in `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// A use case's failure.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Not there, or not visible to the caller: the two look alike.
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// The caller's roles don't allow it.
    #[error("your roles do not allow this")]
    Forbidden,
    /// The domain says no.
    #[error("{message}")]
    Refused {
        /// The stable code.
        code: &'static str,
        /// One sentence for people.
        message: String,
    },
    /// The input has faults.
    #[error("the input has {} fault(s)", .0.len())]
    Invalid(Vec<FieldError>),
    /// Somebody else changed it meanwhile, or it exists already.
    #[error("{0}")]
    Conflict(String),
    /// Overloaded; try again.
    #[error("the service is busy")]
    Busy {
        /// In how many seconds to try again.
        retry_after_s: u32,
    },
    /// A fault of the service's own; the cause goes to the log, never to the caller.
    #[error("an internal error")]
    Internal(String),
}

impl ServiceError {
    /// One fault in one field.
    #[must_use]
    pub fn field(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }
}

impl<R: Refusal> From<R> for ServiceError {
    fn from(refusal: R) -> Self {
        Self::Refused { code: refusal.code(), message: refusal.to_string() }
    }
}

impl From<crate::fault::Injected> for ServiceError {
    fn from(asked: crate::fault::Injected) -> Self {
        Self::Internal(asked.to_string())
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            // The same word as for what is outside the caller's reach: the two must look alike.
            StoreError::Missing(_) => Self::NotFound("it"),
            StoreError::Taken(unique) => Self::Conflict(format!("{unique:?} is taken already")),
            StoreError::Stale => Self::Conflict("somebody else changed it meanwhile; load it again".into()),
            StoreError::Busy => Self::Busy { retry_after_s: 1 },
            StoreError::Down(why) => {
                tracing::error!(%why, "the database failed");
                Self::Busy { retry_after_s: 5 }
            }
            StoreError::Inconsistent(why) => Self::Internal(why),
        }
    }
}
