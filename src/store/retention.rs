//! What goes after its time: mails of campaigns that are long over, personal detail of old entries, reports, kept mail. In small
//! batches, each one transaction with its entry; what the numbers of a wave say stays true, because pruned mails stay as numbers.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::outbox::nothing_open;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{CampaignId, EntryId, Id, WaveId};

/// A batch that went: how many rows, and the first and the last of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// How many.
    pub rows: usize,
    /// The smallest id.
    pub first: Id<()>,
    /// The largest id.
    pub last: Id<()>,
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Uid)]
    id: Id<()>,
}

/// The states in which a mail has come to its end.
const FINAL: &str = "state IN ('sent', 'failed', 'unknown', 'suppressed', 'cancelled')";
/// Campaigns that are over: nothing about their mails can change any more.
const OVER: &str = "c.state IN ('finished', 'cancelled', 'corrected')";

fn ids(conn: &mut Conn, sql: SqlText) -> Result<Vec<Id<()>>, StoreError> {
    let rows: Vec<One> = sql.query().load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn gone(ids: &[Id<()>]) -> Option<Gone> {
    Some(Gone { rows: ids.len(), first: *ids.iter().min()?, last: *ids.iter().max()? })
}

/// For whoever takes rows that others may be taking: they take others.
fn locking(tx: &Tx<'_>, sql: &mut SqlText) {
    if !tx.conn.is_sqlite() {
        sql.push(" FOR UPDATE SKIP LOCKED");
    }
}

/// A campaign that ended before `before` and may still have mails.
///
/// # Errors
/// The database's failure.
pub fn over(conn: &mut Conn, before: DateTime<Utc>) -> Result<Option<CampaignId>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT c.id FROM campaigns c WHERE c.ended_at < ").at(before).push(" AND ").push(OVER);
    sql.push(" AND ").push(nothing_open(conn.is_sqlite()));
    sql.push(" AND NOT EXISTS (SELECT 1 FROM pruned_campaigns p WHERE p.campaign_id = c.id) ORDER BY c.ended_at LIMIT 1");
    Ok(ids(conn, sql)?.pop().map(|id| Id::from_uuid(id.uuid())))
}

/// Turns up to `limit` mails of a campaign that is over into numbers. Nothing is left to do where none went.
///
/// # Errors
/// The database's failure.
pub fn prune_campaign(tx: &mut Tx<'_>, id: CampaignId, limit: i64) -> Result<Option<Gone>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT id FROM outbox WHERE campaign_id = ").id(id).push(" AND kind <> 'digest' AND ").push(FINAL);
    sql.push(" LIMIT ").big(limit);
    locking(tx, &mut sql);
    let mails = ids(tx.conn, sql)?;
    if mails.is_empty() {
        return Ok(None);
    }
    archive(tx, &mails)?;
    let digests = digests_of(tx, &mails)?;
    delete_mails(tx, &mails)?;
    empty_digests(tx, &digests)?;
    Ok(gone(&mails))
}

/// Notes that none of a campaign's mails is left. One that another process holds just now keeps it open.
///
/// # Errors
/// The database's failure.
pub fn finish_campaign(tx: &mut Tx<'_>, id: CampaignId) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO pruned_campaigns (campaign_id, pruned_at) SELECT c.id, ").at(tx.now);
    sql.push(" FROM campaigns c WHERE c.id = ").id(id);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.campaign_id = c.id AND o.kind <> 'digest') ON CONFLICT (campaign_id) DO NOTHING");
    if sql.query().execute(tx.conn)? > 0 {
        // From now on the pruned ones are all there are.
        let mut sql = SqlText::new();
        sql.push("DELETE FROM outbox_figures WHERE campaign_id = ").id(id);
        sql.query().execute(tx.conn)?;
    }
    Ok(())
}

/// Deletes up to `limit` mails that belong to no campaign and ended before `before`: to sign in, to agree, reports of the day, and
/// digests in which nothing is left.
///
/// # Errors
/// The database's failure.
pub fn prune_others(tx: &mut Tx<'_>, before: DateTime<Utc>, limit: i64) -> Result<Option<Gone>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT o.id FROM outbox o WHERE o.campaign_id IS NULL AND o.wave_id IS NULL AND o.").push(FINAL);
    sql.push(" AND o.settled_at < ").at(before);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM outbox c WHERE c.digest_id = o.id) LIMIT ").big(limit);
    locking(tx, &mut sql);
    let mails = ids(tx.conn, sql)?;
    if !mails.is_empty() {
        delete_mails(tx, &mails)?;
    }
    Ok(gone(&mails))
}

/// Whether there is a mail for [`prune_others`].
///
/// # Errors
/// The database's failure.
pub fn any_other(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT o.id FROM outbox o WHERE o.campaign_id IS NULL AND o.wave_id IS NULL AND o.").push(FINAL);
    sql.push(" AND o.settled_at < ").at(before);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM outbox c WHERE c.digest_id = o.id) LIMIT 1");
    Ok(!ids(conn, sql)?.is_empty())
}

