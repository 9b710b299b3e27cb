//! The statements that erase a person, row by row.

use diesel::prelude::*;

use super::ErasureRow;
use super::finds::{Known, Line};
use crate::domain::id::{AccountId, Id, MailId, MemberId, UserId};
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::log::entries_about;
use crate::store::member::MemberRow;
use crate::store::schema::{accounts, erasures, outbox, users};
use crate::store::sql_text::SqlText;
use crate::store::tx::Tx;
use crate::store::types::At;
use crate::store::{fanout, mail_report, subject};

/// What went, for the log and for the answer to the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Taken {
    /// Assignments that were open.
    pub assignments: u64,
    /// Mails that were not sent yet.
    pub mails: u64,
    /// Accounts of the person's own.
    pub accounts: u64,
    /// Accounts of the institution that nobody is asked for now.
    pub suspended: u64,
    /// Personal details of the log, with their salts.
    pub details: u64,
}

/// Entries that name somebody in their detail without being filed under their reference.
const ELSEWHERE: &str =
    "'address.suppressed', 'address.lifted', 'post.registered', 'post.removed', 'user.added', 'target.blocked'";
/// Texts a statement.
const CHUNK: usize = 100;

/// Runs statements of the form "text, then this member's id".
fn by_member(tx: &mut Tx<'_>, id: MemberId, statements: &[&str]) -> Result<u64, StoreError> {
    let mut rows = 0;
    for statement in statements {
        let mut sql = SqlText::new();
        rows += sql.push(statement).push(" = ").id(id).clone().query().execute(tx.conn)? as u64;
    }
    Ok(rows)
}

/// Runs statements of the form "text, then these ids"; none for no ids.
fn by_ids<T>(tx: &mut Tx<'_>, ids: &[Id<T>], statements: &[&str]) -> Result<u64, StoreError> {
    let mut rows = 0;
    for chunk in ids.chunks(500) {
        for statement in statements {
            let mut sql = SqlText::new();
            rows += sql.push(statement).push(" IN ").ids(chunk).clone().query().execute(tx.conn)? as u64;
        }
    }
    Ok(rows)
}

/// Erases a member: empties or deletes every row of theirs, and leaves one without a person in their place. `own_domain` says that
/// nobody else's address is in the domain of theirs. The caller withdraws consents before and records the erasure.
///
/// # Errors
/// The database's failure.
pub fn erase(
    tx: &mut Tx<'_>,
    row: &MemberRow,
    known: &Known,
    (message_domain, own_domain): (&str, bool),
) -> Result<Taken, StoreError> {
    overwrite(tx.conn, true)?;
    let mut taken = Taken { details: forget_details(tx, row, known)?, ..Taken::default() };
    forget_files(tx, known)?;
    forget_mails(tx, row, message_domain)?;
    forget_addresses(tx, row, known, own_domain)?;
    (taken.accounts, taken.suspended) = forget_accounts(tx, known)?;
    by_member(
        tx,
        row.id,
        &[
            "DELETE FROM member_preferences WHERE member_id",
            "DELETE FROM account_operators WHERE member_id",
            "DELETE FROM address_changes WHERE member_id",
            "UPDATE data_requests SET wish = '{}', answer = '' WHERE member_id",
            "UPDATE assignments SET link_version = link_version + 1, remind_at = NULL WHERE member_id",
        ],
    )?;
    forget_user(tx, &row.email_norm)?;
    subject::erase(tx, &row.subject_ref)?;
    empty_member(tx, row)?;
    let done = ErasureRow {
        member_id: row.id,
        erased_at: At(tx.now),
        listed_at: None,
        swept_at: None,
        subject_ref: Some(row.subject_ref.clone()),
    };
    diesel::insert_into(erasures::table).values(done).execute(tx.conn)?;
    // Last: the counters are busy rows.
    taken.assignments = fanout::withdraw_member(tx, row.id)?;
    taken.mails = crate::store::outbox::cancel_for_member(tx, row.id)?;
    overwrite(tx.conn, false)?;
    Ok(taken)
}

