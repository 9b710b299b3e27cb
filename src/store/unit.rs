//! Units: a tree with its closure, so that "this unit and everything below it" is one join.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{unit_closure, units};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::Uid;
use crate::domain::id::UnitId;

/// A unit as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = units, treat_none_as_default_value = false)]
pub struct UnitRow {
    /// The unit's id.
    pub id: UnitId,
    /// The unit above; none for a root.
    pub parent_id: Option<UnitId>,
    /// The code as entered.
    pub code: String,
    /// The code in its compared form: trimmed, upper case.
    pub code_norm: String,
    /// The name.
    pub name: String,
    /// The IANA zone.
    pub zone: String,
    /// When it was added.
    pub created_at: At,
    /// When it was last changed.
    pub updated_at: At,
    /// Grows by one with each change.
    pub version: i32,
}

/// The unit with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: UnitId) -> Result<UnitRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the unit"))
}

/// The unit with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: UnitId) -> Result<Option<UnitRow>, StoreError> {
    Ok(units::table.find(id).select(UnitRow::as_select()).first(conn).optional()?)
}

/// The unit with this code in its compared form, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_by_code(conn: &mut Conn, code_norm: &str) -> Result<Option<UnitRow>, StoreError> {
    Ok(units::table.filter(units::code_norm.eq(code_norm)).select(UnitRow::as_select()).first(conn).optional()?)
}

/// Every unit, by code. Institutions have hundreds to thousands of them.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn) -> Result<Vec<UnitRow>, StoreError> {
    Ok(units::table.order(units::code_norm.asc()).select(UnitRow::as_select()).load(conn)?)
}

/// Inserts a unit and its place in the tree.
///
/// # Errors
/// [`StoreError::Taken`] for a code in use; [`StoreError::Inconsistent`] for a parent that is not there.
pub fn insert(tx: &mut Tx<'_>, unit: &UnitRow) -> Result<(), StoreError> {
    diesel::insert_into(units::table).values(unit).execute(tx.conn)?;
    diesel::insert_into(unit_closure::table)
        .values((unit_closure::ancestor_id.eq(unit.id), unit_closure::descendant_id.eq(unit.id), unit_closure::depth.eq(0)))
        .execute(tx.conn)?;
    if let Some(parent_id) = unit.parent_id {
        attach(tx, unit.id, parent_id)?;
    }
    Ok(())
}

/// Saves name, code, zone and place; moves the subtree when the parent changed.
///
/// # Errors
/// [`StoreError::Stale`] when the version is not the stored one; [`StoreError::Inconsistent`] for a cycle.
pub fn save(tx: &mut Tx<'_>, unit: &UnitRow) -> Result<(), StoreError> {
    let before = get(tx.conn, unit.id)?;
    let changed = diesel::update(units::table.filter(units::id.eq(unit.id)).filter(units::version.eq(unit.version)))
        .set((
            units::parent_id.eq(unit.parent_id),
            units::code.eq(&unit.code),
            units::code_norm.eq(&unit.code_norm),
            units::name.eq(&unit.name),
            units::zone.eq(&unit.zone),
            units::updated_at.eq(At(tx.now)),
            units::version.eq(unit.version + 1),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    if before.parent_id != unit.parent_id {
        if let Some(parent_id) = unit.parent_id
            && is_within(tx.conn, parent_id, &[unit.id])?
        {
            return Err(StoreError::Inconsistent("a unit cannot be moved below itself".into()));
        }
        detach(tx, unit.id)?;
        if let Some(parent_id) = unit.parent_id {
            attach(tx, unit.id, parent_id)?;
        }
    }
    Ok(())
}

/// Links every unit of the subtree with every ancestor of its new place.
fn attach(tx: &mut Tx<'_>, id: UnitId, parent_id: UnitId) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO unit_closure (ancestor_id, descendant_id, depth)
         SELECT above.ancestor_id, below.descendant_id, above.depth + below.depth + 1
         FROM unit_closure above CROSS JOIN unit_closure below
         WHERE above.descendant_id = $1 AND below.ancestor_id = $2",
    )
    .bind::<Uid, _>(parent_id)
    .bind::<Uid, _>(id)
    .execute(tx.conn)?;
    Ok(())
}

/// Unlinks every unit of the subtree from the ancestors of its old place.
fn detach(tx: &mut Tx<'_>, id: UnitId) -> Result<(), StoreError> {
    diesel::sql_query(
        "DELETE FROM unit_closure
         WHERE descendant_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = $1)
           AND ancestor_id NOT IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = $1)",
    )
    .bind::<Uid, _>(id)
    .execute(tx.conn)?;
    Ok(())
}

/// Whether `id` lies in the subtree of one of `roots`.
///
/// # Errors
/// The database's failure.
pub fn is_within(conn: &mut Conn, id: UnitId, roots: &[UnitId]) -> Result<bool, StoreError> {
    let query = unit_closure::table
        .filter(unit_closure::descendant_id.eq(id))
        .filter(unit_closure::ancestor_id.eq_any(roots.to_vec()))
        .select(unit_closure::depth);
    Ok(query.first::<i32>(conn).optional()?.is_some())
}

/// How far a unit's people and accounts are counted.
pub const COUNTED_TO: i64 = 1_000;

/// How many people and accounts a unit itself has, counted up to [`COUNTED_TO`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct SizeRow {
    /// The unit.
    #[diesel(sql_type = Uid)]
    pub unit_id: UnitId,
    /// Its members.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub members: i64,
    /// Its accounts.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub accounts: i64,
}

/// The sizes of one unit, or of all. Reads indexes only, and of each unit no more than [`COUNTED_TO`] entries.
///
/// # Errors
/// The database's failure.
pub fn sizes(conn: &mut Conn, only: Option<UnitId>) -> Result<Vec<SizeRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT u.id AS unit_id, (SELECT COUNT(*) FROM (SELECT 1 FROM members m WHERE m.unit_id = u.id LIMIT ");
    sql.big(COUNTED_TO).push(") seen) AS members, (SELECT COUNT(*) FROM (SELECT 1 FROM accounts a WHERE a.unit_id = u.id LIMIT ");
    sql.big(COUNTED_TO).push(") seen) AS accounts FROM units u");
    if let Some(id) = only {
        sql.push(" WHERE u.id = ").id(id);
    }
    Ok(sql.query().load(conn)?)
}

/// The units of these subtrees, their roots among them.
///
/// # Errors
/// The database's failure.
pub fn below(conn: &mut Conn, roots: &[UnitId]) -> Result<Vec<UnitId>, StoreError> {
    use super::schema::unit_closure::dsl;
    let below = dsl::unit_closure.filter(dsl::ancestor_id.eq_any(roots.to_vec()));
    Ok(below.select(dsl::descendant_id).distinct().order(dsl::descendant_id.asc()).load(conn)?)
}
