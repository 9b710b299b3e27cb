//! Who does something, as the log names them.

use super::id::UserId;

/// Who acts. A member is named by the random subject reference, never by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The service itself: a sweep.
    System,
    /// Somebody at the command line.
    Operator,
    /// A console user.
    User {
        /// The user.
        id: UserId,
        /// The user's random subject reference.
        subject_ref: String,
    },
    /// A member, through a link.
    Member {
        /// The member's random subject reference.
        subject_ref: String,
    },
}

impl Actor {
    /// The word for what kind of actor it is.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Operator => "operator",
            Self::User { .. } => "user",
            Self::Member { .. } => "member",
        }
    }
    /// The reference in the log: `system`, `operator`, or a subject reference.
    #[must_use]
    pub fn reference(&self) -> &str {
        match self {
            Self::System => "system",
            Self::Operator => "operator",
            Self::User { subject_ref, .. } | Self::Member { subject_ref } => subject_ref,
        }
    }
    /// The console user, if it is one.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            _ => None,
        }
    }
}
