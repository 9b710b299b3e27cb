//! What can go wrong in the store, and the one map from a database's error to it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A store's failure.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row that was asked for by id is not there.
    #[error("{0} is not there")]
    Missing(&'static str),
    /// A unique rule says no.
    #[error("{0:?} is taken")]
    Taken(Unique),
    /// The row changed since it was read.
    #[error("the row changed since it was read")]
    Stale,
    /// The database is locked or overloaded; try again.
    #[error("the database is busy")]
    Busy,
    /// A row or a caller broke a rule that the program relies on.
    #[error("inconsistent: {0}")]
    Inconsistent(String),
    /// The database can't be reached or failed.
    #[error("the database failed: {0}")]
    Down(String),
}

/// The unique rules that callers care about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// A unit's code.
    UnitCode,
    /// A member's employee number.
    EmployeeNumber,
    /// A member's address.
    MemberEmail,
    /// A user's address.
    UserEmail,
    /// A platform and handle.
    AccountHandle,
    /// One natural person, one account per platform.
    AccountPerPerson,
    /// One current completion an assignment.
    CompletionCurrent,
    /// An address used as evidence once.
    CompletionUrl,
    /// A post registered once.
    PostUrl,
    /// A blocked account listed once.
    BlockedTarget,
    /// A campaign's slug.
    CampaignSlug,
    /// Something else.
    Other,
}

/// PostgreSQL's constraint name, SQLite's column list, and what they mean.
const UNIQUE: &[(&str, &str, Unique)] = &[
    ("units_code_norm_key", "units.code_norm", Unique::UnitCode),
    ("members_employee_no_norm_key", "members.employee_no_norm", Unique::EmployeeNumber),
    ("members_email_norm_key", "members.email_norm", Unique::MemberEmail),
    ("users_email_norm_key", "users.email_norm", Unique::UserEmail),
    ("accounts_handle", "accounts.platform, accounts.handle_norm", Unique::AccountHandle),
    ("accounts_one_per_person", "accounts.member_id, accounts.platform", Unique::AccountPerPerson),
    ("completions_current", "completions.assignment_id", Unique::CompletionCurrent),
    ("completions_url", "completions.url_key", Unique::CompletionUrl),
    ("posts_url", "posts.url_key", Unique::PostUrl),
    ("blocked_targets_handle", "blocked_targets.platform, blocked_targets.handle_norm", Unique::BlockedTarget),
    ("campaigns_slug_key", "campaigns.slug", Unique::CampaignSlug),
];

impl From<crate::fault::Injected> for StoreError {
    fn from(asked: crate::fault::Injected) -> Self {
        Self::Down(asked.to_string())
    }
}

impl From<Diesel> for StoreError {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::NotFound => Self::Missing("the row"),
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                let name = info.constraint_name();
                let columns = info.message().strip_prefix("UNIQUE constraint failed: ");
                let known = UNIQUE.iter().find(|(pg, lite, _)| name == Some(pg) || columns == Some(lite));
                Self::Taken(known.map_or(Unique::Other, |(_, _, unique)| *unique))
            }
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info) => {
                Self::Inconsistent(format!("a row that is referred to is not there: {}", info.message()))
            }
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => Self::Down(info.message().to_owned()),
            Diesel::DatabaseError(_, info) if is_busy(info.message()) => Self::Busy,
            Diesel::DatabaseError(_, info) => Self::Down(info.message().to_owned()),
            // Where a commit fails because the server went or the disk is full, there is nothing left to roll back either: the first
            // failure is the one that says what happened.
            Diesel::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            Diesel::BrokenTransactionManager => Self::Down("the connection broke inside a transaction".to_owned()),
            other => Self::Inconsistent(other.to_string()),
        }
    }
}

fn is_busy(message: &str) -> bool {
    ["database is locked", "database table is locked", "deadlock detected", "statement timeout", "lock timeout"]
        .iter()
        .any(|part| message.contains(part))
}
