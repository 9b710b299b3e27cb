//! A member's new address: asked for by the member, a coordinator or a file; on file only once somebody who reads it has confirmed it.
//!
//! Until then everything goes to the address that the consent was given at, which is told. Who never agreed to anything is asked for
//! nothing but their consent, and the link of that mail proves the address: theirs is changed at once.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::dispatch::Progress;
use super::error::ServiceError;
use super::task::{LinkRefusal, first_name};
use super::{erase, member as members};
use crate::app::App;
use crate::auth::task_token::{Purpose, TokenError};
use crate::domain::actor::Actor;
use crate::domain::address_change::{AddressAsker, AddressEnd, AddressRefusal, VALID};
use crate::domain::data_request::NoticeTopic;
use crate::domain::event::EventKind;
use crate::domain::id::{AddressChangeId, MemberId};
use crate::domain::locale::Locale;
use crate::domain::refusal::Refusal as _;
use crate::domain::suppression::Silence;
use crate::store::address_change::{self, AddressChangeRow};
use crate::store::member::{self, MemberRow};
use crate::store::notice::{self, Told};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Tx, suppression};

/// Waits ended in one run of the sweep; the next goes on.
const AT_ONCE: i64 = 500;
/// Every token is for one row, which ends with its use: there is one version of it.
const VERSION: u32 = 1;

/// The token of the confirmation mail's link.
#[must_use]
pub fn token(app: &App, row: &AddressChangeRow) -> String {
    app.tokens.seal(Purpose::Address, row.id.uuid(), VERSION, Some(row.expires_at.0))
}

/// Whether a new address of this member has to be confirmed: they agreed to something at the one on file.
#[must_use]
pub(in crate::service) const fn is_needed(row: &MemberRow) -> bool {
    row.participate_version.is_some() || row.operate_version.is_some()
}

/// Takes a new address out of a changed row where it has to be confirmed first, and out of the names of what changed: the row keeps
/// the address on file, and its links.
#[must_use]
pub(in crate::service) fn held_back(
    before: &MemberRow,
    after: &mut MemberRow,
    changed: &mut Vec<&'static str>,
) -> Option<NewAddress> {
    if after.email_norm == before.email_norm || !is_needed(before) {
        return None;
    }
    let wanted = NewAddress { email: after.email.clone(), email_norm: after.email_norm.clone() };
    after.email.clone_from(&before.email);
    after.email_norm.clone_from(&before.email_norm);
    after.link_version = before.link_version;
    changed.retain(|field| *field != "email");
    Some(wanted)
}

/// A new address that was found right.
#[derive(Debug, Clone)]
pub(in crate::service) struct NewAddress {
    /// As entered.
    pub email: String,
    /// In its compared form.
    pub email_norm: String,
}

/// Refuses an address that another member has, or that gets no mail.
pub(in crate::service) fn check(conn: &mut Conn, person: &MemberRow, wanted: &NewAddress) -> Result<(), ServiceError> {
    if member::find_by_email(conn, &wanted.email_norm)?.is_some_and(|other| other.id != person.id) {
        return Err(members::taken(StoreError::Taken(crate::store::Unique::MemberEmail)));
    }
    if suppression::is_suppressed(conn, &wanted.email_norm, Silence::All)? {
        let refusal = AddressRefusal::Suppressed;
        return Err(ServiceError::field("email", refusal.code(), refusal.to_string()));
    }
    Ok(())
}

fn entry(kind: EventKind, person: &MemberRow, row: &AddressChangeRow) -> NewEntry {
    let entry = NewEntry::new(kind).unit(person.unit_id).subject(&person.subject_ref);
    entry.payload(json!({ "address_change": row.id, "by": row.asked_by }))
}

/// Puts a new address on file as one that waits: a mail asks its reader, another tells the address on file. The same address again
/// changes nothing.
pub(in crate::service) fn ask(
    tx: &mut Tx<'_>,
    person: &MemberRow,
    wanted: NewAddress,
    by: AddressAsker,
) -> Result<(), StoreError> {
    for waiting in address_change::waiting(tx.conn, &[person.id])? {
        if waiting.email_norm == wanted.email_norm && waiting.expires_at.0 > tx.now {
            tx.without_entry("this address waits to be confirmed already");
            return Ok(());
        }
        address_change::settle(tx, waiting.id, AddressEnd::Replaced)?;
    }
    let row = AddressChangeRow {
        id: AddressChangeId::new(),
        member_id: person.id,
        old_email: person.email.clone(),
        email: wanted.email,
        email_norm: wanted.email_norm,
        asked_by: by,
        asked_at: At(tx.now),
        expires_at: At(tx.now + VALID),
        settled_at: None,
        outcome: None,
    };
    address_change::insert(tx, &row)?;
    for topic in [NoticeTopic::AddressToConfirm, NoticeTopic::AddressAsked] {
        notice::enqueue(tx, Told::Member(person.id), topic, row.id.uuid())?;
    }
    tx.record(entry(EventKind::AddressChangeAsked, person, &row).detail(json!({ "email": row.email })));
    Ok(())
}

