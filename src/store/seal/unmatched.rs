//! Completions without an entry, and entries of completions without a row.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use crate::domain::id::Id;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::types::sql::Uid;

/// One that stands alone.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unmatched {
    /// Its id: the completion's, or again the entry's.
    #[diesel(sql_type = Uid)]
    pub id: Id<()>,
    /// The entry, where it is one.
    #[diesel(sql_type = Nullable<Uid>)]
    pub entry: Option<Id<()>>,
    /// The entry's global leaf index, where it is sealed.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub leaf_index: Option<i64>,
}

/// The first that stands alone: an entry by its place in the log before a completion. Both were written in one transaction at one time,
/// so assignment and time must agree. Reads all completions and all their entries once.
///
/// # Errors
/// The database's failure.
pub fn unmatched(conn: &mut Conn) -> Result<Option<Unmatched>, StoreError> {
    let entry: Option<Unmatched> = diesel::sql_query(
        "SELECT e.id, e.id AS entry, e.leaf_index FROM ledger_entries e WHERE e.kind = 'assignment.done' AND NOT EXISTS \
         (SELECT 1 FROM completions c WHERE c.assignment_id = e.assignment_id AND c.completed_at = e.at) \
         ORDER BY coalesce(e.leaf_index, 9223372036854775807), e.id LIMIT 1",
    )
    .get_result(conn)
    .optional()?;
    if entry.is_some() {
        return Ok(entry);
    }
    let completion = diesel::sql_query(
        "SELECT c.id, NULLIF(c.id, c.id) AS entry, CAST(NULL AS bigint) AS leaf_index FROM completions c WHERE NOT EXISTS \
         (SELECT 1 FROM ledger_entries e WHERE e.assignment_id = c.assignment_id AND e.at = c.completed_at \
         AND e.kind = 'assignment.done') ORDER BY c.id LIMIT 1",
    );
    Ok(completion.get_result(conn).optional()?)
}

/// The first entry whose kind of actor is not the one that its reference, which the leaf binds, belongs to. Reads all entries once.
///
/// # Errors
/// The database's failure.
pub fn misnamed(conn: &mut Conn) -> Result<Option<Unmatched>, StoreError> {
    let entry = diesel::sql_query(
        "SELECT e.id, e.id AS entry, e.leaf_index FROM ledger_entries e WHERE (e.actor_kind = 'system') <> (e.actor_ref = 'system') \
         OR (e.actor_kind = 'operator') <> (e.actor_ref = 'operator') OR e.actor_kind NOT IN ('system', 'operator', 'user', 'member') \
         OR (e.actor_kind = 'user' AND EXISTS (SELECT 1 FROM members m WHERE m.subject_ref = e.actor_ref)) \
         OR (e.actor_kind = 'member' AND EXISTS (SELECT 1 FROM users u WHERE u.subject_ref = e.actor_ref)) \
         ORDER BY coalesce(e.leaf_index, 9223372036854775807), e.id LIMIT 1",
    );
    Ok(entry.get_result(conn).optional()?)
}
