//! Corrections that one person proposed and another has to confirm; drills too.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::correction_proposals as p;
use super::tx::Tx;
use super::types::At;
use crate::domain::correction::ProposalEnd;
use crate::domain::id::{CampaignId, ProposalId, UserId};

/// A proposal as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = p, treat_none_as_default_value = false)]
pub struct ProposalRow {
    /// Its id.
    pub id: ProposalId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Whether it is a drill.
    pub drill: bool,
    /// What was wrong and what is right.
    pub body: String,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: At,
    /// Who confirmed it.
    pub confirmed_by: Option<UserId>,
    /// When it was confirmed or withdrawn.
    pub ended_at: Option<At>,
    /// How it ended.
    pub outcome: Option<ProposalEnd>,
    /// For a drill: how many people would have been asked.
    pub asked: Option<i64>,
}

/// Inserts a proposal.
///
/// # Errors
/// The database's failure; a campaign has one that waits.
pub fn insert(tx: &mut Tx<'_>, row: &ProposalRow) -> Result<(), StoreError> {
    diesel::insert_into(p::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The campaign's proposal that waits, if one does.
///
/// # Errors
/// The database's failure.
pub fn open_of(conn: &mut Conn, id: CampaignId) -> Result<Option<ProposalRow>, StoreError> {
    let open = p::table.filter(p::campaign_id.eq(id)).filter(p::ended_at.is_null());
    Ok(open.select(ProposalRow::as_select()).first(conn).optional()?)
}

/// The campaign's proposals, the newest first.
///
/// # Errors
/// The database's failure.
pub fn list_of(conn: &mut Conn, id: CampaignId) -> Result<Vec<ProposalRow>, StoreError> {
    Ok(p::table.filter(p::campaign_id.eq(id)).order(p::id.desc()).limit(50).select(ProposalRow::as_select()).load(conn)?)
}

/// The proposal with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: ProposalId) -> Result<Option<ProposalRow>, StoreError> {
    Ok(p::table.find(id).select(ProposalRow::as_select()).first(conn).optional()?)
}

/// Ends a proposal; says whether it waited.
///
/// # Errors
/// The database's failure.
pub fn end(
    tx: &mut Tx<'_>,
    id: ProposalId,
    outcome: ProposalEnd,
    by: Option<UserId>,
    asked: Option<i64>,
) -> Result<bool, StoreError> {
    let open = p::table.filter(p::id.eq(id)).filter(p::ended_at.is_null());
    let set = (p::outcome.eq(Some(outcome)), p::ended_at.eq(Some(At(tx.now))), p::confirmed_by.eq(by), p::asked.eq(asked));
    Ok(diesel::update(open).set(set).execute(tx.conn)? == 1)
}
