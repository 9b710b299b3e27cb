//! The limits: the plain statements that write the same rows as the service does, and one row a commit.

use diesel::prelude::*;

use super::super::db::Db;
use super::super::error::StoreError;
use super::super::fanout::id_range;
use super::super::schema::tasks;
use super::super::sql_text::SqlText;
use super::super::tx::{NewEntry, Tx};
use super::super::wave;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, TaskId, WaveId};

/// Numbers a statement's rows under a prefix, in whatever order they come.
fn counted_id(sqlite: bool, prefix: &str) -> String {
    super::id_of(sqlite, prefix, "row_number() OVER ()")
}

/// Opens a wave with plain statements: every account of the wave's layer and units gets an assignment and a mail. It asks nobody's
/// consent and knows no cap: it only writes what the service writes. Returns how many.
///
/// # Errors
/// The database's failure.
pub fn open(tx: &mut Tx<'_>, wave_id: WaveId) -> Result<u64, StoreError> {
    let row = wave::get(tx.conn, wave_id)?;
    let task_id: TaskId = tasks::table.filter(tasks::wave_id.eq(wave_id)).select(tasks::id).first(tx.conn)?;
    let closes_at = row.closes_at.map(|at| at.0).ok_or(StoreError::Missing("the wave's end"))?;
    let remind = row.remind_before_end_s.map(|s| closes_at - chrono::TimeDelta::seconds(s.into()));
    let sqlite = tx.conn.is_sqlite();
    let (low, high, prefix) = id_range();
    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO assignments (id, task_id, wave_id, campaign_id, account_id, member_id, unit_id, state, planned_at, expires_at, \
         remind_at, link_version, variant_no) SELECT ",
    );
    sql.push(&counted_id(sqlite, &prefix)).push(", ").id(task_id).push(", ").id(wave_id).push(", ").id(row.campaign_id);
    sql.push(", id, member_id, unit_id, 'planned', ").at(tx.now).push(", ").at(closes_at).push(", ");
    sql.at(remind.unwrap_or(closes_at)).push(", 1, followers % 3 FROM accounts WHERE layer = ").small(row.layer);
    sql.push(" AND unit_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id IN ")
        .ids(&row.audience.0.units)
        .push(")");
    let made = sql.query().execute(tx.conn)? as u64;

    let range = |sql: &mut SqlText| {
        sql.push(" FROM assignments WHERE id >= ").id(AssignmentId::from_uuid(low));
        sql.push(" AND id <= ").id(AssignmentId::from_uuid(high));
    };
    let mut sql = SqlText::new();
    sql.push("INSERT INTO outbox (id, kind, assignment_id, wave_id, campaign_id, member_id, state, held, attempt, next_attempt_at, created_at) SELECT ");
    sql.push(&counted_id(sqlite, &id_range().2)).push(", 'task', id, wave_id, campaign_id, member_id, 'pending', FALSE, 0, ");
    sql.at(tx.now).push(", ").at(tx.now);
    range(&mut sql);
    sql.query().execute(tx.conn)?;

    let mut sql = SqlText::new();
    sql.push("INSERT INTO wave_unit_counts (wave_id, unit_id, planned) SELECT wave_id, unit_id, count(*)");
    range(&mut sql);
    sql.push(" GROUP BY wave_id, unit_id").clone().query().execute(tx.conn)?;

    let n = i64::try_from(made).unwrap_or(i64::MAX);
    let mut sql = SqlText::new();
    sql.push("UPDATE wave_counts SET planned = planned + ").big(n).push(", mail_planned = mail_planned + ").big(n);
    sql.push(" WHERE wave_id = ").id(wave_id).clone().query().execute(tx.conn)?;
    wave::end_chunk(tx, wave_id, None)?;
    tx.record(NewEntry::new(EventKind::WaveFilled).unit(row.unit_id).campaign(row.campaign_id).wave(wave_id));
    Ok(made)
}

/// The names that [`commit_rows`] gives its rows begin so.
const NAME: &str = "bench/";

/// Commits one new row after the other, each in a transaction of its own, over one connection: what the database itself can do.
///
/// # Errors
/// The database's failure.
pub fn commit_rows(db: &Db, from: u32, to: u32) -> Result<(), StoreError> {
    db.migrating(|conn| {
        use super::super::schema::heartbeats::dsl;
        use super::super::types::At;
        for n in from..to {
            let row = (dsl::name.eq(format!("{NAME}{n}")), dsl::beat_at.eq(At(db.clock().now())));
            diesel::insert_into(dsl::heartbeats).values(row).execute(conn)?;
        }
        Ok(())
    })
}

/// Takes those rows out again.
///
/// # Errors
/// The database's failure.
pub fn forget_rows(db: &Db) -> Result<(), StoreError> {
    db.migrating(|conn| {
        let mut sql = SqlText::new();
        sql.push("DELETE FROM heartbeats WHERE name >= ").text(NAME).push(" AND name < ").text("bench0");
        sql.query().execute(conn)?;
        Ok(())
    })
}
