//! The mark between claiming and handing over: what a dead worker had not begun is in no doubt.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;

use super::claim::Claimed;
use crate::domain::id::MailId;
use crate::domain::outbox::MailState;
use crate::store::error::StoreError;
use crate::store::schema::outbox;
use crate::store::tx::Tx;

/// Rows a statement; each id is one bind.
const CHUNK: usize = 500;

/// Writes down that these are about to be handed over, before they are; returns those that still are the caller's to hand over. One
/// whose lease ran out meanwhile is somebody else's.
///
/// # Errors
/// The database's failure.
pub fn begin(tx: &mut Tx<'_>, claimed: &[Claimed]) -> Result<HashSet<MailId>, StoreError> {
    tx.without_entry("a mark on a claim; what becomes of the mail is recorded when it is settled");
    let mut by_attempt: BTreeMap<i32, Vec<MailId>> = BTreeMap::new();
    for mail in claimed {
        by_attempt.entry(mail.attempt).or_default().push(mail.id);
    }
    let mut ours = HashSet::with_capacity(claimed.len());
    for (attempt, ids) in by_attempt {
        for ids in ids.chunks(CHUNK) {
            let still = outbox::table
                .filter(outbox::id.eq_any(ids.to_vec()))
                .filter(outbox::attempt.eq(attempt))
                .filter(outbox::state.eq(MailState::Sending));
            let marked: Vec<MailId> =
                diesel::update(still).set(outbox::begun.eq(attempt)).returning(outbox::id).get_results(tx.conn)?;
            ours.extend(marked);
        }
    }
    Ok(ours)
}
