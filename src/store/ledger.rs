//! The log: entries are appended unsealed, in the transaction of the change they record.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Text};
use serde_json::Value;

use super::columns::Columns;
use super::db::Conn;
use super::error::StoreError;
use super::schema::{ledger_entries, ledger_secrets};
use super::tx::NewEntry;
use super::types::sql::{Js, Ts, Uid};
use super::types::{At, Doc};
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, EntryId, UnitId, WaveId};
use crate::ledger::canonical::canonical;
use crate::ledger::commitment;
use crate::ledger::tile::MOST_ENTRY;

#[derive(Insertable)]
#[diesel(table_name = ledger_entries, treat_none_as_default_value = false)]
struct EntryRow {
    id: EntryId,
    at: At,
    kind: EventKind,
    actor_kind: &'static str,
    actor_ref: String,
    unit_id: Option<UnitId>,
    campaign_id: Option<CampaignId>,
    wave_id: Option<WaveId>,
    assignment_id: Option<AssignmentId>,
    subject_ref: Option<String>,
    payload: Doc<Value>,
    commitment: Option<Vec<u8>>,
}

#[derive(Insertable)]
#[diesel(table_name = ledger_secrets)]
struct SecretRow {
    entry_id: EntryId,
    salt: Vec<u8>,
    detail: Doc<Value>,
}

/// Entries by column.
fn by_column(rows: Vec<EntryRow>) -> Columns {
    Columns::of("ledger_entries")
        .with::<Uid, _>("id", rows.iter().map(|row| row.id))
        .with::<Ts, _>("at", rows.iter().map(|row| row.at))
        .with::<Text, _>("kind", rows.iter().map(|row| row.kind))
        .with::<Text, _>("actor_kind", rows.iter().map(|row| row.actor_kind))
        .with::<Text, _>("actor_ref", rows.iter().map(|row| row.actor_ref.clone()))
        .with::<Nullable<Uid>, _>("unit_id", rows.iter().map(|row| row.unit_id))
        .with::<Nullable<Uid>, _>("campaign_id", rows.iter().map(|row| row.campaign_id))
        .with::<Nullable<Uid>, _>("wave_id", rows.iter().map(|row| row.wave_id))
        .with::<Nullable<Uid>, _>("assignment_id", rows.iter().map(|row| row.assignment_id))
        .with::<Nullable<Text>, _>("subject_ref", rows.iter().map(|row| row.subject_ref.clone()))
        .with::<Nullable<Binary>, _>("commitment", rows.iter().map(|row| row.commitment.clone()))
        .with::<Js, _>("payload", rows.into_iter().map(|row| row.payload))
}

/// Rows a statement: 12 binds each, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// What the other fields of a leaf take at most: names, ids, references, a commitment.
const BESIDE_PAYLOAD: usize = 2_048;

/// Refuses an entry that could not be sealed: one without a canonical form, or longer than the log's format can write (a length of 16
/// bits, C2SP tlog-tiles). Who makes an entry learns it then, and not the log later.
fn sealable(entry: &NewEntry) -> Result<(), StoreError> {
    // What is surely short and plain is not written out to find that out.
    if most_bytes(&entry.payload).is_some_and(|bytes| bytes + BESIDE_PAYLOAD <= MOST_ENTRY) {
        return Ok(());
    }
    let refused = |why: String| StoreError::Inconsistent(format!("an entry of kind {} can't be sealed: {why}", entry.kind));
    match canonical(&entry.payload) {
        Ok(bytes) if bytes.len() + BESIDE_PAYLOAD <= MOST_ENTRY => Ok(()),
        Ok(bytes) => Err(refused(format!("its payload has {} bytes", bytes.len()))),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// At most so many bytes in canonical form; none where a number may have no such form.
fn most_bytes(value: &Value) -> Option<usize> {
    // Each byte of a text takes six at most, as `\u0001` does.
    let text = |text: &str| text.len() * 6 + 3;
    match value {
        Value::Null | Value::Bool(_) => Some(6),
        Value::Number(number) => number.as_i64().filter(|n| n.unsigned_abs() <= 1 << 52).map(|_| 21),
        Value::String(string) => Some(text(string)),
        Value::Array(items) => items.iter().try_fold(2, |sum, item| Some(sum + most_bytes(item)? + 1)),
        Value::Object(members) => members.iter().try_fold(2, |sum, (key, value)| Some(sum + text(key) + most_bytes(value)? + 1)),
    }
}

/// Rows of one statement.
const TOGETHER: usize = 16;

/// Inserts rows by statements of two lengths, which the connection reads and plans once.
fn insert_kept(conn: &mut SqliteConnection, rows: &[EntryRow]) -> QueryResult<()> {
    let (many, few) = rows.as_chunks::<TOGETHER>();
    for rows in many {
        diesel::insert_into(ledger_entries::table).values(rows).execute(conn)?;
    }
    for row in few {
        diesel::insert_into(ledger_entries::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Appends entries with their salted commitments. Called by the transaction's end; nothing else inserts single entries.
pub(super) fn append(conn: &mut Conn, now: DateTime<Utc>, actor: &Actor, entries: &[NewEntry]) -> Result<(), StoreError> {
    for chunk in entries.chunks(CHUNK) {
        let mut rows = Vec::with_capacity(chunk.len());
        let mut secrets = Vec::new();
        for entry in chunk {
            sealable(entry)?;
            let commitment = match &entry.detail {
                None => None,
                Some(detail) => {
                    let salt: [u8; 32] = rand::random();
                    let hash = commitment::commit(&salt, detail).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
                    secrets.push(SecretRow { entry_id: entry.id, salt: salt.to_vec(), detail: Doc(detail.clone()) });
                    Some(hash.to_vec())
                }
            };
            let actor = entry.by.as_ref().unwrap_or(actor);
            rows.push(EntryRow {
                id: entry.id,
                at: At(now),
                kind: entry.kind,
                actor_kind: actor.kind(),
                actor_ref: actor.reference().to_owned(),
                unit_id: entry.unit_id,
                campaign_id: entry.campaign_id,
                wave_id: entry.wave_id,
                assignment_id: entry.assignment_id,
                subject_ref: entry.subject_ref.clone(),
                payload: Doc(entry.payload.clone()),
                commitment,
            });
        }
        match conn {
            Conn::Pg(conn) => by_column(rows).insert(conn).map(drop)?,
            Conn::Lite(conn) => insert_kept(conn, &rows)?,
        }
        if !secrets.is_empty() {
            insert_batch!(conn, ledger_secrets::table, &secrets);
        }
    }
    Ok(())
}
