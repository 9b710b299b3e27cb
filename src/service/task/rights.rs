//! What a member asks for about their data by their own page: to have something put right, or to be erased. Seeing and taking away,
//! withdrawing and pausing need nobody: their pages do it at once.
//!
//! Being erased takes a second look: the link that is mailed to the address on file. Whoever opens it and presses is erased at once.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::link::{self, LinkRefusal};
use super::settings::own;
use super::view::first_name;
use crate::app::App;
use crate::auth::task_token::{Purpose, TokenError};
use crate::domain::actor::Actor;
use crate::domain::data_request::{AskedBy, CLOCK, DataRequestRefusal, NoticeTopic, RequestKind, RequestState};
use crate::domain::event::EventKind;
use crate::domain::id::DataRequestId;
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;
use crate::service::ServiceError;
use crate::service::data_request::Wish;
use crate::service::erase;
use crate::store::data_request::{self, DataRequestRow};
use crate::store::erase::Taken;
use crate::store::member::{self, MemberRow};
use crate::store::notice::{self, Told};
use crate::store::tx::NewEntry;
use crate::store::types::{At, Doc};
use crate::store::{Conn, Tx};

/// What a member typed.
#[derive(Debug, Clone, Default)]
pub struct RightsForm {
    /// What is asked for: only [`RequestKind::Correct`] and [`RequestKind::Erase`] are asked for here.
    pub kind: Option<RequestKind>,
    /// What is to be put right.
    pub wish: Wish,
    /// The page's nonce.
    pub nonce: String,
}

/// The token of a request's link, good until its clock ends.
#[must_use]
pub fn right_token(app: &App, row: &DataRequestRow, link_version: i32) -> String {
    let version = u32::try_from(link_version).unwrap_or_default();
    app.tokens.seal(Purpose::DataRequest, row.id.uuid(), version, Some(row.due_at.0))
}

/// Puts a request on file: a correction waits for the desk, an erasure for the member's own confirmation.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `request.waiting`; faults of what is to be put right.
pub async fn ask_right(app: &App, token: &str, form: RightsForm) -> Result<RequestState, ServiceError> {
    let link = own(app, token)?;
    let kind = match form.kind {
        Some(kind @ (RequestKind::Correct | RequestKind::Erase)) => kind,
        _ => return Err(ServiceError::field("kind", "request.kind", "Choose what you ask for")),
    };
    let wish = if kind == RequestKind::Correct { form.wish.checked()? } else { Wish::default() };
    let this = app.clone();
    app.db
        .write(Actor::System, move |tx| {
            let row = link.enter(tx)?;
            link::form_made_at(&this, row.id.uuid(), &form.nonce)?;
            let state = if kind == RequestKind::Erase { RequestState::Unconfirmed } else { RequestState::Open };
            let asked = file(tx, &row, (kind, state, AskedBy::Member), &wish, tx.now)?;
            if state == RequestState::Unconfirmed {
                notice::enqueue(tx, Told::Member(row.id), NoticeTopic::RequestToConfirm, asked.id.uuid())?;
            }
            Ok(state)
        })
        .await
}

/// Inserts a request and records it; the clock runs from `asked_at`.
pub(in crate::service) fn file(
    tx: &mut Tx<'_>,
    person: &MemberRow,
    (kind, state, asked_by): (RequestKind, RequestState, AskedBy),
    wish: &Wish,
    asked_at: DateTime<Utc>,
) -> Result<DataRequestRow, ServiceError> {
    if person.state == MemberState::Erased {
        return Err(DataRequestRefusal::Erased.into());
    }
    let waits = |row: &DataRequestRow| row.kind == kind && row.answered_at.is_none();
    if data_request::list_of(tx.conn, person.id)?.iter().any(waits) {
        return Err(DataRequestRefusal::Waiting.into());
    }
    let row = DataRequestRow {
        id: DataRequestId::new(),
        member_id: person.id,
        unit_id: person.unit_id,
        kind,
        state,
        asked_by,
        asked_at: At(asked_at),
        due_at: At(asked_at + CLOCK),
        answered_at: None,
        wish: Doc(json!(wish)),
        answer: String::new(),
    };
    data_request::insert(tx, &row)?;
    let entry = NewEntry::new(EventKind::DataRequested).unit(person.unit_id).subject(&person.subject_ref);
    tx.record(entry.payload(json!({ "request": row.id, "kind": kind, "by": asked_by, "due_at": row.due_at.0 })));
    Ok(row)
}

