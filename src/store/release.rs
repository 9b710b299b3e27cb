//! Releases, each bound to a content hash, and the reasons given for one in an election freeze.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{freeze_reasons, releases};
use super::tx::Tx;
use super::types::{At, Doc};
use crate::domain::content::CampaignContent;
use crate::domain::id::{CampaignId, ReleaseId, UserId};

/// A release as stored. A campaign has at most one that is not voided.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = releases, treat_none_as_default_value = false)]
pub struct ReleaseRow {
    /// The release's id.
    pub id: ReleaseId,
    /// What was released.
    pub campaign_id: CampaignId,
    /// The content it binds.
    pub content_hash: String,
    /// Who released it.
    pub released_by: UserId,
    /// When.
    pub released_at: At,
    /// When an edit voided it.
    pub voided_at: Option<At>,
    /// The content it binds; none for a release from before contents were kept.
    pub content: Option<Doc<CampaignContent>>,
}

/// A second approver's reason for a campaign in an election freeze, bound to one content.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = freeze_reasons)]
pub struct FreezeReasonRow {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The content it was given for.
    pub content_hash: String,
    /// Who gave it.
    pub given_by: UserId,
    /// The reason.
    pub reason: String,
    /// When.
    pub given_at: At,
}

/// Inserts a release.
///
/// # Errors
/// [`StoreError::Taken`] when the campaign has a current one.
pub fn insert(tx: &mut Tx<'_>, row: &ReleaseRow) -> Result<(), StoreError> {
    diesel::insert_into(releases::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The release in force, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_current(conn: &mut Conn, campaign_id: CampaignId) -> Result<Option<ReleaseRow>, StoreError> {
    let current = releases::table.filter(releases::campaign_id.eq(campaign_id)).filter(releases::voided_at.is_null());
    Ok(current.select(ReleaseRow::as_select()).first(conn).optional()?)
}

/// The last release of a campaign, in force or voided.
///
/// # Errors
/// The database's failure.
pub fn find_last(conn: &mut Conn, campaign_id: CampaignId) -> Result<Option<ReleaseRow>, StoreError> {
    let all = releases::table.filter(releases::campaign_id.eq(campaign_id)).order(releases::id.desc());
    Ok(all.select(ReleaseRow::as_select()).first(conn).optional()?)
}

/// Voids the release in force; says which it was.
///
/// # Errors
/// The database's failure.
pub fn void_current(tx: &mut Tx<'_>, campaign_id: CampaignId) -> Result<Option<ReleaseRow>, StoreError> {
    let Some(release) = find_current(tx.conn, campaign_id)? else { return Ok(None) };
    diesel::update(releases::table.filter(releases::id.eq(release.id)))
        .set(releases::voided_at.eq(At(tx.now)))
        .execute(tx.conn)?;
    Ok(Some(release))
}

/// The reason given for this content, if any.
///
/// # Errors
/// The database's failure.
pub fn find_freeze_reason(
    conn: &mut Conn,
    campaign_id: CampaignId,
    content_hash: &str,
) -> Result<Option<FreezeReasonRow>, StoreError> {
    let given = freeze_reasons::table
        .filter(freeze_reasons::campaign_id.eq(campaign_id))
        .filter(freeze_reasons::content_hash.eq(content_hash));
    Ok(given.select(FreezeReasonRow::as_select()).first(conn).optional()?)
}

/// Keeps a reason; a later one for the same content takes the place of an earlier one, which stays in the log.
///
/// # Errors
/// The database's failure.
pub fn save_freeze_reason(tx: &mut Tx<'_>, row: &FreezeReasonRow) -> Result<(), StoreError> {
    let same = freeze_reasons::table
        .filter(freeze_reasons::campaign_id.eq(row.campaign_id))
        .filter(freeze_reasons::content_hash.eq(&row.content_hash));
    diesel::delete(same).execute(tx.conn)?;
    diesel::insert_into(freeze_reasons::table).values(row).execute(tx.conn)?;
    Ok(())
}
