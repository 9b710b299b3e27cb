//! What is on file about one member, for that member's own eyes.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{account_operators, accounts, outbox};
use super::sql_text::SqlText;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::account::AccountState;
use crate::domain::assignment::{AssignmentState, EvidenceLevel};
use crate::domain::id::{AssignmentId, MailId, MemberId};
use crate::domain::kind::{AccountKind, Action};
use crate::domain::outbox::{MailKind, MailState};
use crate::domain::platform::Platform;

/// An assignment with what its member answered.
#[derive(Debug, Clone, QueryableByName)]
pub struct AnswerRow {
    /// The assignment.
    #[diesel(sql_type = Uid)]
    pub id: AssignmentId,
    /// The campaign's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// What was asked.
    #[diesel(sql_type = Text)]
    pub action: Action,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// Of which account.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: AssignmentState,
    /// When it was made.
    #[diesel(sql_type = Ts)]
    pub planned_at: At,
    /// When its mail was handed over.
    #[diesel(sql_type = Nullable<Ts>)]
    pub notified_at: Option<At>,
    /// When its member first answered.
    #[diesel(sql_type = Nullable<Ts>)]
    pub opened_at: Option<At>,
    /// When it was done, declined, expired or withdrawn.
    #[diesel(sql_type = Nullable<Ts>)]
    pub settled_at: Option<At>,
    /// When a reviewer checked it.
    #[diesel(sql_type = Nullable<Ts>)]
    pub checked_at: Option<At>,
    /// Its deadline.
    #[diesel(sql_type = Ts)]
    pub expires_at: At,
    /// How well the completion is evidenced.
    #[diesel(sql_type = Nullable<Text>)]
    pub level: Option<EvidenceLevel>,
    /// The address that was given.
    #[diesel(sql_type = Nullable<Text>)]
    pub url: Option<String>,
    /// Whether the words were the member's own.
    #[diesel(sql_type = Nullable<Bool>)]
    pub own_words: Option<bool>,
}

/// A member's assignments, the newest first.
///
/// # Errors
/// The database's failure.
pub fn answers(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<AnswerRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT s.id, c.title, t.action, t.platform, a.handle, s.state, s.planned_at, s.notified_at, s.opened_at, s.settled_at, \
         s.checked_at, s.expires_at, d.level, d.url, d.own_words FROM assignments s JOIN campaigns c ON c.id = s.campaign_id \
         JOIN tasks t ON t.id = s.task_id JOIN accounts a ON a.id = s.account_id \
         LEFT JOIN completions d ON d.assignment_id = s.id AND d.undone_at IS NULL WHERE s.member_id = ",
    );
    sql.id(id).push(" ORDER BY s.planned_at DESC, s.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A mail to the member.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct MailRow {
    /// The mail.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// Where it stands.
    pub state: MailState,
    /// When it was put in.
    pub created_at: At,
    /// When it is tried next, or was due.
    pub next_attempt_at: At,
    /// When it came to its end.
    pub settled_at: Option<At>,
}

/// The mails to a member, the newest first.
///
/// # Errors
/// The database's failure.
pub fn mails(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<MailRow>, StoreError> {
    let to_them = outbox::table.filter(outbox::member_id.eq(id)).order(outbox::id.desc()).limit(limit);
    Ok(to_them.select(MailRow::as_select()).load(conn)?)
}

/// An account that the member helps to run.
pub type OperatedRow = (AccountKind, Platform, String, String, AccountState);

/// The institution's accounts that a member runs besides the person who is asked.
///
/// # Errors
/// The database's failure.
pub fn operated(conn: &mut Conn, id: MemberId) -> Result<Vec<OperatedRow>, StoreError> {
    let run = account_operators::table.inner_join(accounts::table.on(accounts::id.eq(account_operators::account_id)));
    let run = run.filter(account_operators::member_id.eq(id)).order(accounts::id.asc());
    Ok(run.select((accounts::kind, accounts::platform, accounts::handle, accounts::display_name, accounts::state)).load(conn)?)
}
