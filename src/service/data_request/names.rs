//! Texts that staff wrote and that name a person: an erasure does not change what was released and published; the desk is shown where.

use serde::Serialize;
use utoipa::ToSchema;

use crate::store::Conn;
use crate::store::StoreError;
use crate::store::erase;
use crate::store::member::MemberRow;
use crate::store::personal;

/// A text that names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedIn {
    /// `campaign` or `claim`.
    pub what: String,
    /// Its id.
    pub id: String,
    /// Its title, or its first words.
    pub title: String,
}

/// Where staff named this person: by name, address or a handle of theirs; the first few.
pub(super) fn of(conn: &mut Conn, row: &MemberRow) -> Result<Vec<NamedIn>, StoreError> {
    let known = erase::known(conn, row)?;
    // A name of one word, or a number, stands in texts that are about something else.
    let telling: Vec<String> =
        known.texts.into_iter().filter(|text| text.contains([' ', '@']) || text.chars().count() > 6).collect();
    let found = personal::named_in(conn, &telling)?;
    Ok(found.into_iter().map(|row| NamedIn { what: row.what, id: row.id.to_string(), title: row.title }).collect())
}
