//! Console users and the roles they hold.

use diesel::prelude::*;

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::schema::{subjects, unit_closure, user_roles, users};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{UnitId, UserId};
use crate::domain::locale::Locale;
use crate::domain::role::{Grant, Role};

/// A user as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    /// The user's id.
    pub id: UserId,
    /// The random reference by which the log names the user.
    pub subject_ref: String,
    /// The address as entered.
    pub email: String,
    /// The address in its compared form.
    pub email_norm: String,
    /// The name.
    pub name: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// The language of pages and mails.
    pub locale: Locale,
    /// The IANA zone of pages and mails.
    pub zone: String,
    /// Whether the user may sign in.
    pub active: bool,
    /// When the user was added.
    pub created_at: At,
    /// When the user was last changed.
    pub updated_at: At,
    /// Grows by one with each change.
    pub version: i32,
}

/// The user with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>, StoreError> {
    Ok(users::table.find(id).select(UserRow::as_select()).first(conn).optional()?)
}

/// The user with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: UserId) -> Result<UserRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the user"))
}

/// The user with this address in its compared form, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_by_email(conn: &mut Conn, email_norm: &str) -> Result<Option<UserRow>, StoreError> {
    Ok(users::table.filter(users::email_norm.eq(email_norm)).select(UserRow::as_select()).first(conn).optional()?)
}

