//! Whom a wave asks: a rule kept with the campaign, resolved when the wave opens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id::{AccountId, UnitId};
use super::kind::AccountKind;

/// The audience rule of a wave. Empty lists mean "no restriction"; the wave's layer and its tasks' platforms always restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    /// Units whose subtrees are in; empty: the campaign's unit and everything below it.
    pub units: Vec<UnitId>,
    /// Units whose subtrees are out, also inside a subtree that is in.
    pub exclude_units: Vec<UnitId>,
    /// Kinds of account; empty: every kind of the wave's layer.
    pub kinds: Vec<AccountKind>,
    /// Languages of accounts, BCP 47 primary tags in lower case.
    pub languages: Vec<String>,
    /// Topics, of which an account has at least one.
    pub topics: Vec<String>,
    /// The least number of followers.
    pub min_followers: Option<u32>,
    /// Accounts that are left out by name.
    pub exclude_accounts: Vec<AccountId>,
    /// Ask only so many accounts: those whose person was asked least often first.
    pub sample: Option<u32>,
    /// At most so many tasks a person within seven days, over all campaigns; unset: the organisation's own cap.
    pub weekly_cap: Option<u32>,
}

crate::text_enum! {
    /// Why an account that the rule names is not asked.
    pub enum SkipReason {
        /// Suspended or retired.
        AccountNotActive = "account_not_active",
        /// No confirmed, current disclosure.
        Undisclosed = "undisclosed",
        /// Paused or left.
        MemberNotActive = "member_not_active",
        /// No consent in the current text version.
        NoConsent = "no_consent",
        /// The address is suppressed.
        SuppressedAddress = "suppressed_address",
        /// The person reached the weekly cap.
        WeeklyCap = "weekly_cap",
        /// The person is asked through another account in this wave.
        AskedOnce = "asked_once",
        /// Outside the sample.
        NotSampled = "not_sampled",
    }
}
