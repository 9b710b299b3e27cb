//! Disclosures as the desk shows them: with the names of who filed and who checked, and beside the account they are about.

use std::collections::HashMap;

use super::Disclosure;
use crate::app::App;
use crate::domain::account::DisclosureState;
use crate::domain::id::{AccountId, DisclosureId};
use crate::domain::role::Act;
use crate::service::account::{self, Account};
use crate::service::caller::Caller;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::disclosure::{self, DisclosureRow};
use crate::store::{Conn, user};

/// A disclosure with the names of those who dealt with it; none for the operator, or who has been erased.
#[derive(Debug, Clone)]
pub struct Told {
    /// The disclosure.
    pub disclosure: Disclosure,
    /// Who filed it.
    pub filed_by: Option<String>,
    /// Who settled it.
    pub checked_by: Option<String>,
}

/// A filed disclosure and its account.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The disclosure.
    pub told: Told,
    /// The account.
    pub account: Account,
    /// Whether the caller filed it: then somebody else settles it.
    pub is_own: bool,
}

fn told(conn: &mut Conn, rows: Vec<DisclosureRow>) -> Result<Vec<Told>, ServiceError> {
    let refs: Vec<String> = rows.iter().flat_map(|row| [Some(row.filed_by.clone()), row.checked_by.clone()]).flatten().collect();
    let names: HashMap<String, String> = user::names(conn, &refs)?.into_iter().collect();
    let told = rows.into_iter().map(|row| Told {
        filed_by: names.get(&row.filed_by).cloned(),
        checked_by: row.checked_by.as_ref().and_then(|by| names.get(by)).cloned(),
        disclosure: row.into(),
    });
    Ok(told.collect())
}

fn filed(conn: &mut Conn, rows: Vec<DisclosureRow>, own: &str) -> Result<Vec<Filed>, ServiceError> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.account_id).collect();
    let mut accounts: HashMap<AccountId, Account> =
        account::by_ids(conn, &ids)?.into_iter().map(|account| (account.id, account)).collect();
    let mut list = Vec::new();
    for told in told(conn, rows)? {
        let id = told.disclosure.account_id;
        // An account has one filed disclosure at most, so it is taken once.
        let account = accounts.remove(&id).ok_or(ServiceError::NotFound("it"))?;
        list.push(Filed { is_own: told.disclosure.filed_by == own, account, told });
    }
    Ok(list)
}

/// Every disclosure of an account with names, the newest first.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn history(app: &App, caller: &Caller, account_id: AccountId) -> Result<Vec<Told>, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| {
            let account = crate::store::account::get(conn, account_id)?;
            who.check(conn, Act::ViewOrganisation, account.unit_id)?;
            let rows = disclosure::list_by_account(conn, account_id)?;
            told(conn, rows)
        })
        .await
}

/// The disclosures that wait for the caller with their accounts, the oldest first.
///
/// # Errors
/// `Forbidden` for who confirms none; `Invalid` for a cursor that no page gave.
pub async fn waiting(app: &App, caller: &Caller, request: PageRequest) -> Result<Page<Filed>, ServiceError> {
    let roots = caller.reach(Act::ConfirmDisclosures)?;
    let after = request.after_id()?;
    let own = caller.actor().reference().to_owned();
    app.db
        .read(move |conn| {
            let rows = disclosure::list_waiting(conn, roots.as_deref(), &own, after, request.rows())?;
            let page = Page::of(rows, &request, |row| row.id.to_string());
            Ok(Page { items: filed(conn, page.items, &own)?, next: page.next })
        })
        .await
}

/// One filed disclosure, to be looked at and settled.
///
/// # Errors
/// `NotFound` outside the caller's reach; `Refused` with `disclosure.settled` where that was done.
pub async fn to_check(app: &App, caller: &Caller, id: DisclosureId) -> Result<Filed, ServiceError> {
    let who = caller.clone();
    who.reach(Act::ConfirmDisclosures)?;
    let own = caller.actor().reference().to_owned();
    app.db
        .read(move |conn| {
            let row = disclosure::get(conn, id)?;
            let account = crate::store::account::get(conn, row.account_id)?;
            who.check(conn, Act::ConfirmDisclosures, account.unit_id)?;
            if row.state != DisclosureState::Filed {
                return Err(crate::domain::account::AccountRefusal::DisclosureSettled.into());
            }
            filed(conn, vec![row], &own)?.pop().ok_or(ServiceError::NotFound("it"))
        })
        .await
}
