//! Suppressed addresses: what is no longer sent to them, and why.

use super::id::CampaignId;

crate::text_enum! {
    /// What a suppressed address no longer gets.
    pub enum SuppressionScope {
        /// Anything about one campaign.
        Campaign = "campaign",
        /// Tasks and reminders, of any campaign.
        Tasks = "tasks",
        /// Anything but account mail: a link to sign in, and what a user asks to be sent at this moment.
        All = "all",
    }
}

crate::text_enum! {
    /// Why an address is suppressed.
    pub enum SuppressionReason {
        /// A receiver said for good that there is no such mailbox, or a mailbox took nothing for long.
        Bounced = "bounced",
        /// Its owner reported a mail as unwanted.
        Complained = "complained",
        /// Its owner asked for it, by another way than a link.
        Requested = "requested",
    }
}

/// What an address shall no longer get: a scope, with the campaign where it is one campaign's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Nothing about this campaign.
    Campaign(CampaignId),
    /// No tasks.
    Tasks,
    /// Nothing but account mail.
    All,
}

impl Silence {
    /// Its scope.
    #[must_use]
    pub const fn scope(self) -> SuppressionScope {
        match self {
            Self::Campaign(_) => SuppressionScope::Campaign,
            Self::Tasks => SuppressionScope::Tasks,
            Self::All => SuppressionScope::All,
        }
    }
    /// Its campaign, where it is about one.
    #[must_use]
    pub const fn campaign_id(self) -> Option<CampaignId> {
        match self {
            Self::Campaign(id) => Some(id),
            Self::Tasks | Self::All => None,
        }
    }
    /// What a scope and a campaign mean together; none where they do not belong together.
    #[must_use]
    pub const fn of(scope: SuppressionScope, campaign_id: Option<CampaignId>) -> Option<Self> {
        match (scope, campaign_id) {
            (SuppressionScope::Campaign, Some(id)) => Some(Self::Campaign(id)),
            (SuppressionScope::Tasks, None) => Some(Self::Tasks),
            (SuppressionScope::All, None) => Some(Self::All),
            _ => None,
        }
    }
}
