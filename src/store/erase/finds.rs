//! What is known of a person before they are erased: every form in which their address, name, number and handles were written.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use crate::domain::id::{AccountId, MemberId, UserId};
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::log::entries_about;
use crate::store::member::MemberRow;
use crate::store::schema::{accounts, members, users};
use crate::store::sql_text::SqlText;
use crate::store::types::Doc;
use crate::store::types::sql::Js;

/// What is known of a person.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Every address that was theirs, in its compared form; the present one first.
    pub emails: Vec<String>,
    /// Every text that tells who they are: addresses, names, numbers, handles, as they were written.
    pub texts: BTreeSet<String>,
    /// Their own accounts: those of one natural person.
    pub personal: Vec<AccountId>,
    /// Accounts of the institution that they are asked for.
    pub institutional: Vec<AccountId>,
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Js)]
    detail: Doc<Value>,
}

/// The keys under which the log's personal details name a person or an account of theirs.
const KEYS: [&str; 5] = ["email", "name", "employee_no", "handle", "display_name"];

/// What is known of a member: what is on file, and what the log's details say was on file before.
///
/// # Errors
/// The database's failure.
pub fn known(conn: &mut Conn, row: &MemberRow) -> Result<Known, StoreError> {
    let mut found = Known { emails: vec![row.email_norm.clone()], ..Known::default() };
    let own = [&row.email, &row.email_norm, &row.name, &row.employee_no, &row.employee_no_norm];
    found.texts.extend(own.into_iter().cloned());
    type Account = (AccountId, bool, String, String, String);
    let columns = (accounts::id, accounts::personal, accounts::handle, accounts::handle_norm, accounts::display_name);
    let theirs: Vec<Account> = accounts::table.filter(accounts::member_id.eq(row.id)).select(columns).load(conn)?;
    let mut shared = BTreeSet::new();
    for (id, personal, handle, handle_norm, display_name) in theirs {
        if personal {
            found.personal.push(id);
            found.texts.extend([handle, handle_norm, display_name]);
        } else {
            found.institutional.push(id);
            shared.extend([handle, handle_norm, display_name]);
        }
    }
    let mut sql = SqlText::new();
    sql.push("SELECT s.detail FROM ");
    entries_about(&mut sql, &row.subject_ref, conn.is_sqlite());
    let details: Vec<Detail> = sql.push(" JOIN ledger_secrets s ON s.entry_id = e.id").clone().query().load(conn)?;
    for Detail { detail: Doc(detail) } in details {
        for (key, text) in KEYS.iter().filter_map(|key| Some((*key, detail.get(key)?.as_str()?))) {
            if key == "email" {
                found.emails.push(text.to_lowercase());
            }
            if !shared.contains(text) {
                found.texts.insert(text.to_owned());
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.emails.retain(|email| seen.insert(email.clone()));
    // A word of two letters stands in every text.
    found.texts.retain(|text| text.chars().count() > 2);
    Ok(found)
}

/// Whether anybody else's address is in this domain. Reads every address: ask before the write begins.
///
/// # Errors
/// The database's failure.
pub fn is_shared_domain(conn: &mut Conn, row: &MemberRow) -> Result<bool, StoreError> {
    let Some((_, domain)) = row.email_norm.rsplit_once('@') else { return Ok(true) };
    let pattern = format!("%@{}", crate::store::member::like(domain));
    let others = members::table.filter(members::id.ne(row.id)).filter(members::email_norm.like(pattern).escape('!'));
    let member = others.select(members::id).first::<MemberId>(conn).optional()?.is_some();
    let pattern = format!("%@{}", crate::store::member::like(domain));
    let users = users::table.filter(users::email_norm.ne(&row.email_norm)).filter(users::email_norm.like(pattern).escape('!'));
    let user = users.select(users::id).first::<UserId>(conn).optional()?.is_some();
    Ok(member || user)
}

#[derive(QueryableByName)]
pub(super) struct Line {
    #[diesel(sql_type = Text)]
    pub line: String,
}
