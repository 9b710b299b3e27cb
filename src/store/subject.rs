//! Pseudonyms: whom a subject reference in the log stands for. Deleting a row is what erases the person from the log.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::columns::Columns;
use super::db::Conn;
use super::error::StoreError;
use super::schema::subjects;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{Id, MemberId, UserId};

/// The word for members in `holder_kind`.
const MEMBER: &str = "member";
/// The word for console users in `holder_kind`.
const USER: &str = "user";
/// Rows a statement: 4 binds each, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// Whom a reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A member.
    Member(MemberId),
    /// A console user.
    User(UserId),
}

#[derive(Insertable)]
#[diesel(table_name = subjects)]
struct SubjectRow {
    subject_ref: String,
    holder_kind: &'static str,
    holder_id: Id<()>,
    created_at: At,
}

/// A new random reference: 16 bytes in hex. It says nothing about the person.
#[must_use]
pub fn new_ref() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// Keeps whom new references stand for.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, subjects: &[(&str, Holder)]) -> Result<(), StoreError> {
    for chunk in subjects.chunks(CHUNK) {
        let rows: Vec<SubjectRow> = chunk
            .iter()
            .map(|(subject_ref, holder)| {
                let (holder_kind, uuid) = match holder {
                    Holder::Member(id) => (MEMBER, id.uuid()),
                    Holder::User(id) => (USER, id.uuid()),
                };
                let holder_id = Id::from_uuid(uuid);
                SubjectRow { subject_ref: (*subject_ref).to_owned(), holder_kind, holder_id, created_at: At(tx.now) }
            })
            .collect();
        match tx.conn {
            Conn::Pg(conn) => by_column(rows).insert(conn).map(drop)?,
            Conn::Lite(conn) => diesel::insert_into(subjects::table).values(&rows).execute(conn).map(drop)?,
        }
    }
    Ok(())
}

fn by_column(rows: Vec<SubjectRow>) -> Columns {
    Columns::of("subjects")
        .with::<Text, _>("holder_kind", rows.iter().map(|row| row.holder_kind))
        .with::<Uid, _>("holder_id", rows.iter().map(|row| row.holder_id))
        .with::<Ts, _>("created_at", rows.iter().map(|row| row.created_at))
        .with::<Text, _>("subject_ref", rows.into_iter().map(|row| row.subject_ref))
}

/// Whom this reference stands for, if that has not been erased.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, subject_ref: &str) -> Result<Option<Holder>, StoreError> {
    let found: Option<(String, Id<()>)> =
        subjects::table.find(subject_ref).select((subjects::holder_kind, subjects::holder_id)).first(conn).optional()?;
    match found {
        None => Ok(None),
        Some((kind, id)) if kind == MEMBER => Ok(Some(Holder::Member(MemberId::from_uuid(id.uuid())))),
        Some((kind, id)) if kind == USER => Ok(Some(Holder::User(UserId::from_uuid(id.uuid())))),
        Some((kind, _)) => Err(StoreError::Inconsistent(format!("a subject is held by {kind:?}"))),
    }
}

/// Forgets whom this reference stands for, and what receivers said of the person's address; the log keeps the reference.
///
/// # Errors
/// The database's failure.
pub fn erase(tx: &mut Tx<'_>, subject_ref: &str) -> Result<(), StoreError> {
    if let Some(Holder::Member(id)) = find(tx.conn, subject_ref)? {
        super::mail_report::forget_words(tx, id)?;
    }
    diesel::delete(subjects::table.find(subject_ref)).execute(tx.conn)?;
    Ok(())
}
