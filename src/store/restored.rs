//! Marking, after a restore, everything that may have been sent or opened since the restored rows were written. In chunks, in the order of
//! ids; doing it again marks nothing twice.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::counted::{Move, move_counted};
use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::sql::Uid;
use crate::domain::id::{AssignmentId, CampaignId, Id, MailId, UnitId, WaveId};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Uid)]
    id: Id<()>,
}

impl Found {
    fn ids<T>(rows: Vec<Self>) -> Vec<Id<T>> {
        rows.into_iter().map(|row| Id::from_uuid(row.id.uuid())).collect()
    }
}

/// Mails behind `after` that may have left since: being sent, or due by `now`, whether their campaign was paused or not. What travels in a
/// digest left with it.
///
/// # Errors
/// The database's failure.
pub fn mails_in_doubt(conn: &mut Conn, now: DateTime<Utc>, after: MailId, limit: i64) -> Result<Vec<MailId>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT o.id FROM outbox o WHERE o.id > ")
        .id(after)
        .push(" AND o.state IN ('pending', 'deferred', 'sending') AND (");
    sql.push("(o.digest_id IS NULL AND (o.state = 'sending' OR o.next_attempt_at <= ").at(now).push(")) OR EXISTS (");
    sql.push("SELECT 1 FROM outbox d WHERE d.id = o.digest_id AND (d.state IN ('sending', 'unknown') OR d.next_attempt_at <= ")
        .at(now);
    sql.push("))) ORDER BY o.id LIMIT ").big(limit);
    Ok(Found::ids(sql.query().load(conn)?))
}

/// These mails' fate is unknown: their waves' counters follow. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn doubt_mails(tx: &mut Tx<'_>, ids: &[MailId], why: &str) -> Result<u64, StoreError> {
    let now = tx.now;
    move_counted(
        tx,
        Move { table: "outbox", counter: "mail_unknown" },
        |sql| {
            sql.push("state = 'unknown', held = FALSE, lease_until = NULL, settled_at = ")
                .at(now)
                .push(", last_error = ")
                .text(why);
        },
        |sql| {
            sql.push("id IN ").ids(ids).push(" AND state IN ('pending', 'deferred', 'sending')");
        },
    )
}

/// A wave that may have opened since.
#[derive(Debug, Clone, QueryableByName)]
pub struct DoubtedWave {
    /// The wave.
    #[diesel(sql_type = Uid)]
    pub id: WaveId,
    /// Its campaign.
    #[diesel(sql_type = Uid)]
    pub campaign_id: CampaignId,
    /// Its unit.
    #[diesel(sql_type = Nullable<Uid>)]
    pub unit_id: Option<UnitId>,
}

/// Planned waves behind `after` that may have opened since: their time has come, or the wave whose posts they follow is open.
///
/// # Errors
/// The database's failure.
pub fn waves_in_doubt(conn: &mut Conn, now: DateTime<Utc>, after: WaveId, limit: i64) -> Result<Vec<DoubtedWave>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT w.id, w.campaign_id, w.unit_id FROM waves w JOIN campaigns c ON c.id = w.campaign_id WHERE w.id > ")
        .id(after);
    sql.push(" AND w.state = 'planned' AND c.state IN ('released', 'running', 'paused') AND (w.opens_at <= ").at(now);
    sql.push(" OR (w.opens_at IS NULL AND w.cascade AND EXISTS (SELECT 1 FROM waves s WHERE s.id = w.waits_for AND s.opened_at IS NOT NULL)))");
    sql.push(" ORDER BY w.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// Live campaigns with a wave that was being opened: whom it reached since is not known.
///
/// # Errors
/// The database's failure.
pub fn campaigns_opening(conn: &mut Conn) -> Result<Vec<CampaignId>, StoreError> {
    let sql = "SELECT DISTINCT c.id FROM waves w JOIN campaigns c ON c.id = w.campaign_id WHERE w.state = 'opening' \
               AND c.state IN ('released', 'running') ORDER BY c.id";
    Ok(Found::ids(diesel::sql_query(sql).load(conn)?))
}

/// Open assignments behind `after` whose reminder may have been sent since.
///
/// # Errors
/// The database's failure.
pub fn reminders_in_doubt(
    conn: &mut Conn,
    now: DateTime<Utc>,
    after: AssignmentId,
    limit: i64,
) -> Result<Vec<AssignmentId>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT id FROM assignments WHERE id > ").id(after).push(" AND remind_at <= ").at(now);
    sql.push(" AND state IN ('planned', 'notified') ORDER BY id LIMIT ").big(limit);
    Ok(Found::ids(sql.query().load(conn)?))
}

/// These assignments are not reminded of. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn drop_reminders(tx: &mut Tx<'_>, ids: &[AssignmentId]) -> Result<u64, StoreError> {
    let mut sql = SqlText::new();
    sql.push("UPDATE assignments SET remind_at = NULL WHERE remind_at IS NOT NULL AND id IN ").ids(ids);
    Ok(sql.query().execute(tx.conn)? as u64)
}

/// Nobody gets the report of `day` or of an earlier one any more.
///
/// # Errors
/// The database's failure.
pub fn take_reports(tx: &mut Tx<'_>, day: NaiveDate) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("UPDATE users SET reported_on = ").text(day.to_string());
    sql.push(" WHERE reported_on IS NULL OR reported_on < ").text(day.to_string());
    sql.query().execute(tx.conn)?;
    Ok(())
}

/// The newest instant that the rows tell of: the last beat or the last log entry.
///
/// # Errors
/// The database's failure.
pub fn rows_from(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let beat = super::heartbeat::find(conn, "tick")?;
    Ok(beat.max(last_entry(conn)?.map(|entry| entry.at)))
}

/// The last entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LastEntry {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct EntryLine {
    #[diesel(sql_type = Uid)]
    id: Id<()>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = super::types::sql::Ts)]
    at: super::types::At,
}

/// The last entry of the log, if it has one.
///
/// # Errors
/// The database's failure.
pub fn last_entry(conn: &mut Conn) -> Result<Option<LastEntry>, StoreError> {
    let sql = "SELECT id, kind, at FROM ledger_entries ORDER BY at DESC, id DESC LIMIT $1";
    let found: Option<EntryLine> = diesel::sql_query(sql).bind::<BigInt, _>(1_i64).get_result(conn).optional()?;
    Ok(found.map(|line| LastEntry { id: line.id.to_string(), kind: line.kind, at: line.at.0 }))
}