/// Inserts a user and the reference by which the log names them.
///
/// # Errors
/// [`StoreError::Taken`] for an address in use.
pub fn insert(tx: &mut Tx<'_>, user: &UserRow) -> Result<(), StoreError> {
    diesel::insert_into(users::table).values(user).execute(tx.conn)?;
    diesel::insert_into(subjects::table)
        .values((
            subjects::subject_ref.eq(&user.subject_ref),
            subjects::holder_kind.eq("user"),
            subjects::holder_id.eq(user.id),
            subjects::created_at.eq(At(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Replaces the stored password.
///
/// # Errors
/// [`StoreError::Missing`] for an unknown user.
pub fn save_password(tx: &mut Tx<'_>, id: UserId, password_hash: &str) -> Result<(), StoreError> {
    let changed = diesel::update(users::table.find(id))
        .set((users::password_hash.eq(password_hash), users::updated_at.eq(At(tx.now)), users::version.eq(users::version + 1)))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Missing("the user")) }
}

/// The roles a user holds, by unit and role.
///
/// # Errors
/// The database's failure.
pub fn grants(conn: &mut Conn, id: UserId) -> Result<Vec<Grant>, StoreError> {
    let rows: Vec<(UnitId, Role)> = user_roles::table
        .filter(user_roles::user_id.eq(id))
        .order((user_roles::unit_id.asc(), user_roles::role.asc()))
        .select((user_roles::unit_id, user_roles::role))
        .load(conn)?;
    Ok(rows.into_iter().map(|(unit_id, role)| Grant { role, unit_id }).collect())
}

/// The roles of several users at once.
///
/// # Errors
/// The database's failure.
pub fn grants_of(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<(UserId, Grant)>, StoreError> {
    let rows: Vec<(UserId, UnitId, Role)> = user_roles::table
        .filter(user_roles::user_id.eq_any(ids.to_vec()))
        .order((user_roles::user_id.asc(), user_roles::unit_id.asc(), user_roles::role.asc()))
        .select((user_roles::user_id, user_roles::unit_id, user_roles::role))
        .load(conn)?;
    Ok(rows.into_iter().map(|(user, unit_id, role)| (user, Grant { role, unit_id })).collect())
}

/// Gives a role; says whether the user did not hold it already.
///
/// # Errors
/// [`StoreError::Inconsistent`] for a unit that is not there.
pub fn grant(tx: &mut Tx<'_>, id: UserId, grant: Grant) -> Result<bool, StoreError> {
    if grants(tx.conn, id)?.contains(&grant) {
        return Ok(false);
    }
    diesel::insert_into(user_roles::table)
        .values((
            user_roles::user_id.eq(id),
            user_roles::unit_id.eq(grant.unit_id),
            user_roles::role.eq(grant.role),
            user_roles::granted_at.eq(At(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// Takes a role away; says whether the user held it.
///
/// # Errors
/// The database's failure.
pub fn revoke(tx: &mut Tx<'_>, id: UserId, grant: Grant) -> Result<bool, StoreError> {
    let rows = user_roles::table
        .filter(user_roles::user_id.eq(id))
        .filter(user_roles::unit_id.eq(grant.unit_id))
        .filter(user_roles::role.eq(grant.role));
    Ok(diesel::delete(rows).execute(tx.conn)? > 0)
}

/// Users by id, from `after` on; with `roots`, only those who hold a role in one of these subtrees.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, roots: Option<&[UnitId]>, after: Option<UserId>, limit: i64) -> Result<Vec<UserRow>, StoreError> {
    let mut query = users::table.select(UserRow::as_select()).order(users::id.asc()).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(users::id.gt(after));
    }
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        let holders = user_roles::table.filter(user_roles::unit_id.eq_any(below)).select(user_roles::user_id);
        query = query.filter(users::id.eq_any(holders));
    }
    Ok(query.load(conn)?)
}

/// Somebody who holds a role in a unit or above it.
#[derive(Debug, Clone, Queryable)]
pub struct HolderRow {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// How many levels above the unit it is held; 0 in the unit itself.
    pub above: i32,
}

/// Who may act in a unit, those nearest to it first.
///
/// # Errors
/// The database's failure.
pub fn holders(conn: &mut Conn, unit_id: UnitId, limit: i64) -> Result<Vec<HolderRow>, StoreError> {
    let query = user_roles::table
        .inner_join(unit_closure::table.on(unit_closure::ancestor_id.eq(user_roles::unit_id)))
        .inner_join(users::table.on(users::id.eq(user_roles::user_id)))
        .filter(unit_closure::descendant_id.eq(unit_id))
        .filter(users::active.eq(true))
        .order((unit_closure::depth.asc(), user_roles::role.asc(), users::name.asc()))
        .select((users::name, user_roles::role, unit_closure::depth));
    Ok(query.limit(limit).load(conn)?)
}

/// The active users who run campaigns within the subtrees of `roots` (none: everywhere) or above them, by name; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn leads(conn: &mut Conn, roots: Option<&[UnitId]>, limit: i64) -> Result<Vec<(UserId, String)>, StoreError> {
    let mut query = users::table
        .inner_join(user_roles::table.on(user_roles::user_id.eq(users::id)))
        .filter(users::active.eq(true))
        .filter(user_roles::role.eq(Role::Lead))
        .into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let above = unit_closure::table.filter(unit_closure::descendant_id.eq_any(roots.to_vec()));
        let below = unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec()));
        query = query.filter(
            user_roles::unit_id
                .eq_any(above.select(unit_closure::ancestor_id))
                .or(user_roles::unit_id.eq_any(below.select(unit_closure::descendant_id))),
        );
    }
    Ok(query.select((users::id, users::name)).distinct().order((users::name.asc(), users::id.asc())).limit(limit).load(conn)?)
}

/// The names of the users whom the log calls so, each with its reference.
///
/// # Errors
/// The database's failure.
pub fn names(conn: &mut Conn, refs: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let found = users::table.filter(users::subject_ref.eq_any(refs.to_vec()));
    Ok(found.select((users::subject_ref, users::name)).load(conn)?)
}

/// Lets a user sign in or not.
///
/// # Errors
/// [`StoreError::Missing`] for an unknown user.
pub fn save_active(tx: &mut Tx<'_>, id: UserId, active: bool) -> Result<(), StoreError> {
    let changed = diesel::update(users::table.find(id))
        .set((users::active.eq(active), users::updated_at.eq(At(tx.now)), users::version.eq(users::version + 1)))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Missing("the user")) }
}

/// Active users who hold one of these roles in a unit or above it.
///
/// # Errors
/// The database's failure.
pub fn with_roles(conn: &mut Conn, unit_id: UnitId, roles: &[Role]) -> Result<Vec<UserId>, StoreError> {
    let query = user_roles::table
        .inner_join(unit_closure::table.on(unit_closure::ancestor_id.eq(user_roles::unit_id)))
        .inner_join(users::table.on(users::id.eq(user_roles::user_id)))
        .filter(unit_closure::descendant_id.eq(unit_id))
        .filter(users::active.eq(true))
        .filter(user_roles::role.eq_any(roles.to_vec()))
        .select(users::id)
        .distinct()
        .order(users::id.asc());
    Ok(query.load(conn)?)
}
