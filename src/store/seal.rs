//! The tree over the log as the database holds it: the logs of this installation, what waits to be sealed, its numbering, the checkpoints.
//!
//! Numbering is the one decision about the order of entries, and one transaction with a compare-and-set on the size makes it. What is
//! signed afterwards follows from it: whoever signs a tree of this size signs the same bytes.

mod check;
mod key;
mod tile;
mod unmatched;

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

pub use check::{CheckRow, begin_check, broke, check_of, go_on, sound};
pub use key::{KeyRow, add_key, keys, left_off, retire_others};
pub use tile::{Tile, Tiles, put_tiles, tile};
pub use unmatched::{Unmatched, misnamed, unmatched};

use super::db::Conn;
use super::error::StoreError;
use super::log::EntryRow;
use super::schema::{ledger_checkpoints, ledger_entries, ledger_logs};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::EntryId;
use crate::ledger::leaf::EntryLeaf;
use crate::ledger::tree::Frontier;

/// A log as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_logs, treat_none_as_default_value = false)]
pub struct LogRow {
    /// Its number: 1 for the first.
    pub no: i32,
    /// The first line of its checkpoints.
    pub origin: String,
    /// `leaf_index` of its first leaf.
    pub first_leaf: i64,
    /// How many leaves it has.
    pub size: i64,
    /// The root hash of the tree of this size.
    pub root: Vec<u8>,
    /// The tree's compact form.
    pub frontier: Vec<u8>,
    /// When it began.
    pub began_at: At,
    /// When another log took its place.
    pub ended_at: Option<At>,
    /// Why that happened.
    pub reason: Option<String>,
}

impl LogRow {
    /// The tree's compact form.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] where the row does not hold one of this size and root.
    pub fn tree(&self) -> Result<Frontier, StoreError> {
        let tree = Frontier::from_bytes(&self.frontier).ok();
        tree.filter(|tree| i64::try_from(tree.size()) == Ok(self.size) && tree.root().as_slice() == self.root)
            .ok_or_else(|| StoreError::Inconsistent("the sealed tree's row contradicts itself".into()))
    }
    /// The place in this log of a global leaf index; none where it belongs to another.
    #[must_use]
    pub const fn index_of(&self, leaf: i64) -> Option<i64> {
        let index = leaf - self.first_leaf;
        if index >= 0 && index < self.size { Some(index) } else { None }
    }
}

/// A checkpoint as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_checkpoints)]
pub struct CheckpointRow {
    /// Of which log.
    pub log_no: i32,
    /// The tree's size.
    pub size: i64,
    /// Its root hash.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub signed_at: At,
}

/// The log that goes on; none before the first sealing.
///
/// # Errors
/// The database's failure.
pub fn current(conn: &mut Conn) -> Result<Option<LogRow>, StoreError> {
    let newest = ledger_logs::table.order(ledger_logs::no.desc()).select(LogRow::as_select());
    Ok(newest.first(conn).optional()?)
}

/// Every log, the first first.
///
/// # Errors
/// The database's failure.
pub fn logs(conn: &mut Conn) -> Result<Vec<LogRow>, StoreError> {
    Ok(ledger_logs::table.order(ledger_logs::no.asc()).select(LogRow::as_select()).load(conn)?)
}

/// The log that holds a global leaf index.
///
/// # Errors
/// The database's failure.
pub fn log_of(conn: &mut Conn, leaf: i64) -> Result<Option<LogRow>, StoreError> {
    let begun = ledger_logs::table.filter(ledger_logs::first_leaf.le(leaf)).order(ledger_logs::no.desc());
    let found: Option<LogRow> = begun.select(LogRow::as_select()).first(conn).optional()?;
    Ok(found.filter(|log| log.index_of(leaf).is_some()))
}

/// Begins a log. `false`, and nothing done, where somebody else was first.
///
/// # Errors
/// The database's failure.
pub fn begin(tx: &mut Tx<'_>, no: i32, origin: &str, first_leaf: i64) -> Result<bool, StoreError> {
    let tree = Frontier::new();
    let mut sql = SqlText::new();
    sql.push("INSERT INTO ledger_logs (no, origin, first_leaf, size, root, frontier, began_at) SELECT ").int(no).push(", ");
    sql.text(origin).push(", ").big(first_leaf).push(", 0, ");
    let (root, frontier) = (hex::encode(tree.root()), hex::encode(tree.to_bytes()));
    // Hexadecimal digits of the program's own.
    if tx.conn.is_sqlite() {
        sql.push(&format!("unhex('{root}'), unhex('{frontier}'), "));
    } else {
        sql.push(&format!("decode('{root}', 'hex'), decode('{frontier}', 'hex'), "));
    }
    sql.at(tx.now).push(" WHERE TRUE ON CONFLICT (no) DO NOTHING");
    Ok(sql.query().execute(tx.conn)? == 1)
}

