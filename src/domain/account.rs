//! Accounts: their states, and whether one may take tasks at all (rules 1 and 2 of "open by design").

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::kind::AccountKind;

crate::text_enum! {
    /// Whether an account is in service.
    pub enum AccountState {
        /// In service.
        Active = "active",
        /// Taken out of service for a time.
        Suspended = "suspended",
        /// Gone for good.
        Retired = "retired",
    }
}

crate::text_enum! {
    /// How an outside opinion leader is engaged.
    pub enum Engagement {
        /// Nothing is given in return.
        Unpaid = "unpaid",
        /// Goods, travel or access are given.
        InKind = "in_kind",
        /// Money is given; each post carries an ad label.
        Paid = "paid",
    }
}

crate::text_enum! {
    /// Where a disclosure stands.
    pub enum DisclosureState {
        /// Filed, not yet looked at by a second person.
        Filed = "filed",
        /// A second person saw the statement where it is said to stand.
        Confirmed = "confirmed",
        /// A second person did not find it, or found it wanting.
        Rejected = "rejected",
        /// A newer disclosure took its place.
        Replaced = "replaced",
    }
}

crate::text_enum! {
    /// How an account stands with its disclosure.
    pub enum DisclosureStanding {
        /// Confirmed, and good for more than a month.
        Current = "current",
        /// Confirmed, and about to lapse.
        Lapsing = "lapsing",
        /// It was confirmed once; its time is over.
        Lapsed = "lapsed",
        /// Filed, and waiting for a second person.
        Waiting = "waiting",
        /// Nothing on file.
        Missing = "missing",
    }
}

impl DisclosureStanding {
    /// How long before its end a disclosure counts as about to lapse.
    pub const NOTICE: TimeDelta = TimeDelta::days(30);

    /// How an account stands whose confirmed disclosure is current until `until`; `waits` says whether one is filed.
    #[must_use]
    pub fn of(until: Option<DateTime<Utc>>, waits: bool, now: DateTime<Utc>) -> Self {
        match until {
            Some(until) if until > now + Self::NOTICE => Self::Current,
            Some(until) if until > now => Self::Lapsing,
            Some(_) => Self::Lapsed,
            None if waits => Self::Waiting,
            None => Self::Missing,
        }
    }
}

crate::refusals! {
    /// Why an account may not do, or may not become, something.
    pub enum AccountRefusal {
        /// No confirmed, current disclosure.
        Undisclosed = "account.undisclosed": "The account has no confirmed, current disclosure of its affiliation, so it takes no tasks",
        /// The person has not opted in or confirmed the role.
        NoConsent = "account.no_consent": "The member has not given the consent that this kind of account needs",
        /// The person paused or left.
        MemberNotActive = "account.member_not_active": "The member is paused or has left",
        /// Suspended or retired.
        NotActive = "account.not_active": "The account is not in service",
        /// The one who filed cannot be the one who checks.
        CheckerIsFiler = "disclosure.checker_is_filer": "A disclosure is confirmed by another person than the one who filed it",
        /// Already confirmed, rejected or replaced.
        DisclosureSettled = "disclosure.settled": "This disclosure has already been settled; file a new one",
        /// An outside opinion leader without an engagement.
        EngagementMissing = "account.engagement_missing": "An external opinion leader's account states its engagement: unpaid, in_kind or paid",
        /// An engagement on another kind.
        EngagementNotExternal = "account.engagement_not_external": "Only an external opinion leader's account has an engagement",
        /// Rule 2.
        SecondOnPlatform = "account.second_on_platform": "This person already has an account on that platform; one natural person, one account per platform",
        /// A white-label account that nobody answers for.
        OperatingUnitMissing = "account.operating_unit_missing": "A white-label account names the unit that operates it; the public register shows it",
        /// Operators of a person's own account.
        OperatorsNotInstitution = "account.operators_not_institution": "Only an institution's account has further operators; a person's own account has one person",
        /// Gone for good.
        Retired = "account.retired": "The account is retired; add it anew",
        /// The kind cannot be asked for this.
        ActionNotForKind = "account.action_not_for_kind": "This kind of account may not be asked for that action",
    }
}

