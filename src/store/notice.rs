//! Notices: what a mail of that kind is about.

use diesel::prelude::*;
use uuid::Uuid;

use super::db::Conn;
use super::error::StoreError;
use super::outbox::{self, NewMail};
use super::schema::notices;
use super::tx::Tx;
use crate::domain::data_request::NoticeTopic;
use crate::domain::id::{AddressChangeId, Id, MailId, MemberId, UserId};
use crate::domain::outbox::MailKind;

/// A notice as stored. It has the id of its mail.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = notices)]
pub struct NoticeRow {
    /// The mail.
    pub mail_id: MailId,
    /// What it tells of.
    pub topic: NoticeTopic,
    /// Of which request, or which correction.
    pub about_id: Id<()>,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A member.
    Member(MemberId),
    /// A console user.
    User(UserId),
}

/// Puts a notice into the outbox.
///
/// # Errors
/// The database's failure.
pub fn enqueue(tx: &mut Tx<'_>, told: Told, topic: NoticeTopic, about: Uuid) -> Result<(), StoreError> {
    let mut mail = NewMail::new(MailKind::Notice);
    let mail_id = MailId::new();
    mail.id = Some(mail_id);
    match told {
        Told::Member(id) => mail.member_id = Some(id),
        Told::User(id) => mail.user_id = Some(id),
    }
    outbox::enqueue(tx, &[mail])?;
    let row = NoticeRow { mail_id, topic, about_id: Id::from_uuid(about) };
    diesel::insert_into(notices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// What a notice is about.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: MailId) -> Result<NoticeRow, StoreError> {
    let found = notices::table.find(id).select(NoticeRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the notice"))
}

/// The new address, in its compared form, whose reader this mail asks; none for any other mail.
///
/// # Errors
/// The database's failure.
pub fn new_address(conn: &mut Conn, id: MailId) -> Result<Option<String>, StoreError> {
    let found = notices::table.find(id).select(NoticeRow::as_select()).first(conn).optional()?;
    let Some(row) = found.filter(|row| row.topic == NoticeTopic::AddressToConfirm) else { return Ok(None) };
    let change = super::address_change::find(conn, AddressChangeId::from_uuid(row.about_id.uuid()))?;
    Ok(change.map(|change| change.email_norm))
}
