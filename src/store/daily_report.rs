//! The leads' report of the day: who is to get one, and what it reports.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{outbox, users};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::campaign::CampaignState;
use crate::domain::id::{CampaignId, UnitId, UserId};

/// Somebody who runs campaigns and wants the report.
#[derive(Debug, Clone, QueryableByName)]
pub struct Reader {
    /// The user.
    #[diesel(sql_type = Uid)]
    pub id: UserId,
    /// The user's IANA zone.
    #[diesel(sql_type = Text)]
    pub zone: String,
}

/// Leads who have had no report for a day before `latest`, the date where it is latest on Earth; few users, so all of them.
///
/// # Errors
/// The database's failure.
pub fn readers(conn: &mut Conn, latest: NaiveDate) -> Result<Vec<Reader>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT u.id, u.zone FROM users u WHERE u.active AND u.daily_report AND (u.reported_on IS NULL OR u.reported_on < ");
    sql.text(latest.to_string());
    sql.push(") AND EXISTS (SELECT 1 FROM user_roles r WHERE r.user_id = u.id AND r.role = 'lead') ORDER BY u.id");
    Ok(sql.query().load(conn)?)
}

/// Auditors who want their checkpoint of the day; few users, so all of them.
///
/// # Errors
/// The database's failure.
pub fn auditors(conn: &mut Conn) -> Result<Vec<Reader>, StoreError> {
    let auditors = diesel::sql_query(
        "SELECT u.id, u.zone FROM users u WHERE u.active AND u.daily_report \
         AND EXISTS (SELECT 1 FROM user_roles r WHERE r.user_id = u.id AND r.role = 'auditor') ORDER BY u.id",
    );
    Ok(auditors.load(conn)?)
}

/// Which of the mails of these names are in the outbox already.
///
/// # Errors
/// The database's failure.
pub fn planned(conn: &mut Conn, names: Vec<String>) -> Result<Vec<String>, StoreError> {
    let names: Vec<Option<String>> = names.into_iter().map(Some).collect();
    let found = outbox::table.filter(outbox::dedupe.eq_any(names)).select(outbox::dedupe.assume_not_null());
    Ok(found.load(conn)?)
}

/// Takes a day for a user: true for whoever comes first, once.
///
/// # Errors
/// The database's failure.
pub fn take_day(tx: &mut Tx<'_>, id: UserId, day: NaiveDate) -> Result<bool, StoreError> {
    let day = day.to_string();
    let open = users::table.find(id).filter(users::active.eq(true)).filter(users::daily_report.eq(true));
    let open = open.filter(users::reported_on.is_null().or(users::reported_on.lt(day.clone())));
    Ok(diesel::update(open).set(users::reported_on.eq(Some(day))).execute(tx.conn)? == 1)
}

/// Whether a user wants the report.
///
/// # Errors
/// The database's failure.
pub fn is_wanted(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    let wanted = users::table.find(id).select(users::daily_report).first(conn).optional()?;
    wanted.ok_or(StoreError::Missing("the user"))
}

/// Keeps whether a user wants the report; says whether that is new.
///
/// # Errors
/// The database's failure.
pub fn want(tx: &mut Tx<'_>, id: UserId, wanted: bool) -> Result<bool, StoreError> {
    let other = users::table.find(id).filter(users::daily_report.ne(wanted));
    Ok(diesel::update(other).set(users::daily_report.eq(wanted)).execute(tx.conn)? == 1)
}

/// A campaign as the report tells of it: maintained counts, nothing is counted.
#[derive(Debug, Clone, QueryableByName)]
pub struct ReportedRow {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub id: CampaignId,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: CampaignState,
    /// Why it stands still, where the service paused it.
    #[diesel(sql_type = Nullable<Text>)]
    pub pause_reason: Option<String>,
    /// Tasks given.
    #[diesel(sql_type = BigInt)]
    pub asked: i64,
    /// Done.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    /// Mails that failed for good.
    #[diesel(sql_type = BigInt)]
    pub mails_failed: i64,
    /// Mails of unknown fate.
    #[diesel(sql_type = BigInt)]
    pub mails_unknown: i64,
    /// Mails still to be sent.
    #[diesel(sql_type = BigInt)]
    pub mails_open: i64,
    /// When its last window ends, as far as that is known.
    #[diesel(sql_type = Nullable<Ts>)]
    pub closes_at: Option<At>,
}

/// What a report tells of, in the subtrees of `roots` (none: everywhere), the newest first: campaigns that run or stand still, and
/// those that ended after `since`. A released one without an open wave has nothing to tell yet.
///
/// # Errors
/// The database's failure.
pub fn reported(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ReportedRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT c.id, c.title, c.state, c.pause_reason, CAST(coalesce(sum(n.planned), 0) AS BIGINT) AS asked, \
         CAST(coalesce(sum(n.done), 0) AS BIGINT) AS done, CAST(coalesce(sum(n.mail_failed), 0) AS BIGINT) AS mails_failed, \
         CAST(coalesce(sum(n.mail_unknown), 0) AS BIGINT) AS mails_unknown, \
         CAST(coalesce(sum(n.mail_planned - n.mail_sent - n.mail_failed - n.mail_suppressed - n.mail_unknown - n.mail_cancelled), 0) \
         AS BIGINT) AS mails_open, max(w.closes_at) AS closes_at \
         FROM campaigns c JOIN waves w ON w.campaign_id = c.id JOIN wave_counts n ON n.wave_id = w.id \
         WHERE (c.state IN ('running', 'paused') OR (c.state IN ('finished', 'cancelled', 'corrected') AND c.ended_at > ",
    );
    sql.at(since).push("))");
    if let Some(roots) = roots {
        if roots.is_empty() {
            return Ok(Vec::new());
        }
        sql.push(" AND c.unit_id IN (SELECT t.descendant_id FROM unit_closure t WHERE t.ancestor_id IN ").ids(roots).push(")");
    }
    sql.push(" GROUP BY c.id, c.title, c.state, c.pause_reason ORDER BY c.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

#[derive(Debug, QueryableByName)]
struct Opening {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Ts>)]
    opens_at: Option<At>,
}

/// A wave that opens next: its name, and when, where that is known.
pub type NextOpening = (String, Option<DateTime<Utc>>);

/// The wave of a campaign that opens next.
///
/// # Errors
/// The database's failure.
pub fn next_opening(conn: &mut Conn, id: CampaignId) -> Result<Option<NextOpening>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT name, opens_at FROM waves WHERE state = 'planned' AND campaign_id = ").id(id);
    sql.push(" ORDER BY CASE WHEN opens_at IS NULL THEN 1 ELSE 0 END, opens_at, ordinal LIMIT 1");
    let found: Option<Opening> = sql.query().get_result(conn).optional()?;
    Ok(found.map(|wave| (wave.name, wave.opens_at.map(|at| at.0))))
}
