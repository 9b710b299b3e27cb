//! Accounts: whose they are, what they are, who runs them, and whether they are in service.

mod desk;
mod draft;
mod view;

use serde_json::json;

pub(crate) use desk::by_ids;
pub use desk::{AccountDesk, AccountFilter, ListedAccount, list_of_member, search, show};
pub(crate) use draft::{Draft, Fields};
pub use view::{Account, AccountForm};

use super::caller::Caller;
use super::error::ServiceError;
use super::form::Faults;
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::domain::account::{AccountRefusal, AccountState, DisclosureState};
use crate::domain::event::EventKind;
use crate::domain::id::{AccountId, MemberId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::role::Act;
use crate::store::account::{self, AccountRow};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError, Tx, Unique, disclosure, member};

fn read(form: &AccountForm) -> Result<Draft, ServiceError> {
    let topics = form.topics.iter().map(String::as_str).collect::<Vec<_>>();
    let mut faults = Faults::default();
    let fields = Fields {
        platform: form.platform,
        handle: &form.handle,
        display_name: &form.display_name,
        language: &form.language,
        followers: form.followers,
        topics: &topics,
        engagement: form.engagement,
        public_name: form.public_name,
    };
    let draft = Draft::read(form.kind, fields, &mut faults);
    let draft = faults.finish(draft)?;
    draft.check(form.unit_id.is_some(), form.operators.is_empty())?;
    Ok(draft)
}

/// Where the account belongs, if the caller may place it there and knows everybody it names.
fn place(tx: &mut Tx<'_>, caller: &Caller, form: &AccountForm) -> Result<UnitId, ServiceError> {
    let person = member::get(tx.conn, form.member_id)?;
    caller.check(tx.conn, Act::ManageAccounts, person.unit_id)?;
    let unit_id = form.unit_id.unwrap_or(person.unit_id);
    caller.check(tx.conn, Act::ManageAccounts, unit_id)?;
    let operators = operators(form);
    let known = member::list_by_ids(tx.conn, &operators)?;
    if known.len() != operators.len() {
        return Err(ServiceError::NotFound("it"));
    }
    for operator in known {
        caller.check(tx.conn, Act::ManageAccounts, operator.unit_id)?;
    }
    Ok(unit_id)
}

/// The operators besides the person who is asked, each once.
fn operators(form: &AccountForm) -> Vec<MemberId> {
    let mut operators: Vec<MemberId> = form.operators.iter().copied().filter(|id| *id != form.member_id).collect();
    operators.sort_unstable();
    operators.dedup();
    operators
}

fn taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::Taken(Unique::AccountHandle) => {
            ServiceError::field("handle", "account.handle_taken", "This account is on file already")
        }
        StoreError::Taken(Unique::AccountPerPerson) => AccountRefusal::SecondOnPlatform.into(),
        other => other.into(),
    }
}

/// What the log says about an account. Handle and name may be a person's, so they are committed to, not written out.
fn entry(kind: EventKind, row: &AccountRow, subject_ref: &str) -> NewEntry {
    let payload = json!({ "account_id": row.id, "kind": row.kind, "platform": row.platform, "state": row.state });
    let detail = json!({ "handle": row.handle, "display_name": row.display_name, "language": row.language,
        "followers": row.followers, "engagement": row.engagement, "public_name": row.public_name });
    NewEntry::new(kind).unit(row.unit_id).subject(subject_ref).payload(payload).detail(detail)
}

pub(crate) fn added(row: &AccountRow, subject_ref: &str) -> NewEntry {
    entry(EventKind::AccountAdded, row, subject_ref)
}

pub(crate) fn changed(row: &AccountRow, subject_ref: &str, what: &[&str]) -> NewEntry {
    let mut entry = entry(EventKind::AccountChanged, row, subject_ref);
    if let Some(payload) = entry.payload.as_object_mut() {
        payload.insert("changed".into(), json!(what));
    }
    entry
}

/// Adds an account. It takes no tasks before a disclosure is confirmed and its person has consented.
///
/// # Errors
/// `Refused` with `account.second_on_platform`, `account.engagement_missing`, `account.engagement_not_external`,
/// `account.operating_unit_missing` or `account.operators_not_institution`; `Invalid` for faults or a handle on file.
pub async fn add(app: &App, caller: &Caller, form: AccountForm) -> Result<Account, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let unit_id = place(tx, &who, &form)?;
            let draft = read(&form)?;
            let row = draft.new_row(unit_id, form.member_id, tx.now);
            account::insert(tx, &row).map_err(taken)?;
            account::set_topics(tx, row.id, draft.topics())?;
            account::set_operators(tx, row.id, &operators(&form))?;
            let subject_ref = member::get(tx.conn, row.member_id)?.subject_ref;
            tx.record(added(&row, &subject_ref));
            view::of(tx.conn, row)
        })
        .await
}