/// Ends a log: another takes its place.
///
/// # Errors
/// [`StoreError::Stale`] where it is not there or ended already.
pub fn end(tx: &mut Tx<'_>, no: i32, reason: &str) -> Result<(), StoreError> {
    let open = ledger_logs::table.filter(ledger_logs::no.eq(no)).filter(ledger_logs::ended_at.is_null());
    let set = (ledger_logs::ended_at.eq(At(tx.now)), ledger_logs::reason.eq(reason));
    match diesel::update(open).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(StoreError::Stale),
    }
}

const UNSEALED: &str = "SELECT * FROM ledger_entries e WHERE e.leaf_index IS NULL ORDER BY e.id LIMIT ";

/// Entries that are not sealed, in the order of their making; at most `limit`. By state, never by "after the last": rows do not become
/// visible in the order of their ids.
///
/// # Errors
/// The database's failure.
pub fn unsealed(conn: &mut Conn, limit: i64) -> Result<Vec<EntryRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(UNSEALED).big(limit);
    Ok(sql.query().load(conn)?)
}

#[derive(QueryableByName)]
struct Oldest {
    #[diesel(sql_type = Ts)]
    at: At,
}

/// When the oldest entry that waits to be sealed happened, by the order of making.
///
/// # Errors
/// The database's failure.
pub fn oldest_unsealed(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let rows: Vec<Oldest> =
        diesel::sql_query("SELECT e.at FROM ledger_entries e WHERE e.leaf_index IS NULL ORDER BY e.id LIMIT 1").load(conn)?;
    Ok(rows.first().map(|oldest| oldest.at.0))
}

/// Numbers these entries as the next leaves of a log whose tree has `from.size()` leaves, and stores the tree that they make with its
/// tiles. `false`, and nothing to be kept, where the log has grown, ended, or taken one of the entries meanwhile: somebody else was
/// first, and this transaction is to be given up.
///
/// # Errors
/// The database's failure.
pub fn number(tx: &mut Tx<'_>, log: &LogRow, to: &Frontier, entries: &[EntryId], tiles: &[Tile]) -> Result<bool, StoreError> {
    let size = i64::try_from(to.size()).map_err(|_| StoreError::Inconsistent("the log is full".into()))?;
    let still = ledger_logs::table
        .filter(ledger_logs::no.eq(log.no))
        .filter(ledger_logs::size.eq(log.size))
        .filter(ledger_logs::ended_at.is_null());
    let set = (ledger_logs::size.eq(size), ledger_logs::root.eq(to.root().to_vec()), ledger_logs::frontier.eq(to.to_bytes()));
    if diesel::update(still).set(set).execute(tx.conn)? != 1 {
        return Ok(false);
    }
    let numbered = set_numbers(tx, log.first_leaf + log.size, entries)?;
    if numbered != entries.len() {
        return Ok(false);
    }
    put_tiles(tx, log.no, tiles)?;
    Ok(true)
}

fn set_numbers(tx: &mut Tx<'_>, first: i64, entries: &[EntryId]) -> Result<usize, StoreError> {
    let now = At(tx.now);
    let numbered = match tx.conn {
        Conn::Pg(conn) => diesel::sql_query(
            "UPDATE ledger_entries e SET leaf_index = $1 + v.n - 1, sealed_at = $2 \
             FROM unnest($3) WITH ORDINALITY AS v(id, n) WHERE e.id = v.id AND e.leaf_index IS NULL",
        )
        .bind::<BigInt, _>(first)
        .bind::<Ts, _>(now)
        .bind::<Array<Uid>, _>(entries)
        .execute(conn)?,
        Conn::Lite(conn) => {
            // The plus sign: each is looked up by its id, however many wait (sqlite.org/optoverview, "disqualifying WHERE terms").
            let ids: Vec<String> = entries.iter().map(|id| id.uuid().simple().to_string()).collect();
            diesel::sql_query(
                "UPDATE ledger_entries SET leaf_index = $1 + v.n, sealed_at = $2 \
                 FROM (SELECT unhex(value) AS id, key AS n FROM json_each($3)) v \
                 WHERE ledger_entries.id = v.id AND +ledger_entries.leaf_index IS NULL",
            )
            .bind::<BigInt, _>(first)
            .bind::<Ts, _>(now)
            .bind::<Text, _>(serde_json::to_string(&ids).unwrap_or_default())
            .execute(conn)?
        }
    };
    Ok(numbered)
}

