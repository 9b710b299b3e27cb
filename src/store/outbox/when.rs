//! When the mails of a campaign that wait may leave: the first of them, and the last.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::id::CampaignId;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::sql_text::SqlText;
use crate::store::types::At;
use crate::store::types::sql::Ts;

#[derive(Debug, QueryableByName)]
struct Attempt {
    #[diesel(sql_type = Ts)]
    next_attempt_at: At,
}

fn first(conn: &mut Conn, sql: SqlText) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found: Option<Attempt> = sql.query().get_result(conn).optional()?;
    Ok(found.map(|row| row.next_attempt_at.0))
}

/// Where what a worker may take stands in the order of time, as each database finds it: by the state in a literal, or beside the outbox.
fn ready(is_sqlite: bool, state: &str) -> String {
    if is_sqlite {
        format!("SELECT next_attempt_at FROM outbox WHERE state = '{state}' AND NOT held AND digest_id IS NULL")
    } else {
        let deferred = if state == "deferred" { "deferred" } else { "NOT deferred" };
        format!("SELECT next_attempt_at FROM outbox_waiting WHERE ready AND {deferred}")
    }
}

/// When the next mail of a campaign may leave, if one waits. The index of what waits is read in order, so a campaign that is sending
/// finds its own mail at once.
///
/// # Errors
/// The database's failure.
pub fn find_next_at(conn: &mut Conn, campaign_id: CampaignId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut next: Option<DateTime<Utc>> = None;
    for waiting in inside(conn.is_sqlite()) {
        let mut sql = SqlText::new();
        sql.push(&waiting).id(campaign_id).push(" ORDER BY next_attempt_at LIMIT 1");
        next = next.into_iter().chain(first(conn, sql)?).min();
    }
    Ok(next)
}

/// The latest time that one of a campaign's waiting mails is put off to. The first and the last are read off the end of the campaign's
/// index; those within digests, which are few, by the digests'.
///
/// # Errors
/// The database's failure.
pub fn find_last_at(conn: &mut Conn, campaign_id: CampaignId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut last = None;
    for waiting in inside(conn.is_sqlite()) {
        let mut sql = SqlText::new();
        sql.push(&waiting).id(campaign_id).push(" ORDER BY next_attempt_at DESC LIMIT 1");
        last = last.max(first(conn, sql)?);
    }
    Ok(last)
}

/// What of a campaign waits by itself, was put off, or travels within a digest; the campaign's id comes next.
fn inside(is_sqlite: bool) -> [String; 3] {
    // The sign keeps SQLite from the campaign's index, all of which it would read.
    let campaign = if is_sqlite { "+campaign_id" } else { "campaign_id" };
    let digests = "SELECT next_attempt_at FROM outbox WHERE state = 'pending' AND NOT held AND digest_id IS NOT NULL";
    [
        format!("{} AND campaign_id = ", ready(is_sqlite, "pending")),
        format!("{} AND campaign_id = ", ready(is_sqlite, "deferred")),
        format!("{digests} AND {campaign} = "),
    ]
}
