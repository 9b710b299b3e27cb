//! Test mails: which wave of which campaign somebody mails to themselves. No assignment, no counter.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::test_mails;
use super::tx::Tx;
use crate::domain::id::{CampaignId, MailId, UserId, WaveId};

/// A test mail as stored. It has the id of the mail.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = test_mails)]
pub struct TestMailRow {
    /// The mail.
    pub mail_id: MailId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The wave of its content.
    pub wave_id: WaveId,
    /// Who mails it to themselves.
    pub user_id: UserId,
}

/// Inserts a test mail; its mail must be in the outbox.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &TestMailRow) -> Result<(), StoreError> {
    diesel::insert_into(test_mails::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// What a test mail shows.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: MailId) -> Result<TestMailRow, StoreError> {
    let found = test_mails::table.find(id).select(TestMailRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the test mail"))
}
