//! What a campaign's dossier holds besides its content and its log: releases and reasons with who gave them, posts, numbers by layer.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::types::At;
use super::types::sql::Ts;
use crate::domain::id::{CampaignId, UserId};
use crate::domain::platform::Platform;

/// A release, in force or voided, with the name of who released.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ReleaseRow {
    /// The content it binds.
    #[diesel(sql_type = Text)]
    pub content_hash: String,
    /// Who released.
    #[diesel(sql_type = Text)]
    pub by: String,
    /// When.
    #[diesel(sql_type = Ts)]
    pub released_at: At,
    /// When an edit voided it.
    #[diesel(sql_type = Nullable<Ts>)]
    pub voided_at: Option<At>,
}

/// Every release of a campaign, oldest first.
///
/// # Errors
/// The database's failure.
pub fn releases(conn: &mut Conn, id: CampaignId) -> Result<Vec<ReleaseRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT r.content_hash, u.name AS by, r.released_at, r.voided_at FROM releases r JOIN users u ON u.id = r.released_by WHERE r.campaign_id = ");
    sql.id(id).push(" ORDER BY r.released_at, r.id");
    Ok(sql.query().load(conn)?)
}

/// A reason given for an election freeze.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ReasonRow {
    /// The content it was given for.
    #[diesel(sql_type = Text)]
    pub content_hash: String,
    /// Who gave it.
    #[diesel(sql_type = Text)]
    pub by: String,
    /// The reason.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// When.
    #[diesel(sql_type = Ts)]
    pub given_at: At,
}

/// The reasons on file for a campaign, oldest first.
///
/// # Errors
/// The database's failure.
pub fn reasons(conn: &mut Conn, id: CampaignId) -> Result<Vec<ReasonRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT f.content_hash, u.name AS by, f.reason, f.given_at FROM freeze_reasons f JOIN users u ON u.id = f.given_by WHERE f.campaign_id = ");
    sql.id(id).push(" ORDER BY f.given_at, f.content_hash");
    Ok(sql.query().load(conn)?)
}

/// A registered post of layers 0 to 2.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct PostRow {
    /// Its layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// Its address.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// When it was registered.
    #[diesel(sql_type = Ts)]
    pub registered_at: At,
    /// When it was taken off the list.
    #[diesel(sql_type = Nullable<Ts>)]
    pub removed_at: Option<At>,
}

/// The registered posts of layers 0 to 2 of a campaign, oldest first; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn posts(conn: &mut Conn, id: CampaignId, limit: i64) -> Result<Vec<PostRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT layer, platform, url, registered_at, removed_at FROM posts WHERE layer < 3 AND campaign_id = ").id(id);
    sql.push(" ORDER BY registered_at, id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A campaign's numbers on one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct LayerRow {
    /// The layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// Assignments made.
    #[diesel(sql_type = BigInt)]
    pub planned: i64,
    /// Those of them in waves that are small groups by themselves.
    #[diesel(sql_type = BigInt)]
    pub small: i64,
    /// Done.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    /// Declined.
    #[diesel(sql_type = BigInt)]
    pub declined: i64,
    /// Expired.
    #[diesel(sql_type = BigInt)]
    pub expired: i64,
}

/// A campaign's numbers by layer, from the maintained counters; a wave of fewer than `least` is a small group.
///
/// # Errors
/// The database's failure.
pub fn layers(conn: &mut Conn, id: CampaignId, least: i64) -> Result<Vec<LayerRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT w.layer, CAST(sum(c.planned) AS BIGINT) AS planned, CAST(sum(CASE WHEN c.planned < ").big(least);
    sql.push(
        " THEN c.planned ELSE 0 END) AS BIGINT) AS small, CAST(sum(c.done) AS BIGINT) AS done, \
         CAST(sum(c.declined) AS BIGINT) AS declined, CAST(sum(c.expired) AS BIGINT) AS expired \
         FROM waves w JOIN wave_counts c ON c.wave_id = w.id WHERE w.campaign_id = ",
    );
    sql.id(id).push(" GROUP BY w.layer ORDER BY w.layer");
    Ok(sql.query().load(conn)?)
}

/// A user's name.
///
/// # Errors
/// The database's failure.
pub fn user_name(conn: &mut Conn, id: UserId) -> Result<Option<String>, StoreError> {
    use super::schema::users;
    Ok(users::table.find(id).select(users::name).first(conn).optional()?)
}
