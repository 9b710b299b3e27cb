//! Accounts in and out of their table, with their topics and the people who run them.

mod search;

use diesel::prelude::*;

pub use search::{AccountQuery, list_by_ids, search};

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{account_operators, account_topics, accounts, unit_closure};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use crate::domain::account::{AccountState, Engagement};
use crate::domain::id::{AccountId, MemberId, UnitId};
use crate::domain::kind::AccountKind;
use crate::domain::platform::Platform;

/// Rows a statement: 19 binds each, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// The account's id.
    pub id: AccountId,
    /// The unit it belongs to; for a white-label account the operating unit that the register names.
    pub unit_id: UnitId,
    /// Whose it is, or who is asked on the institution's behalf.
    pub member_id: MemberId,
    /// What it is.
    pub kind: AccountKind,
    /// The kind's layer, 0 to 3.
    pub layer: i16,
    /// Whether it is a natural person's own, after its kind.
    pub personal: bool,
    /// Where it lives.
    pub platform: Platform,
    /// The handle as entered.
    pub handle: String,
    /// The handle in its compared form.
    pub handle_norm: String,
    /// The name it shows.
    pub display_name: String,
    /// The language it speaks, a BCP 47 tag.
    pub language: String,
    /// How many follow it.
    pub followers: i32,
    /// How an outside opinion leader is engaged.
    pub engagement: Option<Engagement>,
    /// Whether the public register names a layer-3 account.
    pub public_name: bool,
    /// Whether it is in service.
    pub state: AccountState,
    /// Until when its confirmed disclosure is current; none without one.
    pub disclosed_until: Option<At>,
    /// When it was added.
    pub created_at: At,
    /// When it was last changed.
    pub updated_at: At,
    /// Grows by one with each change.
    pub version: i32,
}

/// The account with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: AccountId) -> Result<AccountRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the account"))
}

/// The account with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    Ok(accounts::table.find(id).select(AccountRow::as_select()).first(conn).optional()?)
}

/// The account with this handle in its compared form, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_by_handle(conn: &mut Conn, platform: Platform, norm: &str) -> Result<Option<AccountRow>, StoreError> {
    let query = accounts::table.filter(accounts::platform.eq(platform)).filter(accounts::handle_norm.eq(norm));
    Ok(query.select(AccountRow::as_select()).first(conn).optional()?)
}

/// The accounts of a person, by id.
///
/// # Errors
/// The database's failure.
pub fn list_by_member(conn: &mut Conn, member_id: MemberId) -> Result<Vec<AccountRow>, StoreError> {
    list_by_members(conn, &[member_id])
}

/// The accounts of these people, by id.
///
/// # Errors
/// The database's failure.
pub fn list_by_members(conn: &mut Conn, members: &[MemberId]) -> Result<Vec<AccountRow>, StoreError> {
    let mut rows = Vec::new();
    for chunk in members.chunks(CHUNK) {
        // Planned each time: a plan kept from when the table was empty reads the whole table for ever.
        let mut sql = SqlText::new();
        sql.push("SELECT * FROM accounts WHERE member_id IN ").ids(chunk);
        rows.append(&mut sql.query().load(conn)?);
    }
    rows.sort_unstable_by_key(|row: &AccountRow| row.id);
    Ok(rows)
}

/// Accounts of the subtrees of `roots` (none: everywhere), by id, after the id `after`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<AccountRow>, StoreError> {
    let mut query = accounts::table.into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(accounts::unit_id.eq_any(below));
    }
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    Ok(query.order(accounts::id.asc()).limit(limit).select(AccountRow::as_select()).load(conn)?)
}

/// Inserts an account; its topics and operators are set apart.
///
/// # Errors
/// [`StoreError::Taken`] for a handle in use, or a second account of one person on a platform.
pub fn insert(tx: &mut Tx<'_>, account: &AccountRow) -> Result<(), StoreError> {
    insert_many(tx, std::slice::from_ref(account))
}

/// Inserts many accounts, a few hundred a statement.
///
/// # Errors
/// [`StoreError::Taken`] as for one.
pub fn insert_many(tx: &mut Tx<'_>, rows: &[AccountRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        insert_batch!(tx.conn, accounts::table, chunk);
    }
    Ok(())
}

