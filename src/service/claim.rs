//! The claims desk: misinformation on file with the fact, its source and who answers; from what was seen to the answers in public.

mod answer;
mod desk;
mod step;
mod write;

use chrono::{DateTime, Utc};

pub use answer::{Answered, NewAnswer, answer};
pub(in crate::service) use answer::{answered_by, take_up};
pub use desk::{ClaimAnswer, ClaimDesk, ClaimFilter, ClaimLine, Happened, Pointing, answerers, search, show};
pub use step::{close, confirm, publish, reopen, withdraw};
pub use write::{change, file};

use super::caller::Caller;
use super::error::ServiceError;
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::domain::claim::ClaimState;
use crate::domain::event::EventKind;
use crate::domain::id::{ClaimId, UnitId, UserId};
use crate::domain::role::Act;
use crate::store::claim::{self, ClaimQuery, ClaimRow};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError};

/// A claim as people enter it.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimForm {
    /// The unit whose subject it is; it stays the same once the claim is on file.
    pub unit_id: UnitId,
    /// What is claimed.
    pub claim: String,
    /// Where it was seen; may be empty.
    #[serde(default)]
    pub seen_url: String,
    /// When it was seen.
    #[serde(default)]
    pub seen_at: Option<DateTime<Utc>>,
    /// What is true; empty together with its source while nobody has written it.
    #[serde(default)]
    pub fact: String,
    /// Where that can be read.
    #[serde(default)]
    pub source_url: String,
    /// The unit that answers: the claim's own or one below it; none: the claim's own.
    #[serde(default)]
    pub answer_unit_id: Option<UnitId>,
    /// The user who sees to it; runs campaigns in the unit that answers.
    #[serde(default)]
    pub answer_user_id: Option<UserId>,
}

/// A claim as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The unit whose subject it is.
    pub unit_id: UnitId,
    /// Where it stands.
    pub state: ClaimState,
    /// What is claimed.
    pub claim: String,
    /// Where it was seen.
    pub seen_url: Option<String>,
    /// When it was seen.
    pub seen_at: Option<DateTime<Utc>>,
    /// What is true; empty while nobody has written it.
    pub fact: String,
    /// Where that can be read; empty like the fact.
    pub source_url: String,
    /// When it was put on file.
    pub filed_at: DateTime<Utc>,
    /// Who wrote the fact as it stands.
    pub fact_by: Option<UserId>,
    /// Who confirmed it: never who wrote it.
    pub confirmed_by: Option<UserId>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The unit that answers; none: its own.
    pub answer_unit_id: Option<UnitId>,
    /// The user who sees to it.
    pub answer_user_id: Option<UserId>,
    /// How many published answers are on file.
    pub answers: i64,
    /// Whether the public register shows it once an answer stands.
    pub public: bool,
    /// When it was closed.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was closed without an answer.
    pub ended_reason: String,
    /// What a change must name.
    pub version: i32,
}

impl From<ClaimRow> for Claim {
    fn from(row: ClaimRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            state: row.state,
            claim: row.claim,
            seen_url: row.seen_url,
            seen_at: row.seen_at.map(|at| at.0),
            fact: row.fact,
            source_url: row.source_url,
            filed_at: row.filed_at.0,
            fact_by: row.fact_by,
            confirmed_by: row.confirmed_by,
            confirmed_at: row.confirmed_at.map(|at| at.0),
            answer_unit_id: row.answer_unit_id,
            answer_user_id: row.answer_user_id,
            answers: row.answers,
            public: row.is_public,
            ended_at: row.ended_at.map(|at| at.0),
            ended_reason: row.ended_reason,
            version: row.version,
        }
    }
}

/// Whether the caller may do `act` where the claim belongs, or where it is answered.
fn check_either(conn: &mut Conn, caller: &Caller, act: Act, row: &ClaimRow) -> Result<(), ServiceError> {
    match (caller.check(conn, act, row.unit_id), row.answer_unit_id) {
        (Err(ServiceError::NotFound(_)), Some(answering)) => caller.check(conn, act, answering),
        (checked, _) => checked,
    }
}

/// A claim for one who changes it: whoever may `act` where it belongs, and has seen it as it stands.
fn to_change(conn: &mut Conn, caller: &Caller, act: Act, (id, version): (ClaimId, i32)) -> Result<ClaimRow, ServiceError> {
    let row = claim::get(conn, id)?;
    caller.check(conn, act, row.unit_id)?;
    if row.version != version {
        return Err(StoreError::Stale.into());
    }
    Ok(row)
}

/// An entry about a claim. A claim may name a person, so words are committed to, never written out.
fn entry(kind: EventKind, row: &ClaimRow) -> NewEntry {
    NewEntry::new(kind).unit(row.unit_id)
}

/// One claim.
///
/// # Errors
/// `NotFound` outside the caller's reach.
pub async fn get(app: &App, caller: &Caller, id: ClaimId) -> Result<Claim, ServiceError> {
    let who = caller.clone();
    app.db
        .read(move |conn| {
            let row = claim::get(conn, id)?;
            check_either(conn, &who, Act::ViewCampaigns, &row)?;
            Ok(row.into())
        })
        .await
}

/// The claims that the caller sees, the newest first; with `unit_id`, those of that unit and below.
///
/// # Errors
/// `NotFound` for a unit outside the caller's reach; `Invalid` for a cursor that no page gave.
pub async fn list(
    app: &App,
    caller: &Caller,
    unit_id: Option<UnitId>,
    states: Vec<ClaimState>,
    request: PageRequest,
) -> Result<Page<Claim>, ServiceError> {
    let who = caller.clone();
    let before = request.after_id()?;
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ViewCampaigns, unit_id)?;
            let rows = claim::list(conn, &ClaimQuery { roots, states, before, ..ClaimQuery::default() }, request.rows())?;
            Ok(Page::of(rows, &request, |row| row.id.to_string()).map(Claim::from))
        })
        .await
}
