//! The counters that many completions move at once: their waves', the waves' units', and the waves' pace.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::pace::quarter;
use super::sql_text::SqlText;
use super::tx::Tx;
use crate::domain::id::{UnitId, WaveId};

/// What moved in a wave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Assignments that were done.
    pub done: i64,
    /// Of those, with an address of the account's.
    pub linked: i64,
    /// Mails that are not needed any more.
    pub mail_cancelled: i64,
}

/// What moved, by wave and by unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoneCounts {
    /// By wave.
    pub waves: BTreeMap<WaveId, Moved>,
    /// Assignments that were done, by wave and unit.
    pub units: BTreeMap<(WaveId, UnitId), i64>,
}

/// Moves the counters, in the order in which [`assignment::count`](super::assignment::count) and [`pace::add`](super::pace::add) do: the
/// wave's row, its units', its pace. Last in a transaction: the rows are busy. Where nothing moved, nothing is written.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, counts: &DoneCounts) -> Result<(), StoreError> {
    if counts.waves.is_empty() || counts.units.is_empty() {
        return Ok(());
    }
    let at = quarter(tx.now);
    if tx.conn.is_sqlite() {
        for sql in [waves(counts, ""), units(counts, ""), pace(counts, at, "")] {
            sql.kept().execute(tx.conn)?;
        }
        return Ok(());
    }
    // One way to the database and back instead of three, while the wave's row is locked. Each part asks what the one before has done, so
    // that they take their rows in this order.
    let mut sql = SqlText::new();
    sql.push("WITH w AS (").append(waves(counts, "")).push(" RETURNING 1), u AS (");
    sql.append(units(counts, " WHERE (SELECT count(*) FROM w) > 0")).push(" RETURNING 1) ");
    sql.append(pace(counts, at, " WHERE (SELECT count(*) FROM u) > 0"));
    sql.kept().execute(tx.conn)?;
    Ok(())
}

fn waves(counts: &DoneCounts, when: &str) -> SqlText {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO wave_counts (wave_id, done, mail_cancelled) SELECT * FROM (VALUES ");
    for (i, (wave_id, moved)) in counts.waves.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).id(*wave_id).push(", ").big(moved.done).push(", ");
        sql.big(moved.mail_cancelled).push(")");
    }
    conflict(&mut sql, when, "wave_counts", "wave_id", &["done", "mail_cancelled"]);
    sql
}

fn units(counts: &DoneCounts, when: &str) -> SqlText {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO wave_unit_counts (wave_id, unit_id, done) SELECT * FROM (VALUES ");
    for (i, ((wave_id, unit_id), done)) in counts.units.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).id(*wave_id).push(", ").id(*unit_id).push(", ").big(*done).push(")");
    }
    conflict(&mut sql, when, "wave_unit_counts", "wave_id, unit_id", &["done"]);
    sql
}

fn pace(counts: &DoneCounts, at: DateTime<Utc>, when: &str) -> SqlText {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO wave_pace (wave_id, quarter_at, done, linked, checked) SELECT * FROM (VALUES ");
    for (i, (wave_id, moved)) in counts.waves.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).id(*wave_id).push(", ").at(at).push(", ").big(moved.done).push(", ");
        sql.big(moved.linked).push(", 0)");
    }
    conflict(&mut sql, when, "wave_pace", "wave_id, quarter_at", &["done", "linked"]);
    sql
}

/// Ends a part: what is counted there already goes up.
fn conflict(sql: &mut SqlText, when: &str, table: &str, key: &str, columns: &[&str]) {
    // SQLite needs a WHERE here, to tell the conflict's ON from a join's.
    sql.push(") v").push(if when.is_empty() { " WHERE TRUE" } else { when });
    sql.push(&format!(" ON CONFLICT ({key}) DO UPDATE SET "));
    let up = columns.iter().map(|column| format!("{column} = {table}.{column} + excluded.{column}"));
    sql.push(&up.collect::<Vec<_>>().join(", "));
}
