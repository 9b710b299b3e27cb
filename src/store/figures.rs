//! Numbers that pages show and that a sweep counts: no page waits for a count.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::Ts;

/// A number, and when it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Figure {
    /// The number.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// When it was counted.
    #[diesel(sql_type = Ts)]
    pub counted_at: At,
}

/// The figure of this name, if it was ever counted.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, name: &str) -> Result<Option<Figure>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT n, counted_at FROM figures WHERE name = ").text(name);
    Ok(sql.query().get_result(conn).optional()?)
}

/// Whether a figure was counted before `before`, or never.
///
/// # Errors
/// The database's failure.
pub fn is_old(conn: &mut Conn, name: &str, before: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(find(conn, name)?.is_none_or(|figure| figure.counted_at.0 < before))
}

/// Keeps a figure.
///
/// # Errors
/// The database's failure.
pub fn save(tx: &mut Tx<'_>, name: &str, n: i64) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("INSERT INTO figures (name, n, counted_at) VALUES (").text(name).push(", ").big(n).push(", ").at(tx.now);
    sql.push(") ON CONFLICT (name) DO UPDATE SET n = excluded.n, counted_at = excluded.counted_at");
    sql.query().execute(tx.conn)?;
    Ok(())
}
