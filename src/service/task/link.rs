//! Links and forms: which token opens what, why one opens nothing any more, and when a form was handed out.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::app::App;
use crate::auth::task_token::{Opened, Purpose, TokenError};
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, MemberId};
use crate::service::ServiceError;
use crate::store::member::{self, MemberRow};
use crate::store::task_sheet::{self, TaskSheet};
use crate::store::tx::NewEntry;
use crate::store::{Conn, Tx, assignment};

crate::refusals! {
    /// Why a link or a form opens nothing.
    pub enum LinkRefusal {
        /// Cut, mangled, made up, or for something else.
        Invalid = "link.invalid": "This link is incomplete or not valid; open it from the mail itself",
        /// Its time is over.
        Expired = "link.expired": "This link is no longer valid: its time is over",
        /// A newer one took its place, or it was taken back.
        Revoked = "link.revoked": "This link was taken back; use the newest mail",
        /// One task's link shows that task, not everything about its member.
        OwnNeeded = "link.own_needed": "This page opens by your own link, which stands in every mail, not by a single task's",
        /// The form did not come from the page.
        FormNotFromPage = "form.not_from_page": "This form did not come from the page; load the page again and repeat",
    }
}

/// How long a task's link still answers after the deadline: long enough to take an answer back, and to see what became of it.
const AFTERLIFE: TimeDelta = TimeDelta::days(30);

/// The token of a task's link: good for the assignment's page and acts, until some time after its deadline.
#[must_use]
pub fn task_token(app: &App, id: AssignmentId, link_version: i32, expires_at: DateTime<Utc>) -> String {
    app.tokens.seal(Purpose::Task, id.uuid(), version(link_version), Some(expires_at + AFTERLIFE))
}

/// The token of a correction's link: good for its answer, without an end, because what was published has none either.
#[must_use]
pub fn correction_token(app: &App, id: AssignmentId, link_version: i32) -> String {
    app.tokens.seal(Purpose::Correction, id.uuid(), version(link_version), None)
}

/// The token of a member's own page, also for List-Unsubscribe: without an end, until the member's links are revoked.
#[must_use]
pub fn pause_token(app: &App, id: MemberId, link_version: i32) -> String {
    app.tokens.seal(Purpose::Pause, id.uuid(), version(link_version), None)
}

fn version(link_version: i32) -> u32 {
    u32::try_from(link_version).unwrap_or_default()
}

fn open(app: &App, purpose: Purpose, token: &str) -> Result<Opened, LinkRefusal> {
    app.tokens.open(purpose, token, app.clock.now()).map_err(|error| match error {
        TokenError::Malformed | TokenError::Forged => LinkRefusal::Invalid,
        TokenError::Expired { .. } => LinkRefusal::Expired,
    })
}

/// A nonce for the forms of a page about `uuid`: the time of its making stands where other tokens have a version.
pub(super) fn nonce(app: &App, uuid: Uuid) -> String {
    let made_at = u32::try_from(app.clock.now().timestamp()).unwrap_or_default();
    app.tokens.seal(Purpose::FormNonce, uuid, made_at, None)
}

/// When the form with this nonce was handed out, in whole seconds.
pub(super) fn form_made_at(app: &App, uuid: Uuid, nonce: &str) -> Result<DateTime<Utc>, LinkRefusal> {
    let opened = open(app, Purpose::FormNonce, nonce).map_err(|_| LinkRefusal::FormNotFromPage)?;
    let made_at = DateTime::from_timestamp(opened.version.into(), 0).ok_or(LinkRefusal::FormNotFromPage)?;
    if opened.uuid == uuid { Ok(made_at) } else { Err(LinkRefusal::FormNotFromPage) }
}

/// A task link that bears our seal. Whether it was revoked, only the row says.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaskLink {
    pub id: AssignmentId,
    version: u32,
}

impl TaskLink {
    pub fn open(app: &App, token: &str) -> Result<Self, LinkRefusal> {
        Self::open_for(app, Purpose::Task, token)
    }

    /// The link to answer a correction of the assignment: it opens nothing else of it.
    pub fn open_correction(app: &App, token: &str) -> Result<Self, LinkRefusal> {
        Self::open_for(app, Purpose::Correction, token)
    }

    fn open_for(app: &App, purpose: Purpose, token: &str) -> Result<Self, LinkRefusal> {
        let opened = open(app, purpose, token)?;
        Ok(Self { id: AssignmentId::from_uuid(opened.uuid), version: opened.version })
    }

    /// Whether it still opens this assignment: nothing newer took its place.
    pub fn opens(self, sheet: &TaskSheet) -> bool {
        version(sheet.link_version) == self.version
    }

    /// Reads what the link is about.
    pub fn sheet(self, conn: &mut Conn) -> Result<TaskSheet, ServiceError> {
        let sheet = task_sheet::find(conn, self.id)?.ok_or(LinkRefusal::Invalid)?;
        if self.opens(&sheet) { Ok(sheet) } else { Err(LinkRefusal::Revoked.into()) }
    }

    /// Locks the assignment and lets its member act: from here on the log names them by their reference.
    pub fn enter(self, tx: &mut Tx<'_>) -> Result<TaskSheet, ServiceError> {
        assignment::lock(tx, self.id)?.ok_or(LinkRefusal::Invalid)?;
        let sheet = self.sheet(tx.conn)?;
        tx.actor = Actor::Member { subject_ref: sheet.subject_ref.clone() };
        Ok(sheet)
    }
}

/// A link that says who somebody is: their own page's, or that of one of their tasks.
#[derive(Debug, Clone, Copy)]
pub(super) enum MemberLink {
    Own { id: MemberId, version: u32 },
    Task(TaskLink),
}

impl MemberLink {
    pub fn open(app: &App, token: &str) -> Result<Self, LinkRefusal> {
        match open(app, Purpose::Pause, token) {
            Ok(opened) => Ok(Self::Own { id: MemberId::from_uuid(opened.uuid), version: opened.version }),
            Err(LinkRefusal::Invalid) => TaskLink::open(app, token).map(Self::Task),
            Err(refusal) => Err(refusal),
        }
    }

    /// Whether it is the member's own page's, which shows the links of all their tasks; one task's link shows no other.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Own { .. })
    }

    /// The member that the link stands for.
    pub fn member(self, conn: &mut Conn) -> Result<MemberRow, ServiceError> {
        let (id, expected) = match self {
            Self::Own { id, version } => (id, Some(version)),
            Self::Task(link) => (link.sheet(conn)?.member_id, None),
        };
        let row = member::find(conn, id)?.ok_or(LinkRefusal::Invalid)?;
        match expected {
            Some(expected) if expected != version(row.link_version) => Err(LinkRefusal::Revoked.into()),
            _ => Ok(row),
        }
    }

    /// Locks the member and lets them act.
    pub fn enter(self, tx: &mut Tx<'_>) -> Result<MemberRow, ServiceError> {
        let id = self.member(tx.conn)?.id;
        member::lock(tx, id)?.ok_or(LinkRefusal::Invalid)?;
        let row = self.member(tx.conn)?;
        tx.actor = Actor::Member { subject_ref: row.subject_ref.clone() };
        Ok(row)
    }
}

/// A log entry about the sheet's assignment and its member's reference.
pub(super) fn entry(kind: EventKind, sheet: &TaskSheet) -> NewEntry {
    let entry = NewEntry::new(kind).unit(sheet.unit_id).campaign(sheet.campaign_id).wave(sheet.wave_id);
    entry.assignment(sheet.id).subject(&sheet.subject_ref)
}
