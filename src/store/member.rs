//! Members in and out of their table, each with the subject row that the log names them by.

mod bulk;

use diesel::prelude::*;

pub use bulk::{insert_many, list_by_keys, save_profiles};

use super::db::{Conn, MultiBackend};
use super::error::StoreError;
use super::reach::{Cut, Reach};
use super::schema::{members, unit_closure};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use crate::domain::id::{MemberId, UnitId};
use crate::domain::kind::ConsentKind;
use crate::domain::locale::Locale;
use crate::domain::member::MemberState;

/// Ids a statement.
const CHUNK: usize = 500;

/// A member as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = members, treat_none_as_default_value = false)]
pub struct MemberRow {
    /// The member's id.
    pub id: MemberId,
    /// The unit they belong to.
    pub unit_id: UnitId,
    /// How the log names them.
    pub subject_ref: String,
    /// The employee number as entered.
    pub employee_no: String,
    /// The employee number in its compared form.
    pub employee_no_norm: String,
    /// The name.
    pub name: String,
    /// The address as entered.
    pub email: String,
    /// The address in its compared form.
    pub email_norm: String,
    /// The language they are written to in.
    pub locale: Locale,
    /// The IANA zone they work in.
    pub zone: String,
    /// Whether they may be asked.
    pub state: MemberState,
    /// The version of the participation text consented to; none when not given or withdrawn.
    pub participate_version: Option<String>,
    /// The version of the operators' text confirmed; none when not given or withdrawn.
    pub operate_version: Option<String>,
    /// Raising it revokes the member's links.
    pub link_version: i32,
    /// When they were added.
    pub created_at: At,
    /// When they were last changed.
    pub updated_at: At,
    /// Grows by one with each change.
    pub version: i32,
}

impl MemberRow {
    /// The version of the text consented to for `kind`, if any.
    #[must_use]
    pub fn consented(&self, kind: ConsentKind) -> Option<&str> {
        match kind {
            ConsentKind::Participate => self.participate_version.as_deref(),
            ConsentKind::Operate => self.operate_version.as_deref(),
        }
    }
    /// Sets or clears the version of the text consented to for `kind`.
    pub fn set_consented(&mut self, kind: ConsentKind, version: Option<String>) {
        match kind {
            ConsentKind::Participate => self.participate_version = version,
            ConsentKind::Operate => self.operate_version = version,
        }
    }
}

/// The member with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: MemberId) -> Result<MemberRow, StoreError> {
    find(conn, id)?.ok_or(StoreError::Missing("the member"))
}

/// The member with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: MemberId) -> Result<Option<MemberRow>, StoreError> {
    Ok(members::table.find(id).select(MemberRow::as_select()).first(conn).optional()?)
}

/// The member with this id, whose row stays locked until the commit: two presses of one button follow each other.
///
/// # Errors
/// The database's failure.
pub fn lock(tx: &mut Tx<'_>, id: MemberId) -> Result<Option<MemberRow>, StoreError> {
    if !tx.conn.is_sqlite() {
        diesel::sql_query("SELECT id FROM members WHERE id = $1 FOR UPDATE")
            .bind::<super::types::sql::Uid, _>(id)
            .execute(tx.conn)?;
    }
    find(tx.conn, id)
}

/// The member with this employee number in its compared form, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_by_employee_no(conn: &mut Conn, norm: &str) -> Result<Option<MemberRow>, StoreError> {
    Ok(members::table.filter(members::employee_no_norm.eq(norm)).select(MemberRow::as_select()).first(conn).optional()?)
}

/// The member with this address in its compared form, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_by_email(conn: &mut Conn, norm: &str) -> Result<Option<MemberRow>, StoreError> {
    Ok(members::table.filter(members::email_norm.eq(norm)).select(MemberRow::as_select()).first(conn).optional()?)
}

/// The members with these ids, in the order of their ids.
///
/// # Errors
/// The database's failure.
pub fn list_by_ids(conn: &mut Conn, ids: &[MemberId]) -> Result<Vec<MemberRow>, StoreError> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let query = members::table.filter(members::id.eq_any(chunk.to_vec())).select(MemberRow::as_select());
        rows.extend(query.load(conn)?);
    }
    rows.sort_unstable_by_key(|row: &MemberRow| row.id);
    Ok(rows)
}

