//! Claims: putting a piece of misinformation on file with the fact and its source, so that a layer-2 task can answer it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::caller::Caller;
use super::error::ServiceError;
use super::form::Faults;
use super::page::{Page, PageRequest};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::{ClaimId, UnitId};
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::domain::web_url::{self, WebUrlError};
use crate::store::claim::{self, ClaimRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;

/// The longest claim or fact, in characters.
const TEXT_CHARACTERS: usize = 2_000;

/// A claim as people enter it.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimForm {
    /// The unit whose subject it is.
    pub unit_id: UnitId,
    /// What is claimed.
    pub claim: String,
    /// Where it was seen; may be empty.
    #[serde(default)]
    pub seen_url: String,
    /// What is true.
    pub fact: String,
    /// Where that can be read.
    pub source_url: String,
}

/// A claim as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The unit whose subject it is.
    pub unit_id: UnitId,
    /// What is claimed.
    pub claim: String,
    /// Where it was seen.
    pub seen_url: Option<String>,
    /// What is true.
    pub fact: String,
    /// Where that can be read.
    pub source_url: String,
    /// When it was put on file.
    pub filed_at: DateTime<Utc>,
}

impl From<ClaimRow> for Claim {
    fn from(row: ClaimRow) -> Self {
        let ClaimRow { id, unit_id, claim, seen_url, fact, source_url, filed_at, .. } = row;
        Self { id, unit_id, claim, seen_url, fact, source_url, filed_at: filed_at.0 }
    }
}

/// Puts a claim on file.
///
/// # Errors
/// `Invalid` for faults; `NotFound` for a unit where the caller runs no campaigns.
pub async fn file(app: &App, caller: &Caller, form: ClaimForm) -> Result<Claim, ServiceError> {
    let who = caller.clone();
    app.db
        .write(caller.actor(), move |tx| {
            who.check(tx.conn, Act::RunCampaigns, form.unit_id)?;
            let mut faults = Faults::default();
            let text = faults.take("claim", plain_text::paragraphs(&form.claim, TEXT_CHARACTERS), TextError::code);
            let fact = faults.take("fact", plain_text::paragraphs(&form.fact, TEXT_CHARACTERS), TextError::code);
            let source = faults.take("source_url", web_url::parse(&form.source_url), WebUrlError::code);
            let seen = match form.seen_url.trim() {
                "" => Some(None),
                seen => faults.take("seen_url", web_url::parse(seen), WebUrlError::code).map(Some),
            };
            let whole = text.zip(fact).zip(source.zip(seen));
            let ((claim, fact), (source_url, seen_url)) = faults.finish(whole)?;
            let row = ClaimRow {
                id: ClaimId::new(),
                unit_id: form.unit_id,
                claim,
                seen_url,
                fact,
                source_url,
                filed_at: At(tx.now),
                filed_by: tx.actor.user_id(),
            };
            claim::insert(tx, &row)?;
            // A claim may name a person, so its words are committed to, not written out.
            let entry = NewEntry::new(EventKind::ClaimFiled).unit(row.unit_id);
            let entry = entry.payload(json!({ "claim_id": row.id, "source_url": row.source_url }));
            tx.record(entry.detail(json!({ "claim": row.claim, "seen_url": row.seen_url, "fact": row.fact })));
            Ok(row.into())
        })
        .await
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
            who.check(conn, Act::ViewCampaigns, row.unit_id)?;
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
    request: PageRequest,
) -> Result<Page<Claim>, ServiceError> {
    let who = caller.clone();
    let before = request.after_id()?;
    app.db
        .read(move |conn| {
            let roots = who.roots_within(conn, Act::ViewCampaigns, unit_id)?;
            let rows = claim::list(conn, roots.as_deref(), before, request.rows())?;
            Ok(Page::of(rows, &request, |row| row.id.to_string()).map(Claim::from))
        })
        .await
}
