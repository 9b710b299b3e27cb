//! What each mail must be told. A field that is missing does not compile.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::kind::{Action, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;

/// Every mail that Gaung writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailContext {
    /// A new task.
    Task(TaskMail),
    /// The same task, still open.
    Reminder(TaskMail),
    /// The mail of a task that nobody has yet, to the one who tries it out.
    Test(TaskMail),
    /// The request to opt in, or to confirm an operator's role.
    OptIn(OptInMail),
    /// A campaign that waits for an approver.
    ReleaseRequest(ReleaseRequestMail),
    /// A link that signs a user in.
    SignIn(SignInMail),
}

/// What is asked of one person with one account. All addresses are http(s).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskMail {
    /// The member's language.
    pub locale: Locale,
    /// The member, as addressed.
    pub member_name: String,
    /// The institution that asks.
    pub institution: String,
    /// The unit whose campaign it is.
    pub sponsor_unit: String,
    /// The campaign.
    pub campaign_title: String,
    /// The campaign's one message.
    pub message: String,
    /// What is asked.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// With which account, as people write it.
    pub account_handle: String,
    /// Which confirmation the member gave: why they get this mail.
    pub consent: ConsentKind,
    /// The wave's brief; may be several lines, may be empty.
    pub brief: String,
    /// The registered post or claim that the task points at.
    pub target_url: Option<String>,
    /// Suggested texts, this member's first.
    pub variants: Vec<String>,
    /// Whether the suggestions must not be used as they are.
    pub own_words_required: bool,
    /// Until when it is open.
    pub deadline: DateTime<Utc>,
    /// The member's zone.
    pub zone: Tz,
    /// The task's page.
    pub task_url: String,
    /// The page to decline on.
    pub decline_url: String,
    /// The page to pause all mails on.
    pub pause_url: String,
    /// The public register.
    pub register_url: String,
}

/// One account in the request to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAccount {
    /// Where.
    pub platform: Platform,
    /// As people write it.
    pub handle: String,
}

/// The request to confirm: nothing else is mailed before it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptInMail {
    /// The member's language.
    pub locale: Locale,
    /// The member, as addressed.
    pub member_name: String,
    /// The institution that asks.
    pub institution: String,
    /// A free opt-in, or an operator's role.
    pub consent: ConsentKind,
    /// The full text that is agreed to, in its current version.
    pub consent_text: String,
    /// The accounts on file for this person.
    pub accounts: Vec<AskedAccount>,
    /// Until when the link works.
    pub expires_at: DateTime<Utc>,
    /// The member's zone.
    pub zone: Tz,
    /// The page to confirm or refuse on.
    pub confirm_url: String,
    /// The public register.
    pub register_url: String,
}

/// The request to release or return a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRequestMail {
    /// The approver's language.
    pub locale: Locale,
    /// The approver, as addressed.
    pub approver_name: String,
    /// The institution.
    pub institution: String,
    /// Who submitted it.
    pub author_name: String,
    /// The unit whose campaign it is.
    pub sponsor_unit: String,
    /// The campaign.
    pub campaign_title: String,
    /// The campaign's one message.
    pub message: String,
    /// How many waves it has.
    pub waves: i64,
    /// When the first opens, if that is a fixed time.
    pub first_opens_at: Option<DateTime<Utc>>,
    /// The approver's zone.
    pub zone: Tz,
    /// The campaign's page in the console.
    pub review_url: String,
}

/// A link that signs a user in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInMail {
    /// The user's language.
    pub locale: Locale,
    /// The user, as addressed.
    pub name: String,
    /// The institution.
    pub institution: String,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// The user's zone.
    pub zone: Tz,
    /// The page with the button.
    pub sign_in_url: String,
}
