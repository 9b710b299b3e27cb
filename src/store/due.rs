//! Assignments whose deadline passed or whose reminder is due: taken in chunks, each one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::json;

use super::db::Conn;
use super::error::StoreError;
use super::outbox::{NewMail, enqueue};
use super::sql_text::SqlText;
use super::tx::{NewEntry, Tx};
use super::types::sql::Uid;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, MemberId, UnitId, WaveId};
use crate::domain::outbox::MailKind;

#[derive(Debug, QueryableByName)]
struct Expired {
    #[diesel(sql_type = Uid)]
    id: AssignmentId,
    #[diesel(sql_type = Uid)]
    unit_id: UnitId,
    #[diesel(sql_type = Text)]
    subject_ref: String,
}

/// Expires up to `limit` open assignments of a wave whose deadline passed. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn expire(tx: &mut Tx<'_>, wave_id: WaveId, campaign_id: CampaignId, limit: u32) -> Result<usize, StoreError> {
    let lock = if tx.conn.is_sqlite() { "" } else { " FOR UPDATE" };
    let mut sql = SqlText::new();
    sql.push("UPDATE assignments SET state = 'expired', remind_at = NULL, settled_at = ").at(tx.now);
    sql.push(" WHERE id IN (SELECT id FROM assignments WHERE wave_id = ").id(wave_id);
    // What is over is settled: the index of what is not is read in its order, however much is left.
    sql.push(" AND settled_at IS NULL AND state IN ('planned', 'notified') AND expires_at <= ").at(tx.now);
    sql.push(" ORDER BY id LIMIT ").big(limit.into());
    sql.push(lock).push(") AND state IN ('planned', 'notified') ");
    sql.push("RETURNING id, unit_id, (SELECT m.subject_ref FROM members m WHERE m.id = assignments.member_id) AS subject_ref");
    let expired: Vec<Expired> = sql.query().load(tx.conn)?;
    let mut units: BTreeMap<UnitId, i64> = BTreeMap::new();
    for row in &expired {
        *units.entry(row.unit_id).or_default() += 1;
        let entry = NewEntry::new(EventKind::AssignmentExpired).unit(row.unit_id).campaign(campaign_id).wave(wave_id);
        tx.record(entry.assignment(row.id).subject(&row.subject_ref));
    }
    let mut sql = SqlText::new();
    sql.push("UPDATE wave_counts SET expired = expired + ").big(i64::try_from(expired.len()).unwrap_or(i64::MAX));
    sql.push(" WHERE wave_id = ").id(wave_id);
    sql.query().execute(tx.conn)?;
    for (unit_id, n) in units {
        let mut sql = SqlText::new();
        sql.push("UPDATE wave_unit_counts SET expired = expired + ").big(n).push(" WHERE wave_id = ").id(wave_id);
        sql.push(" AND unit_id = ").id(unit_id);
        sql.query().execute(tx.conn)?;
    }
    Ok(expired.len())
}

#[derive(Debug, QueryableByName)]
struct ToRemind {
    #[diesel(sql_type = Uid)]
    id: AssignmentId,
    #[diesel(sql_type = Uid)]
    wave_id: WaveId,
    #[diesel(sql_type = Uid)]
    member_id: MemberId,
}

/// What is to be reminded of at `now`: told, not settled, and its time is not over. After a long outage a deadline may have passed
/// unnoticed, and nobody is reminded of what is over.
fn to_remind(sql: &mut SqlText, now: DateTime<Utc>) -> &mut SqlText {
    sql.push("a.settled_at IS NULL AND a.state = 'notified' AND a.remind_at <= ").at(now).push(" AND a.expires_at > ").at(now)
}

/// The live campaigns with reminders that are due.
///
/// # Errors
/// The database's failure.
pub fn list_to_remind(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<CampaignId>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Uid)]
        id: CampaignId,
    }
    let mut sql = SqlText::new();
    sql.push("SELECT c.id FROM campaigns c WHERE c.state IN ('released', 'running') AND EXISTS ");
    sql.push("(SELECT 1 FROM assignments a WHERE a.campaign_id = c.id AND ");
    to_remind(&mut sql, now).push(") ORDER BY c.id");
    let rows: Vec<Row> = sql.query().load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Puts up to `limit` due reminders of a live campaign into the outbox: one an assignment, only while it is still to do. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn remind(tx: &mut Tx<'_>, campaign_id: CampaignId, limit: u32) -> Result<usize, StoreError> {
    // The campaign is locked against a pause until the commit: one that is being paused at this instant gets no batch more.
    let lock = if tx.conn.is_sqlite() { "" } else { " FOR UPDATE OF a SKIP LOCKED FOR SHARE OF c SKIP LOCKED" };
    let mut sql = SqlText::new();
    sql.push("UPDATE assignments SET remind_at = NULL WHERE state = 'notified' AND id IN (SELECT a.id FROM assignments a ");
    sql.push("JOIN campaigns c ON c.id = a.campaign_id WHERE c.state IN ('released', 'running') AND a.campaign_id = ")
        .id(campaign_id);
    to_remind(sql.push(" AND "), tx.now).push(" ORDER BY a.remind_at, a.id LIMIT ").big(limit.into()).push(lock);
    sql.push(") RETURNING id, wave_id, member_id");
    let due: Vec<ToRemind> = sql.query().load(tx.conn)?;
    if due.is_empty() {
        tx.without_entry("no reminder is due");
        return Ok(0);
    }
    let mut waves: BTreeMap<WaveId, i64> = BTreeMap::new();
    let mut mails = Vec::with_capacity(due.len());
    for row in &due {
        *waves.entry(row.wave_id).or_default() += 1;
        mails.push(NewMail {
            assignment_id: Some(row.id),
            wave_id: Some(row.wave_id),
            campaign_id: Some(campaign_id),
            member_id: Some(row.member_id),
            ..NewMail::new(MailKind::Reminder)
        });
    }
    enqueue(tx, &mails)?;
    for (wave_id, n) in waves {
        let mut sql = SqlText::new();
        sql.push("UPDATE wave_counts SET mail_planned = mail_planned + ").big(n).push(" WHERE wave_id = ").id(wave_id);
        sql.query().execute(tx.conn)?;
        let entry = NewEntry::new(EventKind::RemindersPlanned).campaign(campaign_id).wave(wave_id);
        tx.record(entry.payload(json!({ "count": n })));
    }
    Ok(due.len())
}
