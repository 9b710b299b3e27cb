//! The campaigns that ran, with their numbers by layer from the maintained counters.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};

use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::CampaignId;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::sql_text::SqlText;
use crate::store::types::sql::{Js, Ts, Uid};
use crate::store::types::{At, Doc};

/// A campaign that ran.
#[derive(Debug, Clone, QueryableByName)]
pub struct CampaignRow {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub id: CampaignId,
    /// The name in its public address.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: CampaignState,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Its one message.
    #[diesel(sql_type = Text)]
    pub message: String,
    /// Whether anybody is paid.
    #[diesel(sql_type = Bool)]
    pub paid: bool,
    /// The unit whose campaign it is.
    #[diesel(sql_type = Text)]
    pub sponsor: String,
    /// When its first wave opened.
    #[diesel(sql_type = Ts)]
    pub started_at: At,
    /// When it was over.
    #[diesel(sql_type = Nullable<Ts>)]
    pub ended_at: Option<At>,
    /// What was wrong with it, where it was corrected.
    #[diesel(sql_type = Nullable<Text>)]
    pub correction: Option<String>,
    /// Since when it is corrected.
    #[diesel(sql_type = Nullable<Ts>)]
    pub corrected_at: Option<At>,
}

/// What a campaign said, in full.
#[derive(Debug, Clone, QueryableByName)]
pub struct ContentRow {
    /// The content.
    #[diesel(sql_type = Js)]
    pub content: Doc<CampaignContent>,
}

// Both engines take the operator ->>; a truth value comes as 1 from the one and as true from the other.
const SELECT: &str = "SELECT c.id, c.slug, c.state, c.title, c.content ->> 'message' AS message, \
     COALESCE(CAST(c.content ->> 'paid' AS TEXT), 'false') IN ('true', '1') AS paid, u.name AS sponsor, c.started_at, c.ended_at, \
     k.body AS correction, k.created_at AS corrected_at \
     FROM campaigns c JOIN units u ON u.id = c.unit_id LEFT JOIN corrections k ON k.campaign_id = c.id WHERE c.started_at IS NOT NULL";

/// Campaigns that opened a wave, latest first, from after one of them on; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, after: Option<(DateTime<Utc>, CampaignId)>, limit: i64) -> Result<Vec<CampaignRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(SELECT);
    if let Some((at, id)) = after {
        sql.push(" AND (c.started_at, c.id) < (").at(at).push(", ").id(id).push(")");
    }
    sql.push(" ORDER BY c.started_at DESC, c.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// Campaigns that were corrected, the latest correction first; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn corrected(conn: &mut Conn, limit: i64) -> Result<Vec<CampaignRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(SELECT)
        .push(" AND c.state = 'corrected' AND k.id IS NOT NULL ORDER BY k.created_at DESC, k.id DESC LIMIT ")
        .big(limit);
    Ok(sql.query().load(conn)?)
}

/// The campaign of this public name, if it ran.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, slug: &str) -> Result<Option<CampaignRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(SELECT).push(" AND c.slug = ").text(slug);
    Ok(sql.query().load(conn)?.pop())
}

/// What a campaign said.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn content(conn: &mut Conn, id: CampaignId) -> Result<CampaignContent, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT content FROM campaigns WHERE id = ").id(id);
    let found: Option<ContentRow> = sql.query().load(conn)?.pop();
    found.map(|row| row.content.0).ok_or(StoreError::Missing("the campaign"))
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
    /// Those of them in waves that are small groups by themselves.
    #[diesel(sql_type = BigInt)]
    pub small: i64,
    /// Tasks that were done.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
}

/// The numbers of these campaigns by layer, from the maintained counters; a wave of fewer than `least` is a small group.
///
/// # Errors
/// The database's failure.
pub fn layers(conn: &mut Conn, ids: &[CampaignId], least: i64) -> Result<Vec<LayerCount>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = SqlText::new();
    sql.push("SELECT w.campaign_id, w.layer, CAST(sum(c.planned) AS BIGINT) AS asked, CAST(sum(CASE WHEN c.planned < ");
    sql.big(least).push(
        " THEN c.planned ELSE 0 END) AS BIGINT) AS small, CAST(sum(c.done) AS BIGINT) AS done \
         FROM waves w JOIN wave_counts c ON c.wave_id = w.id WHERE w.campaign_id IN ",
    );
    sql.ids(ids).push(" GROUP BY w.campaign_id, w.layer ORDER BY w.campaign_id, w.layer");
    Ok(sql.query().load(conn)?)
}
