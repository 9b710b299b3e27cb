//! What the mails to one person about themselves are told: consent, release, sign-in.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::kind::ConsentKind;
use crate::domain::locale::Locale;
use crate::domain::platform::Platform;

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