/// Ends a wait because the address on file is to stay; says whether one waited.
pub(in crate::service) fn give_up(tx: &mut Tx<'_>, person: &MemberRow) -> Result<bool, StoreError> {
    let mut any = false;
    for waiting in address_change::waiting(tx.conn, &[person.id])? {
        any |= address_change::settle(tx, waiting.id, AddressEnd::Replaced)?;
        tx.record(entry(EventKind::AddressChangeEnded, person, &waiting));
    }
    Ok(any)
}

/// A new address that waits, as those see it who may.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct WaitingAddress {
    /// The new address.
    pub email: String,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
}

/// The new address of a member that waits, if one does.
pub(in crate::service) fn waiting_of(
    conn: &mut Conn,
    id: MemberId,
    now: DateTime<Utc>,
) -> Result<Option<WaitingAddress>, StoreError> {
    let found = address_change::waiting(conn, &[id])?.pop().filter(|row| row.expires_at.0 > now);
    Ok(found.map(|row| WaitingAddress { email: row.email, asked_at: row.asked_at.0, expires_at: row.expires_at.0 }))
}

/// What the link of the confirmation mail shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressQuestion {
    /// What to call the person.
    pub first_name: String,
    /// The new address.
    pub email: String,
    /// Their language.
    pub locale: Locale,
    /// Their zone.
    pub zone: String,
}

fn open(app: &App, conn: &mut Conn, token: &str) -> Result<(AddressChangeRow, MemberRow), ServiceError> {
    let opened = app.tokens.open(Purpose::Address, token, app.clock.now()).map_err(|error| match error {
        TokenError::Expired { .. } => LinkRefusal::Expired,
        TokenError::Malformed | TokenError::Forged => LinkRefusal::Invalid,
    })?;
    let found = address_change::find(conn, AddressChangeId::from_uuid(opened.uuid))?;
    let row = found.filter(|row| row.settled_at.is_none()).ok_or(AddressRefusal::Unknown)?;
    let person = member::find(conn, row.member_id)?.filter(|person| !person.state.is_gone()).ok_or(AddressRefusal::Unknown)?;
    Ok((row, person))
}

/// What the link shows; changes nothing.
///
/// # Errors
/// `link.*`, `address.unknown`.
pub async fn question(app: &App, token: &str) -> Result<AddressQuestion, ServiceError> {
    let (this, token) = (app.clone(), token.to_owned());
    app.db
        .read(move |conn| {
            let (row, person) = open(&this, conn, &token)?;
            let first_name = first_name(&person.name).to_owned();
            Ok(AddressQuestion { first_name, email: row.email, locale: person.locale, zone: person.zone })
        })
        .await
}

/// Whoever reads the new address confirms it: it is on file from now on, and the links that the old one was sent open nothing.
///
/// # Errors
/// As [`question`]; `address.taken` where somebody else got it meanwhile.
pub async fn confirm(app: &App, token: &str) -> Result<(), ServiceError> {
    let (this, text) = (app.clone(), token.to_owned());
    let (_, person) = app.db.read(move |conn| open(&this, conn, &text)).await?;
    let (this, token) = (app.clone(), token.to_owned());
    app.db
        .write(Actor::Member { subject_ref: person.subject_ref }, move |tx| {
            member::lock(tx, person.id)?;
            let (row, mut person) = open(&this, tx.conn, &token)?;
            person.email.clone_from(&row.email);
            person.email_norm.clone_from(&row.email_norm);
            person.link_version += 1;
            member::save(tx, &person).map_err(|error| match error {
                StoreError::Taken(_) => ServiceError::from(AddressRefusal::Taken),
                other => other.into(),
            })?;
            erase::revive(tx, &this, &[&person.email_norm])?;
            address_change::settle(tx, row.id, AddressEnd::Confirmed)?;
            tx.record(entry(EventKind::AddressChangeConfirmed, &person, &row));
            tx.record(members::changed(&person, &["email"]));
            Ok(())
        })
        .await
}

/// Ends the waits that nobody confirmed in time; idle where there is none.
///
/// # Errors
/// The database's failure.
pub async fn sweep(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok::<_, ServiceError>(address_change::overdue(conn, now, AT_ONCE)?)).await?;
    if due.is_empty() {
        return Ok(Progress::default());
    }
    let done = app
        .db
        .write(Actor::System, move |tx| {
            let mut ended = 0;
            for row in due {
                if address_change::settle(tx, row.id, AddressEnd::Lapsed)? {
                    let person = member::get(tx.conn, row.member_id)?;
                    tx.record(entry(EventKind::AddressChangeEnded, &person, &row));
                    ended += 1;
                }
            }
            if ended == 0 {
                tx.without_entry("they were confirmed meanwhile");
            }
            Ok::<_, ServiceError>(ended)
        })
        .await?;
    Ok(Progress { done, failed: 0 })
}
