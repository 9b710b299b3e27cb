//! What an auditor's checkpoint mail is told.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::domain::locale::Locale;

/// What the service's own check of the log has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogState {
    /// So many entries were read anew and are what was sealed.
    Intact(i64),
    /// This entry is not what was sealed.
    Broken(i64),
    /// No check has come to its end yet.
    NotChecked,
}

/// The log's checkpoint of the day, for an auditor to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointMail {
    /// The auditor's language.
    pub locale: Locale,
    /// The auditor, as addressed.
    pub name: String,
    /// The institution.
    pub institution: String,
    /// The day, on the auditor's wall.
    pub day: NaiveDate,
    /// How many entries are sealed.
    pub size: i64,
    /// When that was signed.
    pub signed_at: DateTime<Utc>,
    /// The signed checkpoint, line by line as it stands.
    pub checkpoint: String,
    /// What the service found itself.
    pub state: LogState,
    /// The auditor's zone.
    pub zone: Tz,
    /// The page that says how to check.
    pub verify_url: String,
    /// The page where the auditor stops these mails.
    pub settings_url: String,
}