/// Whether SQLite writes zeros over what it deletes (its PRAGMA secure_delete). What lies in pages from before goes with the sweep.
fn overwrite(conn: &mut Conn, on: bool) -> Result<(), StoreError> {
    use diesel::connection::SimpleConnection as _;
    if let Conn::Lite(conn) = conn {
        conn.batch_execute(if on { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = OFF" })?;
    }
    Ok(())
}

/// The engine's function that finds a text within another.
fn within(conn: &Conn, column: &str) -> String {
    if conn.is_sqlite() { format!("instr({column}, ") } else { format!("strpos(CAST({column} AS text), ") }
}

/// `column` holds one of these texts.
fn holds(sql: &mut SqlText, head: &str, texts: &[String]) {
    sql.push("(");
    for (i, text) in texts.iter().enumerate() {
        sql.push(if i > 0 { " OR " } else { "" }).push(head).text(text.as_str()).push(") > 0");
    }
    sql.push(")");
}

/// A text as it stands inside of a JSON string.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// The salts and details of every entry about the person: those under their reference, of their assignments, and those that name an
/// address or a post of theirs.
fn forget_details(tx: &mut Tx<'_>, row: &MemberRow, known: &Known) -> Result<u64, StoreError> {
    let mut sql = SqlText::new();
    sql.push("DELETE FROM ledger_secrets WHERE entry_id IN (SELECT e.id FROM ");
    entries_about(&mut sql, &row.subject_ref, tx.conn.is_sqlite());
    sql.push(")");
    let mut details = sql.query().execute(tx.conn)? as u64;
    let mut sql = SqlText::new();
    sql.push("DELETE FROM ledger_secrets WHERE entry_id IN (SELECT e.id FROM assignments a JOIN ledger_entries e ");
    sql.push("ON e.assignment_id = a.id WHERE a.member_id = ").id(row.id);
    // What was done with an account of the institution is the institution's; its details tell of no person.
    sql.push(" AND a.account_id IN (SELECT id FROM accounts WHERE personal))");
    details += sql.query().execute(tx.conn)? as u64;
    let mut texts: Vec<String> = known.emails.iter().map(|email| in_json(email)).collect();
    for url in post_urls(tx.conn, &known.personal)? {
        texts.push(in_json(&url));
    }
    let head = within(tx.conn, "detail");
    for chunk in texts.chunks(CHUNK) {
        let mut sql = SqlText::new();
        sql.push("DELETE FROM ledger_secrets WHERE entry_id IN (SELECT id FROM ledger_entries WHERE kind IN (");
        holds(sql.push(ELSEWHERE).push(")) AND "), &head, chunk);
        details += sql.query().execute(tx.conn)? as u64;
    }
    Ok(details)
}

fn post_urls(conn: &mut Conn, accounts: &[AccountId]) -> Result<Vec<String>, StoreError> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = SqlText::new();
    let rows: Vec<Line> =
        sql.push("SELECT url AS line FROM posts WHERE account_id IN ").ids(accounts).clone().query().load(conn)?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

/// Files that wait to be imported, and answers kept for a repeated request: of the files all of people, because what a file holds is
/// not looked for in its parts; whoever waits to import one checks it again.
fn forget_files(tx: &mut Tx<'_>, known: &Known) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM upload_parts WHERE upload_id IN (SELECT id FROM uploads WHERE kind IN ('members', 'accounts'))",
        "DELETE FROM uploads WHERE kind IN ('members', 'accounts')",
    ] {
        diesel::sql_query(statement).execute(tx.conn)?;
    }
    let texts: Vec<String> = known.texts.iter().map(|text| in_json(text)).collect();
    let head = within(tx.conn, "body");
    for chunk in texts.chunks(CHUNK) {
        let mut sql = SqlText::new();
        holds(sql.push("DELETE FROM idempotency_keys WHERE "), &head, chunk);
        sql.query().execute(tx.conn)?;
    }
    Ok(())
}

/// What mails, and what came back for them, say of the person.
fn forget_mails(tx: &mut Tx<'_>, row: &MemberRow, message_domain: &str) -> Result<(), StoreError> {
    by_member(tx, row.id, &["UPDATE outbox SET last_error = NULL, domain = NULL WHERE member_id"])?;
    mail_report::forget_words(tx, row.id)?;
    forget_kept(tx, row.id, message_domain)
}

/// Mails that the built-in mailbox kept, by their Message-IDs.
fn forget_kept(tx: &mut Tx<'_>, id: MemberId, message_domain: &str) -> Result<(), StoreError> {
    let mails: Vec<MailId> = outbox::table.filter(outbox::member_id.eq(id)).select(outbox::id).load(tx.conn)?;
    let message_ids: Vec<String> = mails.iter().map(|id| format!("<{id}@{message_domain}>")).collect();
    for chunk in message_ids.chunks(500) {
        let mut sql = SqlText::new();
        sql.push("DELETE FROM mailbox WHERE message_id IN ").texts(chunk).clone().query().execute(tx.conn)?;
    }
    Ok(())
}

/// Rows that stand under an address of theirs, and the domain where it is theirs alone.
fn forget_addresses(tx: &mut Tx<'_>, row: &MemberRow, known: &Known, own_domain: bool) -> Result<(), StoreError> {
    for chunk in known.emails.chunks(CHUNK) {
        for statement in [
            "DELETE FROM mailbox WHERE rcpt_to IN ",
            "DELETE FROM suppressions WHERE email_norm IN ",
            "DELETE FROM soft_bounces WHERE email_norm IN ",
        ] {
            let mut sql = SqlText::new();
            sql.push(statement).texts(chunk).clone().query().execute(tx.conn)?;
        }
    }
    let Some((_, domain)) = row.email_norm.rsplit_once('@').filter(|_| own_domain) else { return Ok(()) };
    for table in ["outbox_archive", "outbox_figures"] {
        let counted = if table == "outbox_figures" { ", counted_at" } else { "" };
        let key = if table == "outbox_figures" { "campaign_id, kind, state" } else { "campaign_id, wave_id, kind, state" };
        let mut sql = SqlText::new();
        sql.push(&format!(
            "INSERT INTO {table} ({key}, domain, mails, returned{counted}) SELECT {key}, '', mails, returned{counted} "
        ));
        sql.push(&format!("FROM {table} WHERE domain = ")).text(domain);
        sql.push(&format!(" ON CONFLICT ({key}, domain) DO UPDATE SET mails = {table}.mails + excluded.mails, "));
        sql.push(&format!("returned = {table}.returned + excluded.returned"));
        sql.query().execute(tx.conn)?;
    }
    for table in ["outbox_archive", "outbox_figures", "mail_domains"] {
        let mut sql = SqlText::new();
        sql.push(&format!("DELETE FROM {table} WHERE domain = ")).text(domain).clone().query().execute(tx.conn)?;
    }
    Ok(())
}

/// Their own accounts lose handle, name and everything published with them; accounts of the institution stand without a person.
fn forget_accounts(tx: &mut Tx<'_>, known: &Known) -> Result<(u64, u64), StoreError> {
    let id = if tx.conn.is_sqlite() { "lower(hex(id))" } else { "CAST(id AS text)" };
    let own = &known.personal;
    let emptied = format!(
        "UPDATE accounts SET handle = 'erased-' || {id}, handle_norm = 'erased-' || {id}, display_name = '', followers = 0, \
         public_name = FALSE, state = 'retired', disclosed_until = NULL, version = version + 1 WHERE id"
    );
    let posts = format!(
        "UPDATE posts SET url = 'https://erased.invalid/' || {id}, url_key = 'erased:' || {id}, \
         removed_at = coalesce(removed_at, registered_at) WHERE account_id"
    );
    by_ids(
        tx,
        own,
        &[
            "DELETE FROM account_topics WHERE account_id",
            "DELETE FROM account_operators WHERE account_id",
            "UPDATE disclosures SET statement = '', url = '', note = '' WHERE account_id",
            "UPDATE completions SET url = NULL, url_key = NULL WHERE account_id",
            &posts,
        ],
    )?;
    let accounts = by_ids(tx, own, &[&emptied])?;
    let theirs = accounts::table.filter(accounts::id.eq_any(known.institutional.clone()));
    let suspended = diesel::update(theirs.filter(accounts::state.eq(crate::domain::account::AccountState::Active)))
        .set((
            accounts::state.eq(crate::domain::account::AccountState::Suspended),
            accounts::updated_at.eq(At(tx.now)),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(tx.conn)?;
    Ok((accounts, suspended as u64))
}

/// A console user of the same address, whom an administrator disabled before.
fn forget_user(tx: &mut Tx<'_>, email_norm: &str) -> Result<(), StoreError> {
    let found: Option<(UserId, String)> = users::table
        .filter(users::email_norm.eq(email_norm))
        .filter(users::active.eq(false))
        .select((users::id, users::subject_ref))
        .first(tx.conn)
        .optional()?;
    let Some((id, subject_ref)) = found else { return Ok(()) };
    for statement in [
        "DELETE FROM sessions WHERE user_id",
        "DELETE FROM sign_in_links WHERE user_id",
        "DELETE FROM calendar_feeds WHERE user_id",
        "DELETE FROM user_roles WHERE user_id",
        "UPDATE outbox SET last_error = NULL, domain = NULL WHERE user_id",
    ] {
        let mut sql = SqlText::new();
        sql.push(statement).push(" = ").id(id).clone().query().execute(tx.conn)?;
    }
    let mut sql = SqlText::new();
    sql.push("DELETE FROM ledger_secrets WHERE entry_id IN (SELECT e.id FROM ");
    entries_about(&mut sql, &subject_ref, tx.conn.is_sqlite());
    sql.push(")").clone().query().execute(tx.conn)?;
    subject::erase(tx, &subject_ref)?;
    let nobody = format!("erased:{}", id.uuid().simple());
    diesel::update(users::table.find(id))
        .set((
            users::email.eq(&nobody),
            users::email_norm.eq(&nobody),
            users::name.eq(""),
            users::password_hash.eq(""),
            users::subject_ref.eq(subject::new_ref()),
            users::updated_at.eq(At(tx.now)),
            users::version.eq(users::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The row that stays in the member's place: an id, a unit, and times.
fn empty_member(tx: &mut Tx<'_>, row: &MemberRow) -> Result<(), StoreError> {
    let nobody = row.id.uuid().simple().to_string();
    let empty = MemberRow {
        subject_ref: subject::new_ref(),
        employee_no: String::new(),
        employee_no_norm: format!("erased-{nobody}"),
        name: String::new(),
        email: String::new(),
        email_norm: format!("erased:{nobody}"),
        zone: "UTC".to_owned(),
        state: crate::domain::member::MemberState::Erased,
        participate_version: None,
        operate_version: None,
        link_version: row.link_version + 1,
        ..row.clone()
    };
    let changed = diesel::update(crate::store::schema::members::table.find(row.id))
        .set(crate::store::schema::members::subject_ref.eq(&empty.subject_ref))
        .execute(tx.conn)?;
    if changed == 1 { crate::store::member::save(tx, &empty) } else { Err(StoreError::Missing("the member")) }
}

/// What was written about an erased member after the erasure, by a mail that was on its way.
///
/// # Errors
/// The database's failure.
pub fn forget_late(tx: &mut Tx<'_>, id: MemberId, message_domain: &str) -> Result<(), StoreError> {
    overwrite(tx.conn, true)?;
    by_member(tx, id, &["UPDATE outbox SET last_error = NULL, domain = NULL WHERE member_id"])?;
    mail_report::forget_words(tx, id)?;
    forget_kept(tx, id, message_domain)?;
    let mut sql = SqlText::new();
    sql.push("DELETE FROM ledger_secrets WHERE entry_id IN (SELECT e.id FROM assignments a JOIN ledger_entries e ");
    sql.push("ON e.assignment_id = a.id WHERE a.member_id = ").id(id).push(" AND e.kind LIKE 'mail.%')");
    sql.query().execute(tx.conn)?;
    overwrite(tx.conn, false)
}
