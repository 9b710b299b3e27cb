//! What the public may read: disclosed accounts of layers 0 to 2 by name, employees' accounts as a number, campaigns that ran.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::{Count, SqlText};
use super::types::sql::{Js, Ts, Uid};
use super::types::{At, Doc};
use crate::domain::account::Engagement;
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::CampaignId;
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;

/// An account with its current disclosure.
#[derive(Debug, Clone, QueryableByName)]
pub struct AccountRow {
    /// The name it shows.
    #[diesel(sql_type = Text)]
    pub display_name: String,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: AccountKind,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// Its handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// How an outside opinion leader is engaged.
    #[diesel(sql_type = Nullable<Text>)]
    pub engagement: Option<Engagement>,
    /// The unit that runs it.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// The public statement of its affiliation.
    #[diesel(sql_type = Text)]
    pub statement: String,
    /// Where the statement stands.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// When a second person saw it there.
    #[diesel(sql_type = Ts)]
    pub checked_at: At,
}

/// The disclosed accounts of layers 0 to 2, in the order of layers and names; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn accounts(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<AccountRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT a.display_name, a.kind, a.platform, a.handle, a.engagement, u.name AS unit, d.statement, d.url, d.checked_at \
         FROM accounts a JOIN units u ON u.id = a.unit_id JOIN disclosures d ON d.account_id = a.id AND d.state = 'confirmed' \
         WHERE a.layer < 3 AND a.state = 'active' AND d.expires_at > ",
    );
    sql.at(now).push(" ORDER BY a.layer, a.display_name, a.platform, a.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// How many employees' accounts are disclosed and in service.
///
/// # Errors
/// The database's failure.
pub fn advocates(conn: &mut Conn, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT count(*) AS n FROM accounts WHERE layer = 3 AND state = 'active' AND disclosed_until > ").at(now);
    Ok(sql.query().get_result::<Count>(conn)?.n)
}

/// A campaign that ran.
#[derive(Debug, Clone, QueryableByName)]
pub struct CampaignRow {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub id: CampaignId,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: CampaignState,
    /// What it said.
    #[diesel(sql_type = Js)]
    pub content: Doc<CampaignContent>,
    /// The unit whose campaign it is.
    #[diesel(sql_type = Text)]
    pub sponsor: String,
    /// When its first wave opened.
    #[diesel(sql_type = Ts)]
    pub started_at: At,
    /// When it was over.
    #[diesel(sql_type = Nullable<Ts>)]
    pub ended_at: Option<At>,
}

/// Campaigns that opened a wave, latest first; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn campaigns(conn: &mut Conn, limit: i64) -> Result<Vec<CampaignRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT c.id, c.state, c.content, u.name AS sponsor, c.started_at, c.ended_at FROM campaigns c JOIN units u ON u.id = c.unit_id \
         WHERE c.started_at IS NOT NULL ORDER BY c.started_at DESC, c.id LIMIT ",
    );
    sql.big(limit);
    Ok(sql.query().load(conn)?)
}

/// A campaign's numbers on one layer.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct LayerCount {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub campaign_id: CampaignId,
    /// The layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// Tasks that were given.
    #[diesel(sql_type = BigInt)]
    pub asked: i64,
    /// Tasks that were done.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
}

/// The numbers of these campaigns by layer, from the maintained counters.
///
/// # Errors
/// The database's failure.
pub fn layers(conn: &mut Conn, ids: &[CampaignId]) -> Result<Vec<LayerCount>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = SqlText::new();
    sql.push(
        "SELECT w.campaign_id, w.layer, CAST(sum(c.planned) AS BIGINT) AS asked, CAST(sum(c.done) AS BIGINT) AS done \
         FROM waves w JOIN wave_counts c ON c.wave_id = w.id WHERE w.campaign_id IN ",
    );
    sql.ids(ids).push(" GROUP BY w.campaign_id, w.layer ORDER BY w.campaign_id, w.layer");
    Ok(sql.query().load(conn)?)
}
