//! The accounts that the public may read, and how many employees' accounts there are besides.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, SmallInt, Text};

use crate::domain::account::Engagement;
use crate::domain::handle::Handle;
use crate::domain::id::{AccountId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::sql_text::{Count, SqlText};
use crate::store::types::At;
use crate::store::types::sql::{Ts, Uid};

/// An account with its current disclosure.
#[derive(Debug, Clone, QueryableByName)]
pub struct AccountRow {
    /// The account.
    #[diesel(sql_type = Uid)]
    pub id: AccountId,
    /// The name it shows.
    #[diesel(sql_type = Text)]
    pub display_name: String,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: AccountKind,
    /// Its layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
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
    /// When it lapses.
    #[diesel(sql_type = Ts)]
    pub expires_at: At,
}

/// An account of layers 0 to 2 that was disclosed once and is not in force now.
#[derive(Debug, Clone, QueryableByName)]
pub struct FormerRow {
    /// The account.
    #[diesel(sql_type = Uid)]
    pub id: AccountId,
    /// The name it shows.
    #[diesel(sql_type = Text)]
    pub display_name: String,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// Its handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// The unit that runs or ran it.
    #[diesel(sql_type = Text)]
    pub unit: String,
}

/// Which accounts a page of the register names.
#[derive(Debug, Clone, Default)]
pub struct AccountQuery {
    /// Only on this platform.
    pub platform: Option<Platform>,
    /// Only of this unit and those below it.
    pub unit_id: Option<UnitId>,
    /// Only after this layer, name and id.
    pub after: Option<(i16, String, AccountId)>,
}

const COLUMNS: &str = "a.id, a.display_name, a.kind, a.layer, a.platform, a.handle, a.engagement, u.name AS unit, \
     d.statement, d.url, d.checked_at, d.expires_at";

/// Accounts that are in service with a confirmed disclosure that has not lapsed.
const IN_FORCE: &str = " FROM accounts a JOIN units u ON u.id = a.unit_id JOIN members m ON m.id = a.member_id \
     JOIN disclosures d ON d.account_id = a.id AND d.state = 'confirmed' WHERE a.state = 'active' AND d.expires_at > ";

/// An employee is answered for by name only who takes part and chose so. Whether they pause must not show.
const NAMED: &str =
    " AND (a.layer < 3 OR (a.public_name AND m.participate_version IS NOT NULL AND m.state NOT IN ('left', 'erased')))";

fn select(now: DateTime<Utc>) -> SqlText {
    let mut sql = SqlText::new();
    sql.push("SELECT ").push(COLUMNS).push(IN_FORCE).at(now);
    sql
}

/// The accounts of layers 0 to 2, in the order of layers and names; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, now: DateTime<Utc>, wanted: &AccountQuery, limit: i64) -> Result<Vec<AccountRow>, StoreError> {
    let mut sql = select(now);
    sql.push(" AND a.layer < 3");
    if let Some(platform) = wanted.platform {
        sql.push(" AND a.platform = ").text(platform.as_str());
    }
    if let Some(unit_id) = wanted.unit_id {
        sql.push(" AND a.unit_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = ").id(unit_id).push(")");
    }
    if let Some((layer, name, id)) = &wanted.after {
        sql.push(" AND (a.layer, a.display_name, a.id) > (")
            .small(*layer)
            .push(", ")
            .text(name.as_str())
            .push(", ")
            .id(*id)
            .push(")");
    }
    sql.push(" ORDER BY a.layer, a.display_name, a.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// The accounts of layers 0 to 2 whose disclosure was confirmed last; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn latest(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<AccountRow>, StoreError> {
    let mut sql = select(now);
    // The sign keeps SQLite from the index of the layers: it would sort all of these for the few that were checked last.
    let layer = if conn.is_sqlite() { "+a.layer" } else { "a.layer" };
    sql.push(&format!(" AND {layer} < 3 ORDER BY d.checked_at DESC, a.id DESC LIMIT ")).big(limit);
    Ok(sql.query().load(conn)?)
}

/// One account that the public may read by name.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, now: DateTime<Utc>, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    let mut sql = select(now);
    sql.push(NAMED).push(" AND a.id = ").id(id);
    Ok(sql.query().load(conn)?.pop())
}

/// The accounts of these handles that the public may read by name.
///
/// # Errors
/// The database's failure.
pub fn by_handles(conn: &mut Conn, now: DateTime<Utc>, handles: &[Handle]) -> Result<Vec<AccountRow>, StoreError> {
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = select(now);
    sql.push(NAMED);
    any_of(&mut sql, handles);
    sql.push(" ORDER BY a.layer, a.display_name, a.id");
    Ok(sql.query().load(conn)?)
}

fn any_of(sql: &mut SqlText, handles: &[Handle]) {
    sql.push(" AND (");
    for (i, handle) in handles.iter().enumerate() {
        sql.push(if i == 0 { "(a.platform = " } else { " OR (a.platform = " }).text(handle.platform().as_str());
        sql.push(" AND a.handle_norm = ").text(handle.normalised()).push(")");
    }
    sql.push(")");
}

/// Accounts of layers 0 to 2 with a disclosure that a second person once confirmed. Whether one is in force is for the caller.
fn former() -> SqlText {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT a.id, a.display_name, a.platform, a.handle, u.name AS unit FROM accounts a JOIN units u ON u.id = a.unit_id \
         WHERE a.layer < 3 AND EXISTS (SELECT 1 FROM disclosures d WHERE d.account_id = a.id AND d.state IN ('confirmed', 'replaced'))",
    );
    sql
}

/// One account of layers 0 to 2 that was disclosed at some time.
///
/// # Errors
/// The database's failure.
pub fn find_former(conn: &mut Conn, id: AccountId) -> Result<Option<FormerRow>, StoreError> {
    let mut sql = former();
    sql.push(" AND a.id = ").id(id);
    Ok(sql.query().load(conn)?.pop())
}

/// The accounts of layers 0 to 2 of these handles that were disclosed at some time.
///
/// # Errors
/// The database's failure.
pub fn former_by_handles(conn: &mut Conn, handles: &[Handle]) -> Result<Vec<FormerRow>, StoreError> {
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = former();
    any_of(&mut sql, handles);
    sql.push(" ORDER BY a.display_name, a.id");
    Ok(sql.query().load(conn)?)
}

/// How many employees' accounts are disclosed and in service: for a sweep, not for a page.
///
/// # Errors
/// The database's failure.
pub fn count_advocates(conn: &mut Conn, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT count(*) AS n FROM accounts WHERE layer = 3 AND state = 'active' AND disclosed_until > ").at(now);
    Ok(sql.query().get_result::<Count>(conn)?.n)
}

/// A unit that runs a listed account.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct UnitRow {
    /// The unit.
    #[diesel(sql_type = Uid)]
    pub id: UnitId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// The units that run a listed account, by name.
///
/// # Errors
/// The database's failure.
pub fn units(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<UnitRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT u.id, u.name FROM units u WHERE EXISTS (SELECT 1 FROM accounts a JOIN disclosures d ON d.account_id = a.id ",
    );
    sql.push("AND d.state = 'confirmed' WHERE a.unit_id = u.id AND a.layer < 3 AND a.state = 'active' AND d.expires_at > ")
        .at(now);
    sql.push(") ORDER BY u.name, u.id");
    Ok(sql.query().load(conn)?)
}
