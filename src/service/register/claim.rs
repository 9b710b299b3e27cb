//! The claims of the register: misinformation that was answered in public. Who filed a claim, wrote its fact or spread it stands nowhere.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::App;
use crate::domain::id::{AccountId, ClaimId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::claim::answer::{self, AnswerRow};
use crate::store::register::claim;

/// The most answers that are named with one claim.
const ANSWERS: i64 = 50;

/// A claim that was answered in public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicClaim {
    /// The claim.
    pub id: ClaimId,
    /// What was claimed.
    pub claim: String,
    /// What is true.
    pub fact: String,
    /// Where that can be read.
    pub source_url: String,
    /// The unit whose subject it is.
    pub unit: String,
    /// When it was put on file.
    pub filed_at: DateTime<Utc>,
    /// How many published answers are on file.
    pub published: i64,
    /// The newest of them.
    pub answers: Vec<PublicAnswer>,
}

/// A published answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicAnswer {
    /// Its address.
    pub url: String,
    /// Where it is.
    pub platform: Platform,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// The account.
    pub account_id: AccountId,
    /// The name that it shows.
    pub name: String,
    /// Its handle.
    pub handle: String,
    /// What it is.
    pub kind: AccountKind,
    /// Its layer.
    pub layer: i16,
    /// The unit that runs it.
    pub unit: String,
    /// Its disclosure, while one is in force.
    pub statement: Option<String>,
    /// Where the disclosure stands.
    pub statement_url: Option<String>,
}

impl From<AnswerRow> for PublicAnswer {
    fn from(row: AnswerRow) -> Self {
        Self {
            url: row.url,
            platform: row.platform,
            registered_at: row.registered_at.0,
            account_id: row.account_id,
            name: row.account_name,
            handle: row.handle,
            kind: row.kind,
            layer: row.layer,
            unit: row.unit,
            statement: row.statement,
            statement_url: row.statement_url,
        }
    }
}

/// The claims that were answered in public, the newest first.
///
/// # Errors
/// `Invalid` for a cursor that no page gave; the database's failure.
pub async fn list(app: &App, request: PageRequest) -> Result<Page<PublicClaim>, ServiceError> {
    let (before, now) = (request.after_id()?, app.clock.now());
    app.db
        .read(move |conn| {
            let page = Page::of(claim::list(conn, before, request.rows())?, &request, |(row, _)| row.id.to_string());
            let ids: Vec<ClaimId> = page.items.iter().map(|(row, _)| row.id).collect();
            let mut answers: HashMap<ClaimId, Vec<PublicAnswer>> = HashMap::new();
            for row in answer::list(conn, &ids, now, ANSWERS)? {
                answers.entry(row.claim_id).or_default().push(row.into());
            }
            Ok(page.map(|(row, unit)| PublicClaim {
                id: row.id,
                claim: row.claim,
                fact: row.fact,
                source_url: row.source_url,
                unit,
                filed_at: row.filed_at.0,
                published: row.answers,
                answers: answers.remove(&row.id).unwrap_or_default(),
            }))
        })
        .await
}
