//! Suppressed addresses: where nothing, or no task, is sent to any more.

use diesel::prelude::*;

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{members, suppressions, unit_closure};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{CampaignId, SuppressionId, UnitId};
use crate::domain::suppression::{Silence, SuppressionReason, SuppressionScope};
use crate::domain::text_enum::TextEnum as _;

/// A suppressed address as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = suppressions, treat_none_as_default_value = false)]
pub struct SuppressionRow {
    /// The row's id.
    pub id: SuppressionId,
    /// The address in its compared form.
    pub email_norm: String,
    /// What it no longer gets.
    pub scope: SuppressionScope,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub created_at: At,
    /// The one campaign it is about, where its scope is a campaign.
    pub campaign_id: Option<CampaignId>,
}

/// Suppresses an address. Says whether that is new: an address is suppressed once for each scope, and the first reason stays.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, email_norm: &str, silence: Silence, reason: SuppressionReason) -> Result<bool, StoreError> {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO suppressions (id, email_norm, scope, reason, created_at, campaign_id) VALUES (");
    sql.id(SuppressionId::new()).push(", ").text(email_norm).push(", ").text(silence.scope().as_str());
    sql.push(", ").text(reason.as_str()).push(", ").at(tx.now).push(", ");
    match silence.campaign_id() {
        Some(id) => sql.id(id),
        None => sql.push("NULL"),
    };
    sql.push(") ON CONFLICT DO NOTHING");
    Ok(sql.query().execute(tx.conn)? == 1)
}

/// Whether the address gets nothing of this kind: nothing at all, or no tasks, or nothing about this campaign.
///
/// # Errors
/// The database's failure.
pub fn is_suppressed(conn: &mut Conn, email_norm: &str, of: Silence) -> Result<bool, StoreError> {
    let mut silent = suppressions::table.filter(suppressions::email_norm.eq(email_norm)).into_boxed::<MultiBackend>();
    silent = match of {
        Silence::All => silent.filter(suppressions::scope.eq(SuppressionScope::All)),
        Silence::Tasks => silent.filter(suppressions::scope.eq_any([SuppressionScope::Tasks, SuppressionScope::All])),
        Silence::Campaign(id) => silent.filter(
            suppressions::scope.eq_any([SuppressionScope::Tasks, SuppressionScope::All]).or(suppressions::campaign_id.eq(id)),
        ),
    };
    let found = silent.select(suppressions::id).first::<SuppressionId>(conn).optional()?;
    Ok(found.is_some())
}

/// The suppression as SQL: whether `email` gets no task of the campaign whose id stands in `campaign`. Both are columns of the
/// statement around it, never values.
#[must_use]
pub(super) fn no_tasks(email: &str, campaign: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM suppressions x WHERE x.email_norm = {email} \
         AND (x.scope IN ('tasks', 'all') OR x.campaign_id = {campaign}))"
    )
}

/// What is on file about an address.
///
/// # Errors
/// The database's failure.
pub fn list_of(conn: &mut Conn, email_norm: &str) -> Result<Vec<SuppressionRow>, StoreError> {
    let rows = suppressions::table.filter(suppressions::email_norm.eq(email_norm)).order(suppressions::scope.asc());
    Ok(rows.select(SuppressionRow::as_select()).load(conn)?)
}

/// The suppression with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: SuppressionId) -> Result<Option<SuppressionRow>, StoreError> {
    Ok(suppressions::table.find(id).select(SuppressionRow::as_select()).first(conn).optional()?)
}

/// Suppressed addresses that begin with `prefix`, of the members in the subtrees of `roots` (none: every address), the newest first,
/// after the entry `after`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    prefix: &str,
    after: Option<SuppressionId>,
    limit: i64,
) -> Result<Vec<SuppressionRow>, StoreError> {
    let mut query = suppressions::table.into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        let theirs = members::table.filter(members::unit_id.eq_any(below)).select(members::email_norm);
        query = query.filter(suppressions::email_norm.eq_any(theirs));
    }
    if !prefix.is_empty() {
        let end = format!("{prefix}\u{10FFFF}");
        query = query.filter(suppressions::email_norm.ge(prefix.to_owned())).filter(suppressions::email_norm.lt(end));
    }
    if let Some(after) = after {
        query = query.filter(suppressions::id.lt(after));
    }
    Ok(query.order(suppressions::id.desc()).limit(limit).select(SuppressionRow::as_select()).load(conn)?)
}

/// Takes an entry off the list.
///
/// # Errors
/// [`StoreError::Missing`] when it is not there.
pub fn remove(tx: &mut Tx<'_>, id: SuppressionId) -> Result<(), StoreError> {
    match diesel::delete(suppressions::table.find(id)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(StoreError::Missing("the suppressed address")),
    }
}