/// Members of the subtrees of `roots` (none: everywhere), by id, after the id `after`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    after: Option<MemberId>,
    limit: i64,
) -> Result<Vec<MemberRow>, StoreError> {
    let mut query = members::table.filter(members::state.ne(MemberState::Erased)).into_boxed::<MultiBackend>();
    if let Some(roots) = roots {
        let below =
            unit_closure::table.filter(unit_closure::ancestor_id.eq_any(roots.to_vec())).select(unit_closure::descendant_id);
        query = query.filter(members::unit_id.eq_any(below));
    }
    if let Some(after) = after {
        query = query.filter(members::id.gt(after));
    }
    Ok(query.order(members::id.asc()).limit(limit).select(MemberRow::as_select()).load(conn)?)
}

/// Inserts a member.
///
/// # Errors
/// [`StoreError::Taken`] for an employee number or address in use.
pub fn insert(tx: &mut Tx<'_>, member: &MemberRow) -> Result<(), StoreError> {
    insert_many(tx, std::slice::from_ref(member))
}

/// Saves everything about a member.
///
/// # Errors
/// [`StoreError::Stale`] when the version is not the stored one; [`StoreError::Taken`] for a number or address in use.
pub fn save(tx: &mut Tx<'_>, member: &MemberRow) -> Result<(), StoreError> {
    let changed = diesel::update(members::table.filter(members::id.eq(member.id)).filter(members::version.eq(member.version)))
        .set((
            members::unit_id.eq(member.unit_id),
            members::employee_no.eq(&member.employee_no),
            members::employee_no_norm.eq(&member.employee_no_norm),
            members::name.eq(&member.name),
            members::email.eq(&member.email),
            members::email_norm.eq(&member.email_norm),
            members::locale.eq(member.locale),
            members::zone.eq(&member.zone),
            members::state.eq(member.state),
            members::participate_version.eq(&member.participate_version),
            members::operate_version.eq(&member.operate_version),
            members::link_version.eq(member.link_version),
            members::updated_at.eq(At(tx.now)),
            members::version.eq(member.version + 1),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// What members are looked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seek {
    /// Anybody.
    All,
    /// Whose employee number in its compared form begins so.
    Number(String),
    /// Whose address in its compared form begins so.
    Email(String),
    /// Whose name holds each of these words, or whose address begins with the first; in lower case.
    Words(Vec<String>),
}

/// Members of the subtrees of `roots` (none: everywhere) by name, after the member `after`, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn search(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    seek: &Seek,
    after: Option<MemberId>,
    limit: i64,
) -> Result<Vec<MemberRow>, StoreError> {
    let reach = Reach::of(conn, roots)?;
    let mut sql = SqlText::new();
    sql.push("SELECT * FROM (");
    let cut = Cut { is_sqlite: conn.is_sqlite(), order: "lower(m.name), m.id", limit };
    reach.rows(&mut sql, "m.unit_id", cut, |sql| {
        sql.push("SELECT m.*, lower(m.name) AS by_name FROM members m WHERE m.state <> 'erased' AND ");
        sought(sql, seek);
        if let Some(after) = after {
            // SQLite looks up one value in the index, and not a pair that a subquery gives.
            sql.push(" AND lower(m.name) >= (SELECT lower(name) FROM members WHERE id = ").id(after);
            sql.push(") AND (lower(m.name), m.id) > (SELECT lower(name), id FROM members WHERE id = ").id(after).push(")");
        }
    });
    sql.push(") found ORDER BY by_name, id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

fn sought(sql: &mut SqlText, seek: &Seek) {
    match seek {
        Seek::All => sql.push("1 = 1"),
        Seek::Number(prefix) => begins(sql, "m.employee_no_norm", prefix),
        Seek::Email(prefix) => begins(sql, "m.email_norm", prefix),
        Seek::Words(words) => {
            sql.push("((1 = 1");
            for word in words {
                sql.push(" AND lower(m.name) LIKE ").text(format!("%{}%", like(word))).push(" ESCAPE '!'");
            }
            sql.push(") OR (");
            begins(sql, "m.email_norm", words.first().map_or("", String::as_str)).push("))")
        }
    };
}

/// A range that an index serves, where LIKE is not served by every collation.
fn begins<'s>(sql: &'s mut SqlText, column: &str, prefix: &str) -> &'s mut SqlText {
    sql.push(column).push(" >= ").text(prefix).push(" AND ").push(column).push(" < ").text(format!("{prefix}\u{10FFFF}"))
}

/// A text as LIKE takes it literally, with `!` as the escape.
pub(super) fn like(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c])).collect()
}
