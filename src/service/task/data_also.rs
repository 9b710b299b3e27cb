//! The rest of what is held about a member: disclosures, registered posts, corrections, requests, kept mails, the log with its details.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::data::{MOST, MyEntry};
use crate::domain::account::DisclosureState;
use crate::domain::address_change::{AddressAsker, AddressEnd};
use crate::domain::correction::CorrectionAnswer;
use crate::domain::data_request::{RequestKind, RequestState};
use crate::domain::id::MemberId;
use crate::store::member::MemberRow;
use crate::store::{Conn, StoreError, address_change, data_request, personal};

/// What was declared about an account of the member's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyDisclosure {
    /// The handle.
    pub handle: String,
    /// The statement.
    pub statement: String,
    /// Where it was said to stand.
    pub url: String,
    /// Where it stands.
    pub state: DisclosureState,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// What the one who checked it noted.
    pub note: String,
}

/// A registered publication of an account of the member's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyPost {
    /// The handle.
    pub handle: String,
    /// Where it is.
    pub url: String,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// When it was taken off the register.
    pub removed_at: Option<DateTime<Utc>>,
}

/// A correction that the member was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyCorrection {
    /// The campaign's title.
    pub campaign: String,
    /// What they answered.
    pub answer: Option<CorrectionAnswer>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
}

/// Something that the member asked for about their data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyRequest {
    /// What.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Until when it is to be answered.
    pub due_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// What was to be put right.
    pub wish: serde_json::Value,
    /// What the member was told.
    pub answer: String,
}

pub(super) fn disclosures(conn: &mut Conn, id: MemberId) -> Result<Vec<MyDisclosure>, StoreError> {
    let rows = personal::disclosures(conn, id, MOST)?.into_iter();
    let shown = rows.map(|row| MyDisclosure {
        handle: row.handle,
        statement: row.statement,
        url: row.url,
        state: row.state,
        filed_at: row.filed_at.0,
        note: row.note,
    });
    Ok(shown.collect())
}

pub(super) fn posts(conn: &mut Conn, id: MemberId) -> Result<Vec<MyPost>, StoreError> {
    let rows = personal::posts(conn, id, MOST)?.into_iter();
    let shown = rows.map(|row| MyPost {
        handle: row.handle,
        url: row.url,
        registered_at: row.registered_at.0,
        removed_at: row.removed_at.map(|at| at.0),
    });
    Ok(shown.collect())
}

pub(super) fn corrections(conn: &mut Conn, id: MemberId) -> Result<Vec<MyCorrection>, StoreError> {
    let rows = personal::corrections(conn, id, MOST)?.into_iter();
    let shown =
        rows.map(|row| MyCorrection { campaign: row.title, answer: row.answer, answered_at: row.answered_at.map(|at| at.0) });
    Ok(shown.collect())
}

pub(super) fn requests(conn: &mut Conn, id: MemberId) -> Result<Vec<MyRequest>, StoreError> {
    let rows = data_request::list_of(conn, id)?.into_iter();
    let shown = rows.map(|row| MyRequest {
        kind: row.kind,
        state: row.state,
        asked_at: row.asked_at.0,
        due_at: row.due_at.0,
        answered_at: row.answered_at.map(|at| at.0),
        wish: row.wish.0,
        answer: row.answer,
    });
    Ok(shown.collect())
}

pub(super) fn kept_mails(conn: &mut Conn, member: &MemberRow) -> Result<i64, StoreError> {
    personal::kept_mails(conn, &member.email_norm)
}

pub(super) fn entries(conn: &mut Conn, member: &MemberRow) -> Result<Vec<MyEntry>, StoreError> {
    let rows = personal::entries(conn, &member.subject_ref, MOST)?.into_iter();
    let shown = rows.map(|row| MyEntry {
        at: row.at.0,
        kind: row.kind,
        payload: row.payload.0,
        detail: row.detail.map(|detail| detail.0),
    });
    Ok(shown.collect())
}

/// An address that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyAddress {
    /// The address.
    pub email: String,
    /// The one on file then.
    pub old_email: String,
    /// Who asked for it.
    pub asked_by: AddressAsker,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// How the wait for its confirmation ended; none while it waits.
    pub outcome: Option<AddressEnd>,
}

pub(super) fn addresses(conn: &mut Conn, id: MemberId) -> Result<Vec<MyAddress>, StoreError> {
    let rows = address_change::list_of(conn, id)?.into_iter();
    let own = rows.map(|row| MyAddress {
        email: row.email,
        old_email: row.old_email,
        asked_by: row.asked_by,
        asked_at: row.asked_at.0,
        outcome: row.outcome,
    });
    Ok(own.collect())
}
