//! Disclosures: one person files where an account's affiliation stands, another looks and confirms or rejects it.

mod desk;

use chrono::{DateTime, Utc};
use serde_json::json;

pub use desk::{Filed, Told, history, to_check, waiting};

use super::caller::Caller;
use super::error::ServiceError;
use super::form::Faults;
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::domain::account::{AccountRefusal, AccountState, DisclosureState, check_disclosure_settling, disclosure_lapses_at};
use crate::domain::event::EventKind;
use crate::domain::id::{AccountId, DisclosureId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::domain::web_url::{self, WebUrlError};
use crate::store::account::{self, AccountRow};
use crate::store::disclosure::{self, DisclosureRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, Tx, member};

/// The longest statement, in characters.
const STATEMENT_CHARACTERS: usize = 1_000;
/// The longest note, in characters.
const NOTE_CHARACTERS: usize = 1_000;

/// A disclosure as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// Whose affiliation it states.
    pub account_id: AccountId,
    /// The public statement, word for word.
    pub statement: String,
    /// Where it stands.
    pub url: String,
    /// Where it is in its life.
    pub state: DisclosureState,
    /// Who filed it, as the log names them.
    pub filed_by: String,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// Who settled it, as the log names them.
    pub checked_by: Option<String>,
    /// When it was settled.
    pub checked_at: Option<DateTime<Utc>>,
    /// When a confirmed one lapses.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why it was rejected.
    pub note: String,
}

impl From<DisclosureRow> for Disclosure {
    fn from(row: DisclosureRow) -> Self {
        let DisclosureRow { id, account_id, statement, url, state, filed_by, checked_by, note, .. } = row;
        let (checked_at, expires_at) = (row.checked_at.map(|at| at.0), row.expires_at.map(|at| at.0));
        Self {
            id,
            account_id,
            statement,
            url,
            state,
            filed_by,
            filed_at: row.filed_at.0,
            checked_by,
            checked_at,
            expires_at,
            note,
        }
    }
}

/// A disclosure whose fields were found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub statement: String,
    pub url: String,
}

impl Draft {
    /// Reads the fields, whose faults go under the given names.
    pub(crate) fn read(statement: (&'static str, &str), url: (&'static str, &str), faults: &mut Faults) -> Option<Self> {
        let text = faults.take(statement.0, plain_text::paragraphs(statement.1, STATEMENT_CHARACTERS), TextError::code);
        let address = faults.take(url.0, web_url::parse(url.1), WebUrlError::code);
        Some(Self { statement: text?, url: address? })
    }
    /// A filed disclosure.
    pub(crate) fn into_row(self, account_id: AccountId, filed_by: &str, now: DateTime<Utc>) -> DisclosureRow {
        DisclosureRow {
            id: DisclosureId::new(),
            account_id,
            statement: self.statement,
            url: self.url,
            state: DisclosureState::Filed,
            filed_by: filed_by.to_owned(),
            filed_at: At(now),
            checked_by: None,
            checked_at: None,
            expires_at: None,
            note: String::new(),
        }
    }
}

pub(crate) fn entry(kind: EventKind, account: &AccountRow, subject_ref: &str, row: &DisclosureRow) -> NewEntry {
    let payload = json!({ "account_id": account.id, "disclosure_id": row.id, "expires_at": row.expires_at.map(|at| at.0) });
    let detail = json!({ "statement": row.statement, "url": row.url, "note": row.note });
    NewEntry::new(kind).unit(account.unit_id).subject(subject_ref).payload(payload).detail(detail)
}

fn record(tx: &mut Tx<'_>, kind: EventKind, account: &AccountRow, row: &DisclosureRow) -> Result<(), ServiceError> {
    let subject_ref = member::get(tx.conn, account.member_id)?.subject_ref;
    tx.record(entry(kind, account, &subject_ref, row));
    Ok(())
}

/// Files a disclosure; one filed before and not looked at yet is put aside. A confirmed one stays current until this one is confirmed.
///
/// # Errors
/// `Invalid` for faults; `Refused` with `account.retired`; `NotFound` outside the caller's reach.
pub async fn file(
    app: &App,
    caller: &Caller,
    account_id: AccountId,
    statement: String,
    url: String,
) -> Result<Disclosure, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let account = account::get(tx.conn, account_id)?;
            who.check(tx.conn, Act::ManageAccounts, account.unit_id)?;
            account.state.turn_to(AccountState::Active)?;
            let mut faults = Faults::default();
            let draft = Draft::read(("statement", &statement), ("url", &url), &mut faults);
            let filed_by = tx.actor.reference().to_owned();
            let row = faults.finish(draft)?.into_row(account_id, &filed_by, tx.now);
            disclosure::replace_all(tx, account_id, &[DisclosureState::Filed])?;
            disclosure::insert_many(tx, std::slice::from_ref(&row))?;
            record(tx, EventKind::DisclosureFiled, &account, &row)?;
            Ok(row.into())
        })
        .await
}

