//! Schedules by the thousand, each of a campaign of its own.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::super::error::StoreError;
use super::super::fanout::id_range;
use super::super::sql_text::SqlText;
use super::super::tx::Tx;
use super::{id_of, numbers};

/// What is repeated: the campaign that a measurement's ground has.
const TEMPLATE: &str = "(SELECT * FROM campaigns WHERE state <> 'finished' ORDER BY id LIMIT 1) c";

/// Repeats a campaign's content under `schedules` schedules, due every morning, the first of them in an hour.
///
/// # Errors
/// The database's failure.
pub fn make_schedules(tx: &mut Tx<'_>, schedules: u32) -> Result<(), StoreError> {
    let sqlite = tx.conn.is_sqlite();
    let from = numbers(sqlite, 0, schedules);
    let campaign = id_of(sqlite, &id_range().2, "n.i");
    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO campaigns (id, unit_id, slug, title, state, content, content_hash, author_id, released_at, note, created_at, \
         updated_at, version) SELECT ",
    );
    sql.push(&campaign).push(", c.unit_id, c.slug || '-' || n.i, c.title, 'finished', c.content, c.content_hash, c.author_id, ");
    sql.at(tx.now).push(", '', ").at(tx.now).push(", ").at(tx.now).push(&format!(", 1 FROM {TEMPLATE}, {from}"));
    sql.query().execute(tx.conn)?;

    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO schedules (id, campaign_id, content_hash, pattern, zone, policy, grace_s, next_due_at, last_planned_at, created_at, \
         version) SELECT ",
    );
    sql.push(&id_of(sqlite, &id_range().2, "n.i")).push(", ").push(&campaign);
    sql.push(", c.content_hash, '0 8 * * *', 'Asia/Jakarta', 'latest', 3600, ").at(tx.now + TimeDelta::hours(1)).push(", ");
    sql.at(tx.now).push(", ").at(tx.now).push(&format!(", 1 FROM {TEMPLATE}, {from}"));
    sql.query().execute(tx.conn)?;
    Ok(())
}
