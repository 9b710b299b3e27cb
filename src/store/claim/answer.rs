//! Answers to claims: registered posts, each the answer to one claim; how many stand is kept with the claim.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use crate::domain::campaign::CampaignState;
use crate::domain::id::{AccountId, CampaignId, ClaimId, PostId, UnitId, UserId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{claim_answers, claims};
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;
use crate::store::types::At;
use crate::store::types::sql::{Ts, Uid};

/// The claim that a post answers, if it answers one.
///
/// # Errors
/// The database's failure.
pub fn claim_of(conn: &mut Conn, post_id: PostId) -> Result<Option<ClaimId>, StoreError> {
    Ok(claim_answers::table.find(post_id).select(claim_answers::claim_id).first(conn).optional()?)
}

/// Puts a registered post on file as the answer to a claim; says whether it was not yet on file as the answer to any.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, claim_id: ClaimId, post_id: PostId, added_by: Option<UserId>) -> Result<bool, StoreError> {
    let row = (
        claim_answers::post_id.eq(post_id),
        claim_answers::claim_id.eq(claim_id),
        claim_answers::added_at.eq(At(tx.now)),
        claim_answers::added_by.eq(added_by),
    );
    if claim_of(tx.conn, post_id)?.is_some() {
        return Ok(false);
    }
    diesel::insert_into(claim_answers::table).values(row).execute(tx.conn)?;
    diesel::update(claims::table.find(claim_id)).set(claims::answers.eq(claims::answers + 1)).execute(tx.conn)?;
    Ok(true)
}

/// Takes a post that goes off the register off its claim too, if it answers one.
///
/// # Errors
/// The database's failure.
pub fn remove(tx: &mut Tx<'_>, post_id: PostId) -> Result<(), StoreError> {
    let Some(claim_id) = claim_of(tx.conn, post_id)? else { return Ok(()) };
    let removed = diesel::delete(claim_answers::table.find(post_id)).execute(tx.conn)?;
    if removed == 1 {
        diesel::update(claims::table.find(claim_id)).set(claims::answers.eq(claims::answers - 1)).execute(tx.conn)?;
    }
    Ok(())
}

/// An answer with whose it is and how that is disclosed.
#[derive(Debug, Clone, QueryableByName)]
pub struct AnswerRow {
    /// The claim.
    #[diesel(sql_type = Uid)]
    pub claim_id: ClaimId,
    /// The post.
    #[diesel(sql_type = Uid)]
    pub post_id: PostId,
    /// Its address.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// Where it is.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// When it was registered.
    #[diesel(sql_type = Ts)]
    pub registered_at: At,
    /// The account.
    #[diesel(sql_type = Uid)]
    pub account_id: AccountId,
    /// The name that it shows.
    #[diesel(sql_type = Text)]
    pub account_name: String,
    /// Its handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: AccountKind,
    /// Its layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// The unit that runs it.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// The public statement of its affiliation, while one is confirmed and has not lapsed.
    #[diesel(sql_type = Nullable<Text>)]
    pub statement: Option<String>,
    /// Where the statement stands.
    #[diesel(sql_type = Nullable<Text>)]
    pub statement_url: Option<String>,
    /// The campaign that asked for it, if one did.
    #[diesel(sql_type = Nullable<Uid>)]
    pub campaign_id: Option<CampaignId>,
}

/// The answers to these claims that stand on the register, the newest first; at most `limit` a claim.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, claim_ids: &[ClaimId], now: DateTime<Utc>, limit: i64) -> Result<Vec<AnswerRow>, StoreError> {
    if claim_ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = SqlText::new();
    sql.push(
        "SELECT * FROM (SELECT x.claim_id, p.id AS post_id, p.url, p.platform, p.registered_at, a.id AS account_id, \
         a.display_name AS account_name, a.handle, a.kind, a.layer, u.name AS unit, d.statement, d.url AS statement_url, p.campaign_id, \
         row_number() OVER (PARTITION BY x.claim_id ORDER BY p.id DESC) AS place \
         FROM claim_answers x JOIN posts p ON p.id = x.post_id JOIN accounts a ON a.id = p.account_id JOIN units u ON u.id = a.unit_id \
         LEFT JOIN disclosures d ON d.account_id = a.id AND d.state = 'confirmed' AND d.expires_at > ",
    );
    sql.at(now).push(" WHERE p.removed_at IS NULL AND x.claim_id IN ").ids(claim_ids);
    sql.push(") found WHERE place <= ").big(limit).push(" ORDER BY post_id DESC");
    Ok(sql.query().load(conn)?)
}

/// A campaign that points at a claim.
#[derive(Debug, Clone, QueryableByName)]
pub struct PointingRow {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub id: CampaignId,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: CampaignState,
    /// Its unit.
    #[diesel(sql_type = Uid)]
    pub unit_id: UnitId,
    /// How many of its tasks do; none for one whose tasks exist only once it is released.
    #[diesel(sql_type = BigInt)]
    pub tasks: i64,
}

/// The released campaigns whose tasks point at a claim, and the drafts whose content does; the newest first, at most `limit` of each.
///
/// # Errors
/// The database's failure.
pub fn pointing_at(conn: &mut Conn, id: ClaimId, limit: i64) -> Result<Vec<PointingRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT c.id, c.title, c.state, c.unit_id, t.n AS tasks FROM campaigns c JOIN \
         (SELECT campaign_id, sum(1) AS n FROM tasks WHERE target_claim_id = ",
    );
    sql.id(id).push(" GROUP BY campaign_id) t ON t.campaign_id = c.id ORDER BY c.id DESC LIMIT ").big(limit);
    let mut found: Vec<PointingRow> = sql.query().load(conn)?;
    // What is not released has no tasks yet. Drafts are few, and an index finds them.
    let mut sql = SqlText::new();
    sql.push(
        "SELECT c.id, c.title, c.state, c.unit_id, CAST(0 AS bigint) AS tasks FROM campaigns c \
         WHERE c.state IN ('draft', 'submitted') AND CAST(c.content AS text) LIKE ",
    );
    sql.text(format!("%{id}%")).push(" ORDER BY c.id DESC LIMIT ").big(limit);
    let drafts: Vec<PointingRow> = sql.query().load(conn)?;
    found.extend(drafts);
    found.sort_by_key(|row| std::cmp::Reverse(row.id));
    Ok(found)
}
