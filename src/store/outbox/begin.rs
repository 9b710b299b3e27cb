//! The mark between claiming and handing over: what a dead worker had not begun is in no doubt.

use std::collections::{BTreeMap, HashSet};

use diesel::RunQueryDsl as _;

use super::Touched;
use super::claim::Claimed;
use super::leases;
use crate::domain::id::{LeaseId, MailId};
use crate::domain::outbox::MailState;
use crate::domain::text_enum::TextEnum as _;
use crate::store::error::StoreError;
use crate::store::sql_text::SqlText;
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
    let mut alike: BTreeMap<(i32, Option<LeaseId>), Vec<MailId>> = BTreeMap::new();
    for mail in claimed {
        alike.entry((mail.attempt, mail.lease_id)).or_default().push(mail.id);
    }
    let mut ours = HashSet::with_capacity(claimed.len());
    for ((attempt, lease), ids) in alike {
        for ids in ids.chunks(CHUNK) {
            let mut sql = SqlText::new();
            sql.push("UPDATE outbox SET begun = ").int(attempt).push(" WHERE ").among("id", ids, tx.conn.is_sqlite());
            leases::of(sql.push(" AND attempt = ").int(attempt), lease);
            sql.still("state", &[MailState::Sending.as_str()]).push(" RETURNING id");
            let marked: Vec<Touched> = sql.kept().load(tx.conn)?;
            ours.extend(marked.into_iter().map(|mail| mail.id));
        }
    }
    Ok(ours)
}
