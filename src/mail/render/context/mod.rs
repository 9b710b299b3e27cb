//! What each mail must be told. A field that is missing does not compile.

mod checkpoint;
mod notice;
mod person;
mod report;
mod task;

pub use checkpoint::{CheckpointMail, LogState};
pub use notice::{NoticeMail, NoticeWords};
pub use person::{AskedAccount, OptInMail, ReleaseRequestMail, SignInMail};
pub use report::{DailyReportMail, NextOpening, ReportedCampaign};
pub use task::{CorrectionMail, DigestItem, DigestMail, TaskMail};

use crate::domain::locale::Locale;

/// Every mail that Gaung writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailContext {
    /// A new task.
    Task(TaskMail),
    /// The same task, still open.
    Reminder(TaskMail),
    /// The mail of a task that nobody has yet, to the one who tries it out.
    Test(TaskMail),
    /// Several tasks of one member in one mail: only what is still to do.
    Digest(DigestMail),
    /// What a campaign said was wrong: the request to fix or remove what the member published.
    Correction(CorrectionMail),
    /// The request to opt in, or to confirm an operator's role.
    OptIn(OptInMail),
    /// A campaign that waits for an approver.
    ReleaseRequest(ReleaseRequestMail),
    /// A link that signs a user in.
    SignIn(SignInMail),
    /// How the campaigns stand that a user runs.
    DailyReport(DailyReportMail),
    /// One thing to decide, or one decision.
    Notice(NoticeMail),
    /// The log's checkpoint of the day.
    Checkpoint(CheckpointMail),
}

impl MailContext {
    /// The language it is written in.
    #[must_use]
    pub const fn locale(&self) -> Locale {
        match self {
            Self::Task(mail) | Self::Reminder(mail) | Self::Test(mail) => mail.locale,
            Self::Digest(mail) => mail.locale,
            Self::Correction(mail) => mail.locale,
            Self::OptIn(mail) => mail.locale,
            Self::ReleaseRequest(mail) => mail.locale,
            Self::SignIn(mail) => mail.locale,
            Self::DailyReport(mail) => mail.locale,
            Self::Notice(mail) => mail.locale,
            Self::Checkpoint(mail) => mail.locale,
        }
    }
}
