//! People by the hundred thousand, each with an account on X that may be asked.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::super::error::StoreError;
use super::super::fanout::id_range;
use super::super::sql_text::SqlText;
use super::super::tx::Tx;
use super::{digits, id_of, numbers};
use crate::domain::id::{MemberId, UnitId};
use crate::domain::kind::{AccountKind, Layer};
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;

/// Some people of a unit, by their numbers.
#[derive(Debug, Clone)]
pub struct People<'a> {
    /// Their unit.
    pub unit_id: UnitId,
    /// The first number.
    pub from: u32,
    /// The number after the last.
    pub to: u32,
    /// The version of the operators' text that they confirmed.
    pub operate_version: &'a str,
}

/// Makes people up: members, their subjects, their disclosed accounts.
///
/// # Errors
/// The database's failure.
pub fn make_people(tx: &mut Tx<'_>, people: &People<'_>) -> Result<(), StoreError> {
    if people.from >= people.to {
        return Ok(());
    }
    let (low, high, prefix) = id_range();
    let sqlite = tx.conn.is_sqlite();
    let (from, no) = (numbers(sqlite, people.from, people.to), digits(sqlite, "i"));
    let id = id_of(sqlite, &prefix, "i");
    let random = if sqlite { "lower(hex(randomblob(16)))" } else { "replace(gen_random_uuid()::text, '-', '')" };
    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO members (id, unit_id, subject_ref, employee_no, employee_no_norm, name, email, email_norm, locale, zone, state, \
         operate_version, link_version, created_at, updated_at, version) SELECT ",
    );
    sql.push(&id).push(", ").id(people.unit_id).push(", ").push(random).push(", ");
    let email = format!("'pegawai' || {no} || '@klp.example.id'");
    sql.push(&format!("{no}, {no}, 'Ratna Wulandari ' || {no}, {email}, {email}, 'id', 'Asia/Jakarta', 'active', "));
    sql.text(people.operate_version).push(", 1, ").at(tx.now).push(", ").at(tx.now).push(", 1 FROM ").push(&from);
    sql.query().execute(tx.conn)?;

    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO subjects (subject_ref, holder_kind, holder_id, created_at) SELECT subject_ref, 'member', id, created_at ",
    );
    sql.push("FROM members WHERE id >= ").id(MemberId::from_uuid(low)).push(" AND id <= ").id(MemberId::from_uuid(high));
    sql.query().execute(tx.conn)?;

    let mut sql = SqlText::new();
    sql.push(
        "INSERT INTO accounts (id, unit_id, member_id, kind, layer, personal, platform, handle, handle_norm, display_name, language, \
         followers, public_name, state, disclosed_until, created_at, updated_at, version) SELECT ",
    );
    sql.push(&id_of(sqlite, &id_range().2, "i")).push(", ").id(people.unit_id).push(", ").push(&id);
    let handle = format!("'pegawai_' || {no}");
    let (kind, layer, platform) = (AccountKind::KolInternal.as_str(), Layer::Opinion.number(), Platform::X.as_str());
    sql.push(&format!(", '{kind}', {layer}, TRUE, '{platform}', {handle}, {handle}, '', 'id', 100, FALSE, 'active', "));
    sql.at(tx.now + TimeDelta::days(300)).push(", ").at(tx.now).push(", ").at(tx.now).push(", 1 FROM ").push(&from);
    sql.query().execute(tx.conn)?;
    Ok(())
}
