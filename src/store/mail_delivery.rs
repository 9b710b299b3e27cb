//! A campaign's mails by kind, state and destination, for its delivery page. Of few, they are counted; of very many, a sweep counts
//! them every few minutes. Mails that were pruned are numbers already.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::CampaignId;
use crate::domain::outbox::{MailKind, MailState};

/// Mails that a page looks at, at most.
pub const LOOKED_AT: i64 = 20_000;

/// How many mails of a kind, in a state, went to a destination.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct MailRow {
    /// The kind.
    #[diesel(sql_type = Text)]
    pub kind: MailKind,
    /// The state.
    #[diesel(sql_type = Text)]
    pub state: MailState,
    /// The destination's domain; empty where none was prepared.
    #[diesel(sql_type = Text)]
    pub domain: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// Of those, come back.
    #[diesel(sql_type = BigInt)]
    pub returned: i64,
}

/// A campaign's mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mails {
    /// By kind, state and destination.
    pub rows: Vec<MailRow>,
    /// When a sweep counted them; none where they were counted just now.
    pub counted_at: Option<DateTime<Utc>>,
    /// Whether these are a part: there are very many, and no sweep has counted them yet.
    pub in_part: bool,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Nullable<Ts>)]
    at: Option<At>,
}

/// A campaign's mails.
///
/// # Errors
/// The database's failure.
pub fn of_campaign(conn: &mut Conn, id: CampaignId) -> Result<Mails, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT min(counted_at) AS at FROM outbox_figures WHERE campaign_id = ").id(id);
    let counted_at = sql.query().get_result::<Counted>(conn)?.at.map(|at| at.0);
    if counted_at.is_some() {
        let mut sql = SqlText::new();
        sql.push("SELECT kind, state, domain, mails AS n, returned FROM outbox_figures WHERE campaign_id = ").id(id);
        return Ok(Mails { rows: sql.query().load(conn)?, counted_at, in_part: false });
    }
    let mut more = SqlText::new();
    more.push("SELECT created_at AS at FROM outbox WHERE campaign_id = ").id(id).push(" LIMIT 1 OFFSET ").big(LOOKED_AT);
    let in_part = more.query().get_result::<Counted>(conn).optional()?.is_some();
    let mut sql = SqlText::new();
    counting(&mut sql, id, Some(LOOKED_AT));
    Ok(Mails { rows: sql.query().load(conn)?, counted_at: None, in_part })
}

/// Counts those that are kept, or so many of them, and those that were pruned.
fn counting(sql: &mut SqlText, id: CampaignId, most: Option<i64>) {
    sql.push("SELECT kind, state, domain, CAST(sum(mails) AS BIGINT) AS n, CAST(sum(returned) AS BIGINT) AS returned FROM (");
    sql.push("SELECT kind, state, coalesce(domain, '') AS domain, count(*) AS mails, count(returned_at) AS returned FROM ");
    sql.push("(SELECT kind, state, domain, returned_at FROM outbox WHERE campaign_id = ").id(id);
    if let Some(most) = most {
        sql.push(" LIMIT ").big(most);
    }
    sql.push(") kept GROUP BY kind, state, coalesce(domain, '') UNION ALL SELECT kind, state, domain, mails, returned FROM outbox_archive ");
    sql.push("WHERE campaign_id = ").id(id).push(") every GROUP BY kind, state, domain ORDER BY kind, state, domain");
}

/// A campaign that has very many mails.
#[derive(Debug, Clone, QueryableByName)]
pub struct Large {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub id: CampaignId,
    /// When it was over.
    #[diesel(sql_type = Nullable<Ts>)]
    pub ended_at: Option<At>,
    /// When its mails were counted last.
    #[diesel(sql_type = Nullable<Ts>)]
    pub counted_at: Option<At>,
}

/// The campaigns that have more mails than a page looks at, and not all of them pruned.
///
/// # Errors
/// The database's failure.
pub fn large(conn: &mut Conn) -> Result<Vec<Large>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT k.id, k.ended_at, (SELECT min(f.counted_at) FROM outbox_figures f WHERE f.campaign_id = k.id) AS counted_at FROM campaigns k \
         WHERE k.id IN (SELECT w.campaign_id FROM waves w JOIN wave_counts c ON c.wave_id = w.id GROUP BY w.campaign_id \
         HAVING sum(c.mail_planned) > ",
    );
    sql.big(LOOKED_AT).push(") AND NOT EXISTS (SELECT 1 FROM pruned_campaigns p WHERE p.campaign_id = k.id)");
    Ok(sql.query().load(conn)?)
}

/// Counts all mails of a campaign, however many: for a sweep.
///
/// # Errors
/// The database's failure.
pub fn count_all(conn: &mut Conn, id: CampaignId) -> Result<Vec<MailRow>, StoreError> {
    let mut sql = SqlText::new();
    counting(&mut sql, id, None);
    Ok(sql.query().load(conn)?)
}

/// Keeps what a sweep counted.
///
/// # Errors
/// The database's failure.
pub fn save(tx: &mut Tx<'_>, id: CampaignId, rows: &[MailRow]) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("DELETE FROM outbox_figures WHERE campaign_id = ").id(id);
    sql.query().execute(tx.conn)?;
    for rows in rows.chunks(500) {
        let mut sql = SqlText::new();
        sql.push("INSERT INTO outbox_figures (campaign_id, kind, state, domain, mails, returned, counted_at) VALUES ");
        for (i, row) in rows.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).id(id).push(", ").text(row.kind.to_string()).push(", ");
            sql.text(row.state.to_string()).push(", ").text(row.domain.as_str()).push(", ").big(row.n).push(", ");
            sql.big(row.returned).push(", ").at(tx.now).push(")");
        }
        sql.push(" ON CONFLICT (campaign_id, kind, state, domain) DO NOTHING");
        sql.query().execute(tx.conn)?;
    }
    Ok(())
}