/// What the link of a request shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataQuestion {
    /// What was asked for.
    pub kind: RequestKind,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What to call the person.
    pub first_name: String,
    /// Their language.
    pub locale: Locale,
    /// Their zone.
    pub zone: String,
    /// For how many days copies may still hold what is erased.
    pub backup_days: i64,
}

/// What came of confirming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// Erased; what went.
    Erased(Taken),
    /// Somebody signs in to the console with this address: an administrator has to act first, and sees that it was confirmed.
    WaitsForDesk,
}

fn open(app: &App, conn: &mut Conn, token: &str) -> Result<(DataRequestRow, MemberRow), ServiceError> {
    let opened = app.tokens.open(Purpose::DataRequest, token, app.clock.now()).map_err(|error| match error {
        TokenError::Expired { .. } => LinkRefusal::Expired,
        TokenError::Malformed | TokenError::Forged => LinkRefusal::Invalid,
    })?;
    let found = data_request::find(conn, DataRequestId::from_uuid(opened.uuid))?;
    let row = found.filter(|row| row.answered_at.is_none()).ok_or(DataRequestRefusal::Unknown)?;
    let person = member::get(conn, row.member_id)?;
    if u32::try_from(person.link_version) != Ok(opened.version) {
        return Err(LinkRefusal::Revoked.into());
    }
    Ok((row, person))
}

/// What a request's link shows; changes nothing.
///
/// # Errors
/// `link.*`, `request.unknown`.
pub async fn data_question(app: &App, token: &str) -> Result<DataQuestion, ServiceError> {
    let (this, token) = (app.clone(), token.to_owned());
    app.db
        .read(move |conn| {
            let (row, person) = open(&this, conn, &token)?;
            Ok(DataQuestion {
                kind: row.kind,
                asked_at: row.asked_at.0,
                first_name: first_name(&person.name).to_owned(),
                locale: person.locale,
                zone: person.zone,
                backup_days: this.config.privacy.backup_days.into(),
            })
        })
        .await
}

/// Confirms a request, which does at once what it asks for.
///
/// # Errors
/// `link.*`, `request.unknown`.
pub async fn confirm_right(app: &App, token: &str) -> Result<Confirmed, ServiceError> {
    let (this, text) = (app.clone(), token.to_owned());
    let (row, person) = app.db.read(move |conn| open(&this, conn, &text)).await?;
    let own_domain = erase::has_own_domain(app, row.member_id).await?;
    let (this, token) = (app.clone(), token.to_owned());
    let actor = Actor::Member { subject_ref: person.subject_ref };
    app.db
        .write_at_length(actor, move |tx| {
            member::lock(tx, row.member_id)?;
            let (row, person) = open(&this, tx.conn, &token)?;
            let entry = |kind| {
                let entry = NewEntry::new(kind).unit(row.unit_id).subject(&person.subject_ref);
                entry.payload(json!({ "request": row.id, "kind": row.kind }))
            };
            let signs_in = crate::store::user::find_by_email(tx.conn, &person.email_norm)?.is_some_and(|user| user.active);
            if signs_in {
                if row.state == RequestState::Unconfirmed {
                    data_request::settle(tx, &row, RequestState::Open, "")?;
                    tx.record(entry(EventKind::DataRequestConfirmed));
                } else {
                    tx.without_entry("it was confirmed before");
                }
                return Ok(Confirmed::WaitsForDesk);
            }
            data_request::settle(tx, &row, RequestState::Granted, "")?;
            tx.record(entry(EventKind::DataRequestConfirmed));
            tx.record(entry(EventKind::DataRequestGranted));
            Ok(Confirmed::Erased(erase::erase_within(tx, &this, person, own_domain)?))
        })
        .await
}
