//! What a user's daily report is told.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::domain::locale::Locale;

/// A wave that opens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextOpening {
    /// The wave.
    pub wave: String,
    /// When it opens; `None` where that depends on what happens before it.
    pub at: Option<DateTime<Utc>>,
}

/// How one running campaign stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedCampaign {
    /// The campaign.
    pub title: String,
    /// How many were asked.
    pub asked: i64,
    /// How many of them did it; `None` where the group is so small that the figure would name people.
    pub done: Option<i64>,
    /// Mails that could not be delivered.
    pub mails_failed: i64,
    /// Mails of which nobody knows; a person decides.
    pub mails_unknown: i64,
    /// What opens next, if anything.
    pub next: Option<NextOpening>,
    /// When the last mail that waits will have left, if one waits.
    pub last_mail_at: Option<DateTime<Utc>>,
    /// Why it stands still, if it does.
    pub paused_because: Option<String>,
    /// The campaign's page in the console.
    pub url: String,
}

/// How the campaigns stand that a user runs, once a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyReportMail {
    /// The user's language.
    pub locale: Locale,
    /// The user, as addressed.
    pub name: String,
    /// The institution.
    pub institution: String,
    /// The day it is about, on the user's wall.
    pub day: NaiveDate,
    /// The running campaigns; never empty.
    pub campaigns: Vec<ReportedCampaign>,
    /// The user's zone.
    pub zone: Tz,
    /// The list of campaigns in the console.
    pub console_url: String,
    /// The page where the user stops these mails.
    pub settings_url: String,
}