/// The entries of global leaf indices from `first` to `end` (exclusive), in order.
///
/// # Errors
/// The database's failure.
pub fn sealed(conn: &mut Conn, first: i64, end: i64) -> Result<Vec<EntryRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT * FROM ledger_entries e WHERE e.leaf_index IS NOT NULL AND e.leaf_index >= ").big(first);
    sql.push(" AND e.leaf_index < ").big(end).push(" ORDER BY e.leaf_index");
    Ok(sql.query().load(conn)?)
}

/// Writes down what was signed. `false` where the same size was signed already, which gives the same bytes.
///
/// # Errors
/// The database's failure; [`StoreError::Inconsistent`] where a tree of this size has another root.
pub fn signed(tx: &mut Tx<'_>, checkpoint: &CheckpointRow) -> Result<bool, StoreError> {
    let found: Option<CheckpointRow> = checkpoint_at(tx.conn, checkpoint.log_no, checkpoint.size)?;
    if let Some(found) = found {
        return match found.root == checkpoint.root {
            true => Ok(false),
            false => Err(StoreError::Inconsistent(format!("two roots for the tree of {} entries", checkpoint.size))),
        };
    }
    let row = diesel::insert_into(ledger_checkpoints::table).values(checkpoint);
    match row.execute(tx.conn).map_err(StoreError::from) {
        Ok(_) => Ok(true),
        Err(error) => Err(error),
    }
}

/// The newest checkpoint of a log.
///
/// # Errors
/// The database's failure.
pub fn latest(conn: &mut Conn, log_no: i32) -> Result<Option<CheckpointRow>, StoreError> {
    let of = ledger_checkpoints::table.filter(ledger_checkpoints::log_no.eq(log_no));
    let newest = of.order(ledger_checkpoints::size.desc()).select(CheckpointRow::as_select());
    Ok(newest.first(conn).optional()?)
}

/// The newest checkpoint of a log of at most `size` entries: of an old log, more may have been signed than the database has.
///
/// # Errors
/// The database's failure.
pub fn latest_within(conn: &mut Conn, log_no: i32, size: i64) -> Result<Option<CheckpointRow>, StoreError> {
    let of = ledger_checkpoints::table.filter(ledger_checkpoints::log_no.eq(log_no)).filter(ledger_checkpoints::size.le(size));
    let newest = of.order(ledger_checkpoints::size.desc()).select(CheckpointRow::as_select());
    Ok(newest.first(conn).optional()?)
}

/// The checkpoint of a log at a size.
///
/// # Errors
/// The database's failure.
pub fn checkpoint_at(conn: &mut Conn, log_no: i32, size: i64) -> Result<Option<CheckpointRow>, StoreError> {
    Ok(ledger_checkpoints::table.find((log_no, size)).select(CheckpointRow::as_select()).first(conn).optional()?)
}

/// Checkpoints of a log of more than `after` entries, the smallest first; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn checkpoints_after(conn: &mut Conn, log_no: i32, after: i64, limit: i64) -> Result<Vec<CheckpointRow>, StoreError> {
    let of = ledger_checkpoints::table.filter(ledger_checkpoints::log_no.eq(log_no)).filter(ledger_checkpoints::size.gt(after));
    Ok(of.order(ledger_checkpoints::size.asc()).limit(limit).select(CheckpointRow::as_select()).load(conn)?)
}

/// The global leaf index after the last one in use.
///
/// # Errors
/// The database's failure.
pub fn next_leaf(conn: &mut Conn) -> Result<i64, StoreError> {
    let last: Option<i64> = ledger_entries::table
        .filter(ledger_entries::leaf_index.is_not_null())
        .select(max(ledger_entries::leaf_index))
        .first(conn)?;
    Ok(last.map_or(0, |last| last + 1))
}

/// The entry as the tree knows it.
///
/// # Errors
/// [`StoreError::Inconsistent`] for a commitment that is no hash.
pub fn leaf(row: EntryRow) -> Result<EntryLeaf, StoreError> {
    let commitment = row.commitment.map(|bytes| {
        <[u8; 32]>::try_from(bytes)
            .map_err(|_| StoreError::Inconsistent(format!("the commitment of entry {} is no hash", row.id)))
    });
    Ok(EntryLeaf {
        id: row.id.uuid(),
        at_us: row.at.0.timestamp_micros(),
        kind: row.kind.to_string(),
        actor_ref: Some(row.actor_ref),
        unit: row.unit_id.map(|id| id.uuid()),
        campaign: row.campaign_id.map(|id| id.uuid()),
        wave: row.wave_id.map(|id| id.uuid()),
        assignment: row.assignment_id.map(|id| id.uuid()),
        subject_ref: row.subject_ref,
        payload: row.payload.0,
        commitment: commitment.transpose()?,
    })
}