/// Changes an account. Another kind, platform, handle or unit is another thing to disclose: the confirmed disclosure ends with it.
///
/// # Errors
/// As [`add`]; `account.retired`; `Conflict` when `version` is not the current one.
pub async fn change(app: &App, caller: &Caller, id: AccountId, version: i32, form: AccountForm) -> Result<Account, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reachable(tx.conn, &who, id)?;
            let unit_id = place(tx, &who, &form)?;
            if row.version != version {
                return Err(StoreError::Stale.into());
            }
            row.state.turn_to(AccountState::Active)?;
            let draft = read(&form)?;
            let before = row.clone();
            let mut what = draft.apply(&mut row, unit_id);
            if row.member_id != form.member_id {
                row.member_id = form.member_id;
                what.push("member");
            }
            what.extend(side_tables(tx, id, &draft, &operators(&form))?);
            if what.is_empty() {
                tx.without_entry("the account is as before");
                return view::of(tx.conn, row);
            }
            end_disclosure_if_moved(tx, &before, &mut row)?;
            account::save(tx, &row).map_err(taken)?;
            let subject_ref = member::get(tx.conn, row.member_id)?.subject_ref;
            tx.record(changed(&row, &subject_ref, &what));
            row.version += 1;
            view::of(tx.conn, row)
        })
        .await
}

/// Replaces topics and operators where they differ; names what did.
pub(crate) fn side_tables(
    tx: &mut Tx<'_>,
    id: AccountId,
    draft: &Draft,
    operators: &[MemberId],
) -> Result<Vec<&'static str>, StoreError> {
    let mut what = Vec::new();
    if account::topics(tx.conn, id)? != draft.topics() {
        account::set_topics(tx, id, draft.topics())?;
        what.push("topics");
    }
    if account::operators(tx.conn, id)? != operators {
        account::set_operators(tx, id, operators)?;
        what.push("operators");
    }
    Ok(what)
}

/// Whether the account became another one than was disclosed: another kind, handle or person, or, where the register names it, another
/// operating unit.
pub(crate) fn is_moved(before: &AccountRow, after: &AccountRow) -> bool {
    let operator_moved = after.kind == AccountKind::WhiteLabel && before.unit_id != after.unit_id;
    let identity = |row: &AccountRow| (row.kind, row.platform, row.handle_norm.clone(), row.member_id);
    operator_moved || identity(before) != identity(after)
}

/// Ends the confirmed disclosure of an account that became another one than was disclosed.
pub(crate) fn end_disclosure_if_moved(tx: &mut Tx<'_>, before: &AccountRow, row: &mut AccountRow) -> Result<(), StoreError> {
    if is_moved(before, row) && before.disclosed_until.is_some() {
        row.disclosed_until = None;
        disclosure::replace_all(tx, row.id, &[DisclosureState::Confirmed])?;
    }
    Ok(())
}

fn reachable(conn: &mut Conn, caller: &Caller, id: AccountId) -> Result<AccountRow, ServiceError> {
    let row = account::get(conn, id)?;
    caller.check(conn, Act::ManageAccounts, row.unit_id)?;
    Ok(row)
}

/// Takes an account out of service for a time: it gets no tasks.
///
/// # Errors
/// `Refused` with `account.retired`; `NotFound` outside the caller's reach.
pub async fn suspend(app: &App, caller: &Caller, id: AccountId) -> Result<Account, ServiceError> {
    set_state(app, caller, id, AccountState::Suspended).await
}

/// Puts a suspended account back into service.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(app: &App, caller: &Caller, id: AccountId) -> Result<Account, ServiceError> {
    set_state(app, caller, id, AccountState::Active).await
}

/// Takes an account out of service for good; its person may then have another one on that platform.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn retire(app: &App, caller: &Caller, id: AccountId) -> Result<Account, ServiceError> {
    set_state(app, caller, id, AccountState::Retired).await
}

async fn set_state(app: &App, caller: &Caller, id: AccountId, state: AccountState) -> Result<Account, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let mut row = reachable(tx.conn, &who, id)?;
            let next = row.state.turn_to(state)?;
            if next == row.state {
                tx.without_entry("the account was in that state already");
                return view::of(tx.conn, row);
            }
            row.state = next;
            account::save(tx, &row)?;
            let subject_ref = member::get(tx.conn, row.member_id)?.subject_ref;
            tx.record(changed(&row, &subject_ref, &["state"]));
            row.version += 1;
            view::of(tx.conn, row)
        })
        .await
}

/// One account.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn get(app: &App, caller: &Caller, id: AccountId) -> Result<Account, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| {
            let row = account::get(conn, id)?;
            who.check(conn, Act::ViewOrganisation, row.unit_id)?;
            view::of(conn, row)
        })
        .await
}

/// The accounts that the caller sees, by the time they were added; with `unit_id`, those of that unit and below.
///
/// # Errors
/// `NotFound` for a unit outside the caller's reach; `Invalid` for a cursor that no page gave.
pub async fn list(
    app: &App,
    caller: &Caller,
    unit_id: Option<UnitId>,
    request: PageRequest,
) -> Result<Page<Account>, ServiceError> {
    let who = caller.clone();
    let after = request.after_id()?;
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ViewOrganisation, unit_id)?;
            let rows = account::list(conn, roots.as_deref(), after, request.rows())?;
            let page = Page::of(rows, &request, |row| row.id.to_string());
            let next = page.next;
            Ok(Page { items: view::of_many(conn, page.items)?, next })
        })
        .await
}
