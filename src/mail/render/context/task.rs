//! What the mails about tasks are told. All addresses are http(s).

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::content::ClaimWords;
use crate::domain::kind::{Action, ConsentKind};
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;

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
    /// The registered post that the task points at.
    pub target_url: Option<String>,
    /// The claim that the task answers, with the fact and its source.
    pub claim: Option<ClaimWords>,
    /// Suggested texts, this member's first.
    pub variants: Vec<String>,
    /// Whether the suggestions must not be used as they are.
    pub own_words_required: bool,
    /// Until when it is open.
    pub deadline: DateTime<Utc>,
    /// The member's zone.
    pub zone: Tz,
    /// What the deadline goes by in the member's calendar: stable, so that taking it in twice shows it once.
    pub calendar_uid: String,
    /// The task's page.
    pub task_url: String,
    /// The page to decline on.
    pub decline_url: String,
    /// The page to pause all mails on.
    pub pause_url: String,
    /// The public register.
    pub register_url: String,
}

/// One task among several. All addresses are http(s).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestItem {
    /// What is asked.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// With which account, as people write it.
    pub account_handle: String,
    /// The campaign.
    pub campaign_title: String,
    /// The unit whose campaign it is.
    pub sponsor_unit: String,
    /// Until when it is open.
    pub deadline: DateTime<Utc>,
    /// Whether the member was mailed about it before.
    pub reminder: bool,
    /// The task's page.
    pub task_url: String,
    /// What the deadline goes by in the member's calendar.
    pub calendar_uid: String,
}

/// Several tasks of one member: only those still to do, the nearest deadline first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestMail {
    /// The member's language.
    pub locale: Locale,
    /// The member, as addressed.
    pub member_name: String,
    /// The institution that asks.
    pub institution: String,
    /// What is still to do; never empty.
    pub items: Vec<DigestItem>,
    /// The member's zone.
    pub zone: Tz,
    /// The member's own page, with all their tasks.
    pub tasks_url: String,
    /// The page to pause all mails on.
    pub pause_url: String,
    /// The page to choose hours, and whether mails come together.
    pub settings_url: String,
    /// The public register.
    pub register_url: String,
}

/// The request to fix or remove what was published for a campaign whose message was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionMail {
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
    /// What was wrong and what is right; may be several lines.
    pub correction: String,
    /// What the member did.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// With which account, as people write it.
    pub account_handle: String,
    /// What the member published, where its address is known.
    pub post_url: Option<String>,
    /// When the member reported it as done.
    pub done_at: DateTime<Utc>,
    /// The member's zone.
    pub zone: Tz,
    /// The page to answer on.
    pub answer_url: String,
    /// The campaign's page in the public register, where the correction stands.
    pub register_url: String,
}
