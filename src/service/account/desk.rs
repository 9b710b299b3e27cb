//! Accounts as the desk lists them: by kind, unit and how their disclosure stands.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::view::{self, Account};
use crate::app::App;
use crate::domain::account::{AccountState, DisclosureStanding, DisclosureState};
use crate::domain::id::{AccountId, MemberId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::role::Act;
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::member::Member;
use crate::service::page::{Page, PageRequest};
use crate::store::account::{self, AccountQuery};
use crate::store::{Conn, disclosure, member};

/// Which accounts are wanted.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Of this unit and below.
    pub unit_id: Option<UnitId>,
    /// Of this kind.
    pub kind: Option<AccountKind>,
    /// In this state.
    pub state: Option<AccountState>,
    /// Whose disclosure stands so.
    pub standing: Option<DisclosureStanding>,
    /// Whose handle or shown name holds this.
    pub text: String,
}

/// An account in a list.
#[derive(Debug, Clone)]
pub struct ListedAccount {
    /// The account.
    pub account: Account,
    /// How its disclosure stands.
    pub standing: DisclosureStanding,
    /// Whether a filed disclosure waits for a second person.
    pub waits: bool,
}

/// The accounts that the caller sees and the filter lets through, by the time they were added.
///
/// # Errors
/// `NotFound` for a unit outside the caller's reach; `Invalid` for a cursor that no page gave.
pub async fn search(
    app: &App,
    caller: &Caller,
    filter: AccountFilter,
    request: PageRequest,
) -> Result<Page<ListedAccount>, ServiceError> {
    let (who, now) = (caller.clone(), app.clock.now());
    let after = request.after_id()?;
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ViewOrganisation, filter.unit_id)?;
            let query = AccountQuery {
                roots,
                kind: filter.kind,
                state: filter.state,
                standing: filter.standing,
                text: filter.text.trim().trim_start_matches('@').to_lowercase(),
                now,
            };
            let rows = account::search(conn, &query, after, request.rows())?;
            let page = Page::of(rows, &request, |row| row.id.to_string());
            let accounts = view::of_many(conn, page.items)?;
            Ok(Page { items: listed(conn, accounts, now)?, next: page.next })
        })
        .await
}

fn listed(conn: &mut Conn, accounts: Vec<Account>, now: DateTime<Utc>) -> Result<Vec<ListedAccount>, ServiceError> {
    let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
    let filed = disclosure::list_by_accounts(conn, &ids, &[DisclosureState::Filed])?;
    let filed: HashSet<AccountId> = filed.into_iter().map(|row| row.account_id).collect();
    let listed = accounts.into_iter().map(|account| {
        let waits = filed.contains(&account.id);
        ListedAccount { standing: DisclosureStanding::of(account.disclosed_until, waits, now), waits, account }
    });
    Ok(listed.collect())
}

/// One account with how its disclosure stands, the person who is asked, and the further operators.
#[derive(Debug, Clone)]
pub struct AccountDesk {
    /// The account.
    pub listed: ListedAccount,
    /// The person; only for who keeps members.
    pub person: Option<Member>,
    /// The further operators; only for who keeps members.
    pub operators: Vec<Member>,
    /// Whether the caller may change the account.
    pub may_change: bool,
}

/// One account for its own page.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn show(app: &App, caller: &Caller, id: AccountId) -> Result<AccountDesk, ServiceError> {
    let (who, now) = (caller.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let row = account::get(conn, id)?;
            who.check(conn, Act::ViewOrganisation, row.unit_id)?;
            let account = view::of(conn, row)?;
            let may_change = who.check(conn, Act::ManageAccounts, account.unit_id).is_ok();
            let person = member::get(conn, account.member_id)?;
            let mut named = vec![person];
            named.extend(member::list_by_ids(conn, &account.operators)?);
            let mut seen = Vec::new();
            for row in named {
                if who.check(conn, Act::ManageMembers, row.unit_id).is_ok() {
                    seen.push(Member::from(row));
                }
            }
            let at = seen.iter().position(|member| member.id == account.member_id);
            let person = at.map(|at| seen.remove(at));
            let listed = listed(conn, vec![account], now)?.pop().ok_or(ServiceError::NotFound("it"))?;
            Ok(AccountDesk { listed, person, operators: seen, may_change })
        })
        .await
}

/// The accounts of one member that the caller keeps.
///
/// # Errors
/// `NotFound` for a member outside the caller's reach.
pub async fn list_of_member(app: &App, caller: &Caller, id: MemberId) -> Result<Vec<Account>, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| {
            let person = member::get(conn, id)?;
            who.check(conn, Act::ManageMembers, person.unit_id)?;
            let mut rows = Vec::new();
            for row in account::list_by_member(conn, id)? {
                if who.check(conn, Act::ViewOrganisation, row.unit_id).is_ok() {
                    rows.push(row);
                }
            }
            view::of_many(conn, rows)
        })
        .await
}

/// The accounts with these ids.
///
/// # Errors
/// The database's failure.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Account>, ServiceError> {
    let rows = account::list_by_ids(conn, ids)?;
    view::of_many(conn, rows)
}