fn archive(tx: &mut Tx<'_>, mails: &[Id<()>]) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO outbox_archive (campaign_id, wave_id, kind, state, domain, mails, returned) SELECT campaign_id, coalesce(wave_id, ");
    sql.id(WaveId::from_uuid(uuid::Uuid::nil()));
    // Ordered, so that two that archive at once take the same rows in the same order.
    sql.push("), kind, state, coalesce(domain, ''), count(*), count(returned_at) FROM outbox WHERE id IN ").ids(mails);
    sql.push(
        " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5 ON CONFLICT (campaign_id, wave_id, kind, state, domain) DO UPDATE SET \
         mails = outbox_archive.mails + excluded.mails, returned = outbox_archive.returned + excluded.returned",
    );
    sql.query().execute(tx.conn)?;
    Ok(())
}

/// The digests in which these mails travelled, held until the transaction's end: whoever empties one deletes it.
fn digests_of(tx: &mut Tx<'_>, mails: &[Id<()>]) -> Result<Vec<Id<()>>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT id FROM outbox WHERE id IN (SELECT digest_id FROM outbox WHERE id IN ").ids(mails);
    sql.push(") ORDER BY id");
    if !tx.conn.is_sqlite() {
        sql.push(" FOR UPDATE");
    }
    ids(tx.conn, sql)
}

fn empty_digests(tx: &mut Tx<'_>, digests: &[Id<()>]) -> Result<(), StoreError> {
    if digests.is_empty() {
        return Ok(());
    }
    let mut sql = SqlText::new();
    sql.push("SELECT d.id FROM outbox d WHERE d.id IN ").ids(digests);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM outbox c WHERE c.digest_id = d.id)");
    let empty = ids(tx.conn, sql)?;
    if empty.is_empty() { Ok(()) } else { delete_mails(tx, &empty) }
}

fn delete_mails(tx: &mut Tx<'_>, mails: &[Id<()>]) -> Result<(), StoreError> {
    for statement in [
        "UPDATE mail_reports SET mail_id = NULL WHERE mail_id IN ",
        "DELETE FROM test_mails WHERE mail_id IN ",
        "DELETE FROM outbox WHERE id IN ",
    ] {
        let mut sql = SqlText::new();
        sql.push(statement).ids(mails);
        sql.query().execute(tx.conn)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Uid)]
    id: EntryId,
    #[diesel(sql_type = Ts)]
    at: At,
}

/// Deletes the salt and the personal detail of up to `limit` entries written before `before`; the entries stay and still verify.
/// Rows lie in the order in which they were written, so the oldest are looked at and nothing else.
///
/// # Errors
/// The database's failure.
pub fn prune_details(tx: &mut Tx<'_>, before: DateTime<Utc>, limit: i64) -> Result<Option<Gone>, StoreError> {
    let found = oldest_details(tx.conn, limit)?;
    let old: Vec<Id<()>> = found.iter().filter(|row| row.at.0 < before).map(|row| Id::from_uuid(row.id.uuid())).collect();
    if old.is_empty() {
        return Ok(None);
    }
    let mut sql = SqlText::new();
    sql.push("DELETE FROM ledger_secrets WHERE entry_id IN ").ids(&old);
    sql.query().execute(tx.conn)?;
    Ok(gone(&old))
}

/// Whether there is a detail for [`prune_details`].
///
/// # Errors
/// The database's failure.
pub fn any_detail(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(oldest_details(conn, 1)?.iter().any(|row| row.at.0 < before))
}

fn oldest_details(conn: &mut Conn, limit: i64) -> Result<Vec<Detail>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT s.entry_id AS id, e.at FROM ledger_secrets s JOIN ledger_entries e ON e.id = s.entry_id ORDER BY s.entry_id LIMIT ");
    sql.big(limit);
    Ok(sql.query().load(conn)?)
}

/// Rows of a table that simply go when they are old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// What came back, once its mail has gone.
    Reports,
    /// What the built-in mailbox holds.
    Mailbox,
}

impl Kept {
    fn old(self, before: DateTime<Utc>, limit: i64) -> SqlText {
        let mut sql = SqlText::new();
        sql.push(match self {
            Self::Reports => "SELECT id FROM mail_reports WHERE mail_id IS NULL AND received_at < ",
            Self::Mailbox => "SELECT id FROM mailbox WHERE received_at < ",
        });
        sql.at(before).push(" ORDER BY received_at LIMIT ").big(limit);
        sql
    }
}

/// Deletes up to `limit` rows from before `before`.
///
/// # Errors
/// The database's failure.
pub fn prune_kept(tx: &mut Tx<'_>, kept: Kept, before: DateTime<Utc>, limit: i64) -> Result<Option<Gone>, StoreError> {
    let mut sql = kept.old(before, limit);
    locking(tx, &mut sql);
    let old = ids(tx.conn, sql)?;
    if old.is_empty() {
        return Ok(None);
    }
    let mut sql = SqlText::new();
    sql.push(match kept {
        Kept::Reports => "DELETE FROM mail_reports WHERE id IN ",
        Kept::Mailbox => "DELETE FROM mailbox WHERE id IN ",
    });
    sql.ids(&old);
    sql.query().execute(tx.conn)?;
    Ok(gone(&old))
}

/// Whether there is a row for [`prune_kept`].
///
/// # Errors
/// The database's failure.
pub fn any_kept(conn: &mut Conn, kept: Kept, before: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(!ids(conn, kept.old(before, 1))?.is_empty())
}