/// A second person saw the statement where it is said to stand: the account may take tasks for the configured number of months.
///
/// # Errors
/// `Refused` with `disclosure.checker_is_filer` or `disclosure.settled`; `NotFound` outside the caller's reach.
pub async fn confirm(app: &App, caller: &Caller, id: DisclosureId) -> Result<Disclosure, ServiceError> {
    let who = caller.clone();
    let months = app.config.disclosure.valid_months;
    app.db
        .write(caller.actor(), move |tx| {
            let (mut row, mut account) = to_settle(tx, &who, id)?;
            let expires_at = At(disclosure_lapses_at(tx.now, months));
            row.expires_at = Some(expires_at);
            disclosure::replace_all(tx, account.id, &[DisclosureState::Confirmed])?;
            settle(tx, &mut row, DisclosureState::Confirmed)?;
            account.disclosed_until = Some(expires_at);
            account::save(tx, &account)?;
            record(tx, EventKind::DisclosureConfirmed, &account, &row)?;
            Ok(row.into())
        })
        .await
}

/// A second person did not find the statement, or found it wanting.
///
/// # Errors
/// As [`confirm`]; `Invalid` without a note: who filed it must know what to mend.
pub async fn reject(app: &App, caller: &Caller, id: DisclosureId, note: String) -> Result<Disclosure, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            let (mut row, account) = to_settle(tx, &who, id)?;
            let mut faults = Faults::default();
            let note = faults.take("note", plain_text::paragraphs(&note, NOTE_CHARACTERS), TextError::code);
            row.note = faults.finish(note)?;
            settle(tx, &mut row, DisclosureState::Rejected)?;
            record(tx, EventKind::DisclosureRejected, &account, &row)?;
            Ok(row.into())
        })
        .await
}

fn to_settle(tx: &mut Tx<'_>, caller: &Caller, id: DisclosureId) -> Result<(DisclosureRow, AccountRow), ServiceError> {
    let row = disclosure::get(tx.conn, id)?;
    let account = account::get(tx.conn, row.account_id)?;
    caller.check(tx.conn, Act::ConfirmDisclosures, account.unit_id)?;
    check_disclosure_settling(row.state, row.filed_by.as_str(), tx.actor.reference())?;
    if account.state == AccountState::Retired {
        return Err(AccountRefusal::Retired.into());
    }
    Ok((row, account))
}

fn settle(tx: &mut Tx<'_>, row: &mut DisclosureRow, state: DisclosureState) -> Result<(), ServiceError> {
    row.state = state;
    row.checked_by = Some(tx.actor.reference().to_owned());
    row.checked_at = Some(At(tx.now));
    Ok(disclosure::save(tx, row, DisclosureState::Filed)?)
}

/// Every disclosure of an account, the newest first.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn list_by_account(app: &App, caller: &Caller, account_id: AccountId) -> Result<Vec<Disclosure>, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn: &mut Conn| {
            let account = account::get(conn, account_id)?;
            who.check(conn, Act::ViewOrganisation, account.unit_id)?;
            Ok(disclosure::list_by_account(conn, account_id)?.into_iter().map(Disclosure::from).collect())
        })
        .await
}

/// The disclosures that wait for the caller, the oldest first; those that the caller filed are left out: they wait for somebody else.
///
/// # Errors
/// `Forbidden` for who confirms none; `Invalid` for a cursor that no page gave.
pub async fn list_waiting(app: &App, caller: &Caller, request: PageRequest) -> Result<Page<Disclosure>, ServiceError> {
    let roots = caller.reach(Act::ConfirmDisclosures)?;
    let after = request.after_id()?;
    let own = caller.actor().reference().to_owned();
    app.db
        .read(move |conn| {
            let rows = disclosure::list_waiting(conn, roots.as_deref(), &own, after, request.rows())?;
            Ok(Page::of(rows, &request, |row| row.id.to_string()).map(Disclosure::from))
        })
        .await
}
