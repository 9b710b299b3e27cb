//! What is on file about one member, for that member's own eyes.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::log::entries_about;
use super::schema::{account_operators, accounts, outbox};
use super::sql_text::{Count, SqlText};
use super::types::sql::{Js, Ts, Uid};
use super::types::{At, Doc};
use crate::domain::account::{AccountState, DisclosureState};
use crate::domain::assignment::{AssignmentState, EvidenceLevel};
use crate::domain::correction::CorrectionAnswer;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, Id, MailId, MemberId};
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

/// A disclosure of an account that somebody is asked for.
#[derive(Debug, Clone, QueryableByName)]
pub struct DisclosedRow {
    /// The handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// The statement.
    #[diesel(sql_type = Text)]
    pub statement: String,
    /// Where it was said to stand.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: DisclosureState,
    /// When it was filed.
    #[diesel(sql_type = Ts)]
    pub filed_at: At,
    /// What the one who checked it noted.
    #[diesel(sql_type = Text)]
    pub note: String,
}

/// What was declared about the accounts that a member is asked for, the newest first.
///
/// # Errors
/// The database's failure.
pub fn disclosures(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<DisclosedRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT a.handle, d.statement, d.url, d.state, d.filed_at, d.note FROM disclosures d JOIN accounts a ");
    sql.push("ON a.id = d.account_id WHERE a.member_id = ").id(id).push(" ORDER BY d.filed_at DESC, d.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A registered publication.
#[derive(Debug, Clone, QueryableByName)]
pub struct PublishedRow {
    /// The handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// Where it is.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// When it was registered.
    #[diesel(sql_type = Ts)]
    pub registered_at: At,
    /// When it was taken off the register.
    #[diesel(sql_type = Nullable<Ts>)]
    pub removed_at: Option<At>,
}

/// What was published with a member's own accounts and registered, the newest first.
///
/// # Errors
/// The database's failure.
pub fn posts(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<PublishedRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT a.handle, p.url, p.registered_at, p.removed_at FROM accounts a JOIN posts p ON p.account_id = a.id ");
    sql.push("WHERE a.personal AND a.member_id = ").id(id).push(" ORDER BY p.registered_at DESC, p.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A correction that somebody was asked for.
#[derive(Debug, Clone, QueryableByName)]
pub struct CorrectedRow {
    /// The campaign's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// The answer.
    #[diesel(sql_type = Nullable<Text>)]
    pub answer: Option<CorrectionAnswer>,
    /// When.
    #[diesel(sql_type = Nullable<Ts>)]
    pub answered_at: Option<At>,
}

/// What a member was asked to correct.
///
/// # Errors
/// The database's failure.
pub fn corrections(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<CorrectedRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT c.title, k.answer, k.answered_at FROM assignments s JOIN correction_asks k ON k.assignment_id = s.id ");
    sql.push("JOIN campaigns c ON c.id = s.campaign_id WHERE s.member_id = ").id(id).push(" ORDER BY s.planned_at DESC LIMIT ");
    Ok(sql.big(limit).clone().query().load(conn)?)
}

/// How many mails to an address the built-in mailbox keeps.
///
/// # Errors
/// The database's failure.
pub fn kept_mails(conn: &mut Conn, email_norm: &str) -> Result<i64, StoreError> {
    let mut sql = SqlText::new();
    let kept: Count =
        sql.push("SELECT count(*) AS n FROM mailbox WHERE rcpt_to = ").text(email_norm).clone().query().get_result(conn)?;
    Ok(kept.n)
}

/// An entry of the log with the personal detail that its commitment stands for.
#[derive(Debug, Clone, QueryableByName)]
pub struct OwnEntryRow {
    /// When.
    #[diesel(sql_type = Ts)]
    pub at: At,
    /// What.
    #[diesel(sql_type = Text)]
    pub kind: EventKind,
    /// Facts without personal data.
    #[diesel(sql_type = Js)]
    pub payload: Doc<serde_json::Value>,
    /// Personal detail.
    #[diesel(sql_type = Nullable<Js>)]
    pub detail: Option<Doc<serde_json::Value>>,
}

/// The log's entries under a reference, the newest first.
///
/// # Errors
/// The database's failure.
pub fn entries(conn: &mut Conn, subject_ref: &str, limit: i64) -> Result<Vec<OwnEntryRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT e.at, e.kind, e.payload, s.detail FROM ");
    entries_about(&mut sql, subject_ref, conn.is_sqlite());
    sql.push(" LEFT JOIN ledger_secrets s ON s.entry_id = e.id ORDER BY e.at DESC, e.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A text that names somebody.
#[derive(Debug, Clone, QueryableByName)]
pub struct NamedRow {
    /// `campaign` or `claim`.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// Its id.
    #[diesel(sql_type = Uid)]
    pub id: Id<()>,
    /// Its title, or its first words.
    #[diesel(sql_type = Text)]
    pub title: String,
}

/// Campaigns and claims in whose texts one of these stands; the first fifty.
///
/// # Errors
/// The database's failure.
pub fn named_in(conn: &mut Conn, texts: &[String]) -> Result<Vec<NamedRow>, StoreError> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let find = if conn.is_sqlite() { "instr" } else { "strpos" };
    let mut sql = SqlText::new();
    for (i, (what, title, table, all)) in [
        ("campaign", "title", "campaigns", "CAST(content AS text) || ' ' || note"),
        ("claim", "claim", "claims", "claim || ' ' || fact || ' ' || coalesce(seen_url, '')"),
    ]
    .into_iter()
    .enumerate()
    {
        sql.push(if i > 0 { " UNION ALL " } else { "" });
        sql.push(&format!("SELECT '{what}' AS what, id, substr({title}, 1, 100) AS title FROM {table} WHERE (1 = 0"));
        for text in texts {
            sql.push(&format!(" OR {find}(lower({all}), ")).text(text.to_lowercase()).push(") > 0");
        }
        sql.push(")");
    }
    Ok(sql.push(" LIMIT 50").clone().query().load(conn)?)
}
