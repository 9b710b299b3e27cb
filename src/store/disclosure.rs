//! Disclosures of accounts: the public statement, where it stands, who filed it and who looked.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{accounts, disclosures, unit_closure};
use super::tx::Tx;
use super::types::At;
use crate::domain::account::DisclosureState;
use crate::domain::id::{AccountId, DisclosureId, UnitId};

/// Rows a statement: 11 binds each, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// A disclosure as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = disclosures, treat_none_as_default_value = false)]
pub struct DisclosureRow {
    /// The disclosure's id.
    pub id: DisclosureId,
    /// Whose affiliation it states.
    pub account_id: AccountId,
    /// The public statement, word for word.
    pub statement: String,
    /// Where it stands.
    pub url: String,
    /// Where it is in its life.
    pub state: DisclosureState,
    /// Who filed it, as the log names them.
    pub filed_by: String,
    /// When it was filed.
    pub filed_at: At,
    /// Who settled it, as the log names them.
    pub checked_by: Option<String>,
    /// When it was settled.
    pub checked_at: Option<At>,
    /// When a confirmed one lapses.
    pub expires_at: Option<At>,
    /// Why it was rejected; empty otherwise.
    pub note: String,
}

/// The disclosure with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: DisclosureId) -> Result<DisclosureRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the disclosure"))
}

/// The disclosure with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: DisclosureId) -> Result<Option<DisclosureRow>, StoreError> {
    Ok(disclosures::table.find(id).select(DisclosureRow::as_select()).first(conn).optional()?)
}

/// Every disclosure of an account, the newest first.
///
/// # Errors
/// The database's failure.
pub fn list_by_account(conn: &mut Conn, account_id: AccountId) -> Result<Vec<DisclosureRow>, StoreError> {
    let query = disclosures::table.filter(disclosures::account_id.eq(account_id)).order(disclosures::id.desc());
    Ok(query.select(DisclosureRow::as_select()).load(conn)?)
}

/// The disclosures of these accounts in one of `states`, by id.
///
/// # Errors
/// The database's failure.
pub fn list_by_accounts(
    conn: &mut Conn,
    accounts: &[AccountId],
    states: &[DisclosureState],
) -> Result<Vec<DisclosureRow>, StoreError> {
    let mut rows = Vec::new();
    for chunk in accounts.chunks(CHUNK) {
        let query = disclosures::table
            .filter(disclosures::account_id.eq_any(chunk.to_vec()))
            .filter(disclosures::state.eq_any(states.to_vec()))
            .select(DisclosureRow::as_select());
        rows.extend(query.load(conn)?);
    }
    rows.sort_unstable_by_key(|row: &DisclosureRow| row.id);
    Ok(rows)
}

/// Disclosures that somebody else than `not_by` filed, of the accounts in the subtrees of `roots` (none: everywhere), by id, after
/// `after`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_waiting(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    not_by: &str,
    after: Option<DisclosureId>,
    limit: i64,
) -> Result<Vec<DisclosureRow>, StoreError> {
    let mut query = disclosures::table
        .filter(disclosures::state.eq(DisclosureState::Filed))
        .filter(disclosures::filed_by.ne(not_by.to_owned()))
        .into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        // Asked for each that waits: a list of all accounts below is long, and few wait.
        let above = unit_closure::table.on(unit_closure::descendant_id.eq(accounts::unit_id));
        let theirs = accounts::table.inner_join(above).filter(accounts::id.eq(disclosures::account_id));
        query = query.filter(exists(theirs.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(accounts::id)));
    }
    if let Some(after) = after {
        query = query.filter(disclosures::id.gt(after));
    }
    Ok(query.order(disclosures::id.asc()).limit(limit).select(DisclosureRow::as_select()).load(conn)?)
}

/// Inserts disclosures.
///
/// # Errors
/// The database's failure.
pub fn insert_many(tx: &mut Tx<'_>, rows: &[DisclosureRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        insert_batch!(tx.conn, disclosures::table, chunk);
    }
    Ok(())
}

/// Saves how a disclosure was settled, if it still stands at `from`.
///
/// # Errors
/// [`StoreError::Stale`] when somebody else settled it meanwhile.
pub fn save(tx: &mut Tx<'_>, disclosure: &DisclosureRow, from: DisclosureState) -> Result<(), StoreError> {
    let guarded = disclosures::table.filter(disclosures::id.eq(disclosure.id)).filter(disclosures::state.eq(from));
    let changed = diesel::update(guarded)
        .set((
            disclosures::state.eq(disclosure.state),
            disclosures::checked_by.eq(&disclosure.checked_by),
            disclosures::checked_at.eq(disclosure.checked_at),
            disclosures::expires_at.eq(disclosure.expires_at),
            disclosures::note.eq(&disclosure.note),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Puts disclosures of an account aside that stand at one of `states`.
///
/// # Errors
/// The database's failure.
pub fn replace_all(tx: &mut Tx<'_>, account_id: AccountId, states: &[DisclosureState]) -> Result<usize, StoreError> {
    let theirs =
        disclosures::table.filter(disclosures::account_id.eq(account_id)).filter(disclosures::state.eq_any(states.to_vec()));
    Ok(diesel::update(theirs).set(disclosures::state.eq(DisclosureState::Replaced)).execute(tx.conn)?)
}
