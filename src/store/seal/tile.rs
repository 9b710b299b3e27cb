//! Hash tiles (C2SP tlog-tiles): 256 hashes of one level side by side, so that a proof reads a few rows, whatever the log's length.

use std::cell::RefCell;
use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Integer};

use crate::ledger::tree::{Hash, Hashes, node_hash};
use crate::store::db::Conn;
use crate::store::error::StoreError;
use crate::store::schema::ledger_tiles;
use crate::store::tx::Tx;

/// A tile, full or at the tree's right edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Its level: the hashes of level `l` are roots of complete subtrees of 256^l leaves.
    pub level: u8,
    /// Its place in the level.
    pub index: u64,
    /// Its hashes side by side, from 1 to 256.
    pub hashes: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = ledger_tiles)]
struct TileRow {
    log_no: i32,
    level: i32,
    idx: i64,
    hashes: Vec<u8>,
}

/// Stores tiles, in place of what they were at the right edge before.
///
/// # Errors
/// The database's failure.
pub fn put_tiles(tx: &mut Tx<'_>, log_no: i32, tiles: &[Tile]) -> Result<(), StoreError> {
    let idx = |tile: &Tile| i64::try_from(tile.index).unwrap_or(i64::MAX);
    match tx.conn {
        Conn::Pg(conn) => {
            diesel::sql_query(
                "INSERT INTO ledger_tiles (log_no, level, idx, hashes) SELECT $1, v.* FROM unnest($2, $3, $4) AS v(level, idx, hashes) \
                 ON CONFLICT (log_no, level, idx) DO UPDATE SET hashes = excluded.hashes",
            )
            .bind::<Integer, _>(log_no)
            .bind::<Array<Integer>, _>(tiles.iter().map(|tile| i32::from(tile.level)).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(tiles.iter().map(idx).collect::<Vec<_>>())
            .bind::<Array<Binary>, _>(tiles.iter().map(|tile| tile.hashes.as_slice()).collect::<Vec<_>>())
            .execute(conn)?;
        }
        Conn::Lite(conn) => {
            let rows = tiles.iter().map(|tile| TileRow {
                log_no,
                level: tile.level.into(),
                idx: idx(tile),
                hashes: tile.hashes.clone(),
            });
            let rows: Vec<TileRow> = rows.collect();
            diesel::replace_into(ledger_tiles::table).values(&rows).execute(conn)?;
        }
    }
    Ok(())
}

/// The hashes of a tile of a log; none where it has no such tile.
///
/// # Errors
/// The database's failure.
pub fn tile(conn: &mut Conn, log_no: i32, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    let found = ledger_tiles::table.find((log_no, i32::from(level), index)).select(ledger_tiles::hashes);
    Ok(found.first(conn).optional()?)
}

/// The nodes of a log's tree, read from its tiles; each tile once.
pub struct Tiles<'c> {
    conn: RefCell<&'c mut Conn>,
    log_no: i32,
    read: RefCell<HashMap<(u8, u64), Vec<u8>>>,
}

impl<'c> Tiles<'c> {
    /// Of this log.
    pub fn of(conn: &'c mut Conn, log_no: i32) -> Self {
        Self { conn: RefCell::new(conn), log_no, read: RefCell::default() }
    }

    fn hashes(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let mut read = self.read.borrow_mut();
        let bytes = match read.entry((level, index)) {
            std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let found = tile(&mut self.conn.borrow_mut(), self.log_no, level, index)?;
                place.insert(found.ok_or_else(|| missing(level, index))?)
            }
        };
        Ok(bytes.as_chunks::<32>().0.to_vec())
    }
}

fn missing(level: u8, index: u64) -> StoreError {
    StoreError::Inconsistent(format!("hash tile {index} of level {level} is missing or too short"))
}

impl Hashes for Tiles<'_> {
    type Error = StoreError;

    fn node(&self, level: u8, index: u64) -> Result<Hash, StoreError> {
        let (tile_level, height) = (level / 8, level % 8);
        let first = index << height;
        let hashes = self.hashes(tile_level, first >> 8)?;
        let from = usize::try_from(first & 0xff).unwrap_or_default();
        let mut nodes = hashes.get(from..from + (1 << height)).ok_or_else(|| missing(tile_level, first >> 8))?.to_vec();
        while nodes.len() > 1 {
            nodes = nodes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        }
        nodes.pop().ok_or_else(|| missing(tile_level, first >> 8))
    }
}
