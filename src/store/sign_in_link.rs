//! Links that sign a user in: asked for, used once, over after minutes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{sign_in_links, users};
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{MailId, UserId};
use crate::domain::locale::Locale;

/// A link as stored. It has the id of the mail that carries it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_links, treat_none_as_default_value = false)]
pub struct SignInLinkRow {
    /// The mail.
    pub id: MailId,
    /// Who it signs in; nobody where the address that was typed is nobody's.
    pub user_id: Option<UserId>,
    /// When it was asked for.
    pub created_at: At,
    /// Its end.
    pub expires_at: At,
    /// When it was used.
    pub used_at: Option<At>,
}

/// Inserts a link.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &SignInLinkRow) -> Result<(), StoreError> {
    diesel::insert_into(sign_in_links::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The link with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: MailId) -> Result<Option<SignInLinkRow>, StoreError> {
    Ok(sign_in_links::table.find(id).select(SignInLinkRow::as_select()).first(conn).optional()?)
}

/// Uses a link. Of two presses at once one finds it used.
///
/// # Errors
/// [`StoreError::Stale`] where it was used before.
pub fn take(tx: &mut Tx<'_>, id: MailId) -> Result<(), StoreError> {
    let fresh = sign_in_links::table.filter(sign_in_links::id.eq(id)).filter(sign_in_links::used_at.is_null());
    let taken = diesel::update(fresh).set(sign_in_links::used_at.eq(Some(At(tx.now)))).execute(tx.conn)?;
    if taken == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Uses up every link of a user.
///
/// # Errors
/// The database's failure.
pub fn take_all_of(tx: &mut Tx<'_>, id: UserId) -> Result<usize, StoreError> {
    let fresh = sign_in_links::table.filter(sign_in_links::user_id.eq(id)).filter(sign_in_links::used_at.is_null());
    Ok(diesel::update(fresh).set(sign_in_links::used_at.eq(Some(At(tx.now)))).execute(tx.conn)?)
}

/// Removes links that ended before `before`.
///
/// # Errors
/// The database's failure.
pub fn prune(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::delete(sign_in_links::table.filter(sign_in_links::expires_at.lt(At(before)))).execute(tx.conn)?)
}

/// Whether a link ended before `before`.
///
/// # Errors
/// The database's failure.
pub fn any_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<bool, StoreError> {
    let over = sign_in_links::table.filter(sign_in_links::expires_at.lt(At(before))).select(sign_in_links::id);
    Ok(over.first::<MailId>(conn).optional()?.is_some())
}

/// What the mail with a link needs: the link's end and whether it is used; who it goes to.
#[derive(Debug, Clone, Queryable)]
pub struct LinkFacts {
    /// The user's name.
    pub name: String,
    /// The user's address as entered.
    pub email: String,
    /// The user's language.
    pub locale: Locale,
    /// The user's IANA zone.
    pub zone: String,
    /// Whether the user may sign in.
    pub active: bool,
    /// The link's end.
    pub expires_at: At,
    /// When it was used.
    pub used_at: Option<At>,
}

/// The facts of a mail with a link.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn facts(conn: &mut Conn, id: MailId) -> Result<LinkFacts, StoreError> {
    let joined = sign_in_links::table.inner_join(users::table.on(users::id.nullable().eq(sign_in_links::user_id)));
    let found = joined.filter(sign_in_links::id.eq(id)).select((
        users::name,
        users::email,
        users::locale,
        users::zone,
        users::active,
        sign_in_links::expires_at,
        sign_in_links::used_at,
    ));
    found.first(conn).optional()?.ok_or(StoreError::Missing("the link"))
}
