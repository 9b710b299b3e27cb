//! A repeated API request under one key is answered, not done again: the key is taken before, the answer kept after.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::error::ServiceError;
use crate::app::App;
use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::idempotency::{self, KeyRow};
use crate::store::types::At;

/// A request that has not answered after this long never will: its process died.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::minutes(5);

/// The longest key.
pub const LONGEST_KEY: usize = 200;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The Location header.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// What to do with a request that carries a key.
#[derive(Debug)]
pub enum Begun {
    /// It is new: do it, then call [`Claim::settle`] or [`Claim::release`].
    New(Claim),
    /// It was answered before: give the same answer.
    Answered(Answer),
}

/// A key that was taken for the request at hand.
#[derive(Debug)]
pub struct Claim {
    row: KeyRow,
    caller: Caller,
}

crate::refusals! {
    /// Why a request with a key is refused.
    pub enum KeyRefusal {
        /// The key is taken by another request.
        Reused = "idempotency.key_reused": "This Idempotency-Key was used for another request; use a new key for a new request",
        /// The first request has not answered yet.
        UnderWay = "idempotency.under_way": "The first request with this Idempotency-Key is still under way; try again in a moment",
        /// The first request never answered.
        OutcomeUnknown = "idempotency.outcome_unknown": "The first request with this Idempotency-Key never ended; look whether it took effect, then use a new key",
    }
}

/// What names a request: its method, its path with query, its body.
#[must_use]
pub fn request_hash(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes(), body] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// Takes the key for this request, or finds what was answered to it before.
///
/// # Errors
/// A [`KeyRefusal`]: [`KeyRefusal::Reused`] as a field error, the others as refusals; field errors for a key too long or empty.
pub async fn begin(app: &App, caller: &Caller, key: &str, hash: Vec<u8>) -> Result<Begun, ServiceError> {
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|b| b.is_ascii_graphic()) {
        let message = "An Idempotency-Key has 1 to 200 visible ASCII characters; a UUID is a good one";
        return Err(ServiceError::field("Idempotency-Key", "idempotency.key_invalid", message));
    }
    let actor_id: UserId = caller.user_id()?;
    let row = KeyRow {
        actor_id,
        idem_key: key.to_owned(),
        request_hash: hash,
        status: 0,
        location: None,
        body: String::new(),
        created_at: At(app.clock.now()),
    };
    let copy = row.clone();
    let found = app.db.write(caller.actor(), move |tx| {
        tx.without_entry("only the key of a request is kept");
        let found = idempotency::find(tx.conn, copy.actor_id, &copy.idem_key)?;
        if found.is_none() {
            idempotency::insert(tx, &copy)?;
        }
        Ok::<_, StoreError>(found)
    });
    let found = match found.await {
        Err(StoreError::Taken(_)) => return Err(KeyRefusal::UnderWay.into()),
        other => other?,
    };
    let Some(found) = found else { return Ok(Begun::New(Claim { row, caller: caller.clone() })) };
    if found.request_hash != row.request_hash {
        let refusal = KeyRefusal::Reused;
        return Err(ServiceError::field("Idempotency-Key", crate::domain::refusal::Refusal::code(&refusal), refusal.to_string()));
    }
    if found.status == 0 {
        let waited = app.clock.now() - found.created_at.0;
        let refusal = if waited < GIVEN_UP_AFTER { KeyRefusal::UnderWay } else { KeyRefusal::OutcomeUnknown };
        return Err(refusal.into());
    }
    let status = u16::try_from(found.status).unwrap_or(500);
    Ok(Begun::Answered(Answer { status, location: found.location, body: found.body }))
}

impl Claim {
    /// Keeps the answer that was given.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn settle(self, app: &App, answer: Answer) -> Result<(), ServiceError> {
        let row = KeyRow { status: answer.status.into(), location: answer.location, body: answer.body, ..self.row };
        let saved = app.db.write(self.caller.actor(), move |tx| {
            tx.without_entry("only the answer to a request is kept");
            Ok::<_, ServiceError>(idempotency::save(tx, &row)?)
        });
        saved.await
    }

    /// Gives the key free: the request failed on our side and may be tried again.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn release(self, app: &App) -> Result<(), ServiceError> {
        let freed = app.db.write(self.caller.actor(), move |tx| {
            tx.without_entry("only the key of a request is given free");
            Ok::<_, ServiceError>(idempotency::delete(tx, self.row.actor_id, &self.row.idem_key)?)
        });
        freed.await
    }
}
