//! Accounts as a list with filters asks for them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::AccountRow;
use crate::domain::account::{AccountState, DisclosureStanding};
use crate::domain::id::{AccountId, UnitId};
use crate::domain::kind::AccountKind;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::reach::{Cut, Reach};
use crate::store::schema::accounts;
use crate::store::sql_text::SqlText;

/// Which accounts are wanted.
#[derive(Debug, Clone)]
pub struct AccountQuery {
    /// Of these subtrees; none: everywhere.
    pub roots: Option<Vec<UnitId>>,
    /// Of this kind.
    pub kind: Option<AccountKind>,
    /// In this state.
    pub state: Option<AccountState>,
    /// Whose disclosure stands so at `now`.
    pub standing: Option<DisclosureStanding>,
    /// Whose handle or shown name holds this, in lower case; empty: any.
    pub text: String,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Whether a disclosure is filed and not settled.
const FILED: &str = "IN (SELECT d.account_id FROM disclosures d WHERE d.state = 'filed')";

/// Accounts by id, after the id `after`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn search(
    conn: &mut Conn,
    query: &AccountQuery,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<AccountRow>, StoreError> {
    let reach = Reach::of(conn, query.roots.as_deref())?;
    let mut sql = SqlText::new();
    sql.push("SELECT * FROM (");
    let cut = Cut { is_sqlite: conn.is_sqlite(), order: "a.id", limit };
    reach.rows(&mut sql, "a.unit_id", cut, |sql| {
        sql.push("SELECT a.* FROM accounts a WHERE 1 = 1");
        filtered(sql, query);
        if let Some(after) = after {
            sql.push(" AND a.id > ").id(after);
        }
    });
    sql.push(") found ORDER BY id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

fn filtered(sql: &mut SqlText, query: &AccountQuery) {
    if let Some(kind) = query.kind {
        sql.push(" AND a.kind = ").text(kind.to_string());
    }
    if let Some(state) = query.state {
        sql.push(" AND a.state = ").text(state.to_string());
    }
    if let Some(standing) = query.standing {
        stands(sql, standing, query.now);
    }
    if !query.text.is_empty() {
        let pattern = format!("%{}%", crate::store::member::like(&query.text));
        sql.push(" AND (a.handle_norm LIKE ").text(pattern.clone()).push(" ESCAPE '!' OR lower(a.display_name) LIKE ");
        sql.text(pattern).push(" ESCAPE '!')");
    }
}

fn stands(sql: &mut SqlText, standing: DisclosureStanding, now: DateTime<Utc>) {
    let soon = now + DisclosureStanding::NOTICE;
    match standing {
        DisclosureStanding::Current => sql.push(" AND a.disclosed_until > ").at(soon),
        DisclosureStanding::Lapsing => sql.push(" AND a.disclosed_until > ").at(now).push(" AND a.disclosed_until <= ").at(soon),
        DisclosureStanding::Lapsed => sql.push(" AND a.disclosed_until <= ").at(now),
        DisclosureStanding::Waiting => sql.push(" AND a.id ").push(FILED),
        DisclosureStanding::Missing => sql.push(" AND a.disclosed_until IS NULL AND a.id NOT ").push(FILED),
    };
}

/// The accounts with these ids, at most some hundreds.
///
/// # Errors
/// The database's failure.
pub fn list_by_ids(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<AccountRow>, StoreError> {
    let found = accounts::table.filter(accounts::id.eq_any(ids.to_vec())).order(accounts::id.asc());
    Ok(found.select(AccountRow::as_select()).load(conn)?)
}
