//! Suppressed addresses: where nothing, or no task, is sent to any more.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::suppressions;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::SuppressionId;
use crate::domain::suppression::{SuppressionReason, SuppressionScope};
use crate::domain::text_enum::TextEnum as _;

/// A suppressed address as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = suppressions)]
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
}

/// Suppresses an address. Says whether that is new: an address is suppressed once for each scope, and the first reason stays.
///
/// # Errors
/// The database's failure.
pub fn add(tx: &mut Tx<'_>, email_norm: &str, scope: SuppressionScope, reason: SuppressionReason) -> Result<bool, StoreError> {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO suppressions (id, email_norm, scope, reason, created_at) VALUES (").id(SuppressionId::new());
    sql.push(", ").text(email_norm).push(", ").text(scope.as_str()).push(", ").text(reason.as_str()).push(", ").at(tx.now);
    sql.push(") ON CONFLICT (email_norm, scope) DO NOTHING");
    Ok(sql.query().execute(tx.conn)? == 1)
}

/// Whether nothing of this scope is sent to the address: it is suppressed for the scope or for everything.
///
/// # Errors
/// The database's failure.
pub fn is_suppressed(conn: &mut Conn, email_norm: &str, scope: SuppressionScope) -> Result<bool, StoreError> {
    let found = suppressions::table
        .filter(suppressions::email_norm.eq(email_norm))
        .filter(suppressions::scope.eq_any([scope, SuppressionScope::All]))
        .select(suppressions::id)
        .first::<SuppressionId>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// What is on file about an address.
///
/// # Errors
/// The database's failure.
pub fn list_of(conn: &mut Conn, email_norm: &str) -> Result<Vec<SuppressionRow>, StoreError> {
    let rows = suppressions::table.filter(suppressions::email_norm.eq(email_norm)).order(suppressions::scope.asc());
    Ok(rows.select(SuppressionRow::as_select()).load(conn)?)
}