/// Saves everything about an account, its disclosure's end included.
///
/// # Errors
/// [`StoreError::Stale`] when the version is not the stored one; [`StoreError::Taken`] as for an insert.
pub fn save(tx: &mut Tx<'_>, account: &AccountRow) -> Result<(), StoreError> {
    let guarded = accounts::table.filter(accounts::id.eq(account.id)).filter(accounts::version.eq(account.version));
    let changed = diesel::update(guarded)
        .set((
            accounts::unit_id.eq(account.unit_id),
            accounts::member_id.eq(account.member_id),
            accounts::kind.eq(account.kind),
            accounts::layer.eq(account.layer),
            accounts::personal.eq(account.personal),
            accounts::platform.eq(account.platform),
            accounts::handle.eq(&account.handle),
            accounts::handle_norm.eq(&account.handle_norm),
            accounts::display_name.eq(&account.display_name),
            accounts::language.eq(&account.language),
            accounts::followers.eq(account.followers),
            accounts::engagement.eq(account.engagement),
            accounts::public_name.eq(account.public_name),
            accounts::state.eq(account.state),
            accounts::disclosed_until.eq(account.disclosed_until),
            accounts::updated_at.eq(At(tx.now)),
            accounts::version.eq(account.version + 1),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The topics of an account, in alphabetical order.
///
/// # Errors
/// The database's failure.
pub fn topics(conn: &mut Conn, id: AccountId) -> Result<Vec<String>, StoreError> {
    let query = account_topics::table.filter(account_topics::account_id.eq(id)).order(account_topics::topic.asc());
    Ok(query.select(account_topics::topic).load(conn)?)
}

/// Replaces the topics of an account.
///
/// # Errors
/// The database's failure.
pub fn set_topics(tx: &mut Tx<'_>, id: AccountId, topics: &[String]) -> Result<(), StoreError> {
    diesel::delete(account_topics::table.filter(account_topics::account_id.eq(id))).execute(tx.conn)?;
    insert_topics(tx, &topics.iter().map(|topic| (id, topic.as_str())).collect::<Vec<_>>())
}

/// Adds topics to accounts that don't have them yet.
///
/// # Errors
/// [`StoreError::Taken`] for one that is there.
pub fn insert_topics(tx: &mut Tx<'_>, topics: &[(AccountId, &str)]) -> Result<(), StoreError> {
    for chunk in topics.chunks(CHUNK) {
        let rows: Vec<_> =
            chunk.iter().map(|(id, topic)| (account_topics::account_id.eq(*id), account_topics::topic.eq(*topic))).collect();
        insert_batch!(tx.conn, account_topics::table, &rows);
    }
    Ok(())
}

/// The people who run an institution's account besides the one who is asked, by id.
///
/// # Errors
/// The database's failure.
pub fn operators(conn: &mut Conn, id: AccountId) -> Result<Vec<MemberId>, StoreError> {
    let query = account_operators::table.filter(account_operators::account_id.eq(id)).order(account_operators::member_id.asc());
    Ok(query.select(account_operators::member_id).load(conn)?)
}

/// Replaces the people who run an account besides the one who is asked.
///
/// # Errors
/// The database's failure.
pub fn set_operators(tx: &mut Tx<'_>, id: AccountId, operators: &[MemberId]) -> Result<(), StoreError> {
    diesel::delete(account_operators::table.filter(account_operators::account_id.eq(id))).execute(tx.conn)?;
    insert_operators(tx, &operators.iter().map(|member| (id, *member)).collect::<Vec<_>>())
}

/// Adds operators to accounts that don't have them yet.
///
/// # Errors
/// [`StoreError::Taken`] for one that is there.
pub fn insert_operators(tx: &mut Tx<'_>, operators: &[(AccountId, MemberId)]) -> Result<(), StoreError> {
    for chunk in operators.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(id, member)| (account_operators::account_id.eq(*id), account_operators::member_id.eq(*member)))
            .collect();
        insert_batch!(tx.conn, account_operators::table, &rows);
    }
    Ok(())
}

/// The topics of these accounts, each account's in alphabetical order.
///
/// # Errors
/// The database's failure.
pub fn topics_of(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<(AccountId, String)>, StoreError> {
    let mut pairs = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = account_topics::table
            .filter(account_topics::account_id.eq_any(chunk.to_vec()))
            .order((account_topics::account_id.asc(), account_topics::topic.asc()))
            .select((account_topics::account_id, account_topics::topic));
        pairs.append(&mut query.load(conn)?);
    }
    Ok(pairs)
}

/// The operators of these accounts, each account's by id.
///
/// # Errors
/// The database's failure.
pub fn operators_of(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<(AccountId, MemberId)>, StoreError> {
    let mut pairs = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = account_operators::table
            .filter(account_operators::account_id.eq_any(chunk.to_vec()))
            .order((account_operators::account_id.asc(), account_operators::member_id.asc()))
            .select((account_operators::account_id, account_operators::member_id));
        pairs.append(&mut query.load(conn)?);
    }
    Ok(pairs)
}

/// The accounts of a platform with one of these handles in their compared form.
///
/// # Errors
/// The database's failure.
pub fn list_by_handles(conn: &mut Conn, platform: Platform, norms: &[String]) -> Result<Vec<AccountRow>, StoreError> {
    let mut rows = Vec::new();
    for chunk in norms.chunks(CHUNK) {
        let mut sql = SqlText::new();
        sql.push("SELECT * FROM accounts WHERE platform = ").text(platform.to_string());
        sql.push(" AND handle_norm IN ").texts(chunk);
        rows.append(&mut sql.query().load(conn)?);
    }
    Ok(rows)
}