/// When a disclosure confirmed at `checked_at` lapses.
#[must_use]
pub fn disclosure_lapses_at(checked_at: DateTime<Utc>, valid_months: u32) -> DateTime<Utc> {
    checked_at.checked_add_months(Months::new(valid_months)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// What decides whether an account takes tasks at an instant.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The account's own state.
    pub state: AccountState,
    /// Until when its confirmed disclosure is current, if there is one.
    pub disclosed_until: Option<DateTime<Utc>>,
    /// Whether the person is active: neither paused nor gone.
    pub member_active: bool,
    /// Whether the person has given the confirmation that the kind needs, in its current text version.
    pub consented: bool,
}

impl Standing {
    /// Whether the account takes tasks at `now`; the first reason against it otherwise.
    ///
    /// # Errors
    /// An [`AccountRefusal`]; the set-based audience applies the same order.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), AccountRefusal> {
        if self.state != AccountState::Active {
            return Err(AccountRefusal::NotActive);
        }
        if self.disclosed_until.is_none_or(|until| until <= now) {
            return Err(AccountRefusal::Undisclosed);
        }
        if !self.member_active {
            return Err(AccountRefusal::MemberNotActive);
        }
        if !self.consented {
            return Err(AccountRefusal::NoConsent);
        }
        Ok(())
    }
}

/// Whether the engagement fits the kind.
///
/// # Errors
/// [`AccountRefusal::EngagementMissing`] or [`AccountRefusal::EngagementNotExternal`].
pub fn check_engagement(kind: AccountKind, engagement: Option<Engagement>) -> Result<(), AccountRefusal> {
    match (kind, engagement) {
        (AccountKind::KolExternal, None) => Err(AccountRefusal::EngagementMissing),
        (AccountKind::KolExternal, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(AccountRefusal::EngagementNotExternal),
    }
}

/// Whether `checker` may settle a disclosure filed by `filer` that stands at `state`.
///
/// # Errors
/// [`AccountRefusal::CheckerIsFiler`] or [`AccountRefusal::DisclosureSettled`].
pub fn check_disclosure_settling<T: PartialEq>(state: DisclosureState, filer: T, checker: T) -> Result<(), AccountRefusal> {
    if state != DisclosureState::Filed {
        return Err(AccountRefusal::DisclosureSettled);
    }
    if filer == checker {
        return Err(AccountRefusal::CheckerIsFiler);
    }
    Ok(())
}

impl AccountState {
    /// The state after taking the account out of service, back into it, or away for good.
    ///
    /// # Errors
    /// [`AccountRefusal::Retired`]: nothing follows retirement.
    pub fn turn_to(self, next: Self) -> Result<Self, AccountRefusal> {
        if self == Self::Retired && next != Self::Retired { Err(AccountRefusal::Retired) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> (Standing, DateTime<Utc>) {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let until = Some(now + TimeDelta::seconds(1));
        (Standing { state: AccountState::Active, disclosed_until: until, member_active: true, consented: true }, now)
    }

    #[test]
    fn only_a_disclosed_active_consented_account_takes_tasks() {
        let (standing, now) = good();
        assert_eq!(standing.check(now), Ok(()));
        assert_eq!(Standing { disclosed_until: None, ..standing }.check(now), Err(AccountRefusal::Undisclosed));
        assert_eq!(standing.check(now + TimeDelta::seconds(1)), Err(AccountRefusal::Undisclosed));
        assert_eq!(Standing { member_active: false, ..standing }.check(now), Err(AccountRefusal::MemberNotActive));
        assert_eq!(Standing { consented: false, ..standing }.check(now), Err(AccountRefusal::NoConsent));
        for state in [AccountState::Suspended, AccountState::Retired] {
            assert_eq!(Standing { state, ..standing }.check(now), Err(AccountRefusal::NotActive));
        }
    }

    #[test]
    fn a_disclosure_needs_a_second_person_once() {
        assert_eq!(check_disclosure_settling(DisclosureState::Filed, 1, 2), Ok(()));
        assert_eq!(check_disclosure_settling(DisclosureState::Filed, 1, 1), Err(AccountRefusal::CheckerIsFiler));
        for state in [DisclosureState::Confirmed, DisclosureState::Rejected, DisclosureState::Replaced] {
            assert_eq!(check_disclosure_settling(state, 1, 2), Err(AccountRefusal::DisclosureSettled));
        }
    }

    #[test]
    fn engagement_belongs_to_external_opinion_leaders() {
        assert_eq!(check_engagement(AccountKind::KolExternal, None), Err(AccountRefusal::EngagementMissing));
        assert_eq!(check_engagement(AccountKind::KolExternal, Some(Engagement::Paid)), Ok(()));
        assert_eq!(check_engagement(AccountKind::Advocate, Some(Engagement::Paid)), Err(AccountRefusal::EngagementNotExternal));
        assert_eq!(check_engagement(AccountKind::Advocate, None), Ok(()));
    }
}
