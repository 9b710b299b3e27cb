//! Members by the thousand: looked up, inserted, saved.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Text};

use super::MemberRow;
use crate::store::columns::Columns;
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::members;
use crate::store::sql_text::SqlText;
use crate::store::subject::{self, Holder};
use crate::store::tx::Tx;
use crate::store::types::sql::{Ts, Uid};

/// Rows a statement: 17 binds each, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// Rows a statement where each names its placeholders: SQLite compares every placeholder's name with all before it.
const SAVE_CHUNK: usize = 50;

/// Inserts many members, a few hundred a statement.
///
/// # Errors
/// [`StoreError::Taken`] for an employee number or address in use.
pub fn insert_many(tx: &mut Tx<'_>, rows: &[MemberRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        match tx.conn {
            Conn::Pg(conn) => by_column(chunk).insert(conn).map(drop)?,
            Conn::Lite(conn) => diesel::insert_into(members::table).values(chunk).execute(conn).map(drop)?,
        }
        let subjects: Vec<_> = chunk.iter().map(|row| (row.subject_ref.as_str(), Holder::Member(row.id))).collect();
        subject::insert(tx, &subjects)?;
    }
    Ok(())
}

fn by_column(rows: &[MemberRow]) -> Columns {
    Columns::of("members")
        .with::<Uid, _>("id", rows.iter().map(|row| row.id))
        .with::<Uid, _>("unit_id", rows.iter().map(|row| row.unit_id))
        .with::<Text, _>("subject_ref", rows.iter().map(|row| row.subject_ref.clone()))
        .with::<Text, _>("employee_no", rows.iter().map(|row| row.employee_no.clone()))
        .with::<Text, _>("employee_no_norm", rows.iter().map(|row| row.employee_no_norm.clone()))
        .with::<Text, _>("name", rows.iter().map(|row| row.name.clone()))
        .with::<Text, _>("email", rows.iter().map(|row| row.email.clone()))
        .with::<Text, _>("email_norm", rows.iter().map(|row| row.email_norm.clone()))
        .with::<Text, _>("locale", rows.iter().map(|row| row.locale))
        .with::<Text, _>("zone", rows.iter().map(|row| row.zone.clone()))
        .with::<Text, _>("state", rows.iter().map(|row| row.state))
        .with::<Nullable<Text>, _>("participate_version", rows.iter().map(|row| row.participate_version.clone()))
        .with::<Nullable<Text>, _>("operate_version", rows.iter().map(|row| row.operate_version.clone()))
        .with::<Integer, _>("link_version", rows.iter().map(|row| row.link_version))
        .with::<Ts, _>("created_at", rows.iter().map(|row| row.created_at))
        .with::<Ts, _>("updated_at", rows.iter().map(|row| row.updated_at))
        .with::<Integer, _>("version", rows.iter().map(|row| row.version))
}

/// The members with one of these employee numbers or one of these addresses, each in its compared form.
///
/// # Errors
/// The database's failure.
pub fn list_by_keys(conn: &mut Conn, employee_nos: &[String], emails: &[String]) -> Result<Vec<MemberRow>, StoreError> {
    let mut rows: Vec<MemberRow> = Vec::new();
    for (column, keys) in [("employee_no_norm", employee_nos), ("email_norm", emails)] {
        for chunk in keys.chunks(CHUNK) {
            if let Conn::Pg(conn) = conn {
                rows.append(&mut with_any(conn, column, chunk)?);
                continue;
            }
            // A statement of its own, planned each time: a plan kept from when the table was empty reads the whole table for ever.
            let mut sql = SqlText::new();
            sql.push("SELECT * FROM members WHERE ").push(column).push(" IN ").texts(chunk);
            rows.append(&mut sql.query().load(conn)?);
        }
    }
    rows.sort_unstable_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

/// Saves unit, number, name, address, language, zone and link version of many members, some dozens a statement.
///
/// # Errors
/// [`StoreError::Stale`] when one's version is not the stored one; [`StoreError::Taken`] for a number or address in use.
pub fn save_profiles(tx: &mut Tx<'_>, rows: &[MemberRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(SAVE_CHUNK) {
        let mut sql = SqlText::new();
        sql.push("UPDATE members SET updated_at = ").at(tx.now);
        sql.push(
            ", version = version + 1, unit_id = v.column3, employee_no = v.column4, employee_no_norm = v.column5, name = v.column6,
             email = v.column7, email_norm = v.column8, locale = v.column9, zone = v.column10, link_version = v.column11
             FROM (VALUES ",
        );
        for (i, row) in chunk.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).id(row.id).push(", ").int(row.version).push(", ").id(row.unit_id);
            let locale = row.locale.to_string();
            let texts = [&row.employee_no, &row.employee_no_norm, &row.name, &row.email, &row.email_norm, &locale, &row.zone];
            for text in texts {
                sql.push(", ").text(text);
            }
            sql.push(", ").int(row.link_version).push(")");
        }
        sql.push(") AS v WHERE members.id = v.column1 AND members.version = v.column2");
        if sql.query().execute(tx.conn)? != chunk.len() {
            return Err(StoreError::Stale);
        }
    }
    Ok(())
}

/// The members whose `column` is one of `keys`; planned each time, for the same reason.
fn with_any(conn: &mut PgConnection, column: &str, keys: &[String]) -> Result<Vec<MemberRow>, StoreError> {
    let text = format!("SELECT * FROM members WHERE {column} = ANY($1)");
    Ok(diesel::sql_query(text).into_boxed::<Pg>().bind::<Array<Text>, _>(keys.to_vec()).load(conn)?)
}
