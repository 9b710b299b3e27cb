//! A batch: entries, the leaves that they are, the tree and the tiles that they make; read and reckoned outside the transaction that
//! numbers them, which then is short.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Halt, Stop};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::EntryId;
use crate::fault;
use crate::ledger::tile::{HEIGHT, TILE};
use crate::ledger::tree::{Frontier, Hash};
use crate::store::log::EntryRow;
use crate::store::seal::{self, LogRow, Tile};
use crate::store::{Conn, StoreError, Tx};

/// Entries of one transaction: some milliseconds.
pub(super) const BATCH: i64 = 2_000;

/// A batch that was numbered: the log after it, and when its entries happened.
pub(super) struct Numbered {
    pub log: LogRow,
    pub at: Vec<DateTime<Utc>>,
}

/// Entries with the tree that they make.
pub(super) struct Batch {
    log: LogRow,
    tree: Frontier,
    ids: Vec<EntryId>,
    at: Vec<DateTime<Utc>>,
    tiles: Vec<Tile>,
}

/// Numbers the next batch of a log; none where nothing is unsealed, or somebody else was first.
pub(super) async fn number(app: &App, no: i32) -> Result<Option<Numbered>, Halt> {
    let batch = app.db.read(move |conn| {
        // What is unsealed is read before the log's size: were it the other way round, another's batch in between would look like a hole.
        let rows = seal::unsealed(conn, BATCH)?;
        let log = seal::current(conn)?.filter(|log| log.no == no && log.ended_at.is_none());
        let Some(log) = log.filter(|_| !rows.is_empty()) else { return Ok(None) };
        let size = log.size;
        match Batch::of(conn, log, rows) {
            // A tile that does not fit the size that was read: it may be another's batch that came in between.
            Err(Halt::Stop(Stop::BadTree(_))) if seal::current(conn)?.is_none_or(|now| now.no != no || now.size != size) => {
                Ok(None)
            }
            other => other.map(Some),
        }
    });
    let Some(batch) = batch.await? else { return Ok(None) };
    fault::check("seal.before_number")?;
    let numbered = app.db.write(Actor::System, move |tx| {
        tx.without_entry("numbering entries is no event of its own");
        if batch.number(tx)? { Ok(batch) } else { Err(StoreError::Stale) }
    });
    let batch = match numbered.await {
        // Nothing of a batch stays that came too late.
        Err(StoreError::Stale) => return Ok(None),
        other => other?,
    };
    fault::point("seal.numbered");
    Ok(Some(Numbered { log: batch.after(), at: batch.at }))
}

impl Batch {
    /// The entries' leaves, and what they make of the log's tree.
    pub fn of(conn: &mut Conn, log: LogRow, rows: Vec<EntryRow>) -> Result<Self, Halt> {
        let mut tree = log.tree().map_err(bad_tree)?;
        let (mut ids, mut at) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        let mut nodes: BTreeMap<(u8, u64), Vec<Hash>> = BTreeMap::new();
        for row in rows {
            let id = row.id;
            ids.push(id);
            at.push(row.at.0);
            tree.append_noting(leaf_hash(row)?, |level, index, hash| {
                if level % HEIGHT == 0 {
                    nodes.entry((level / HEIGHT, index / TILE)).or_default().push(*hash);
                }
            });
        }
        let tiles = nodes.into_iter().map(|((level, index), added)| tile(conn, &log, (level, index), &added));
        let tiles = tiles.collect::<Result<_, Halt>>()?;
        Ok(Self { log, tree, ids, at, tiles })
    }

    /// Numbers them: `false` where somebody else was first.
    pub fn number(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        seal::number(tx, &self.log, &self.tree, &self.ids, &self.tiles)
    }

    /// The log after it.
    pub fn after(&self) -> LogRow {
        let size = i64::try_from(self.tree.size()).unwrap_or(i64::MAX);
        LogRow { size, root: self.tree.root().to_vec(), frontier: self.tree.to_bytes(), ..self.log.clone() }
    }
}

/// A tile with what is added to it.
fn tile(conn: &mut Conn, log: &LogRow, (level, index): (u8, u64), added: &[Hash]) -> Result<Tile, Halt> {
    let nodes_before = u64::try_from(log.size).unwrap_or_default() >> (u32::from(HEIGHT) * u32::from(level));
    let held = if nodes_before / TILE == index { nodes_before % TILE } else { 0 };
    let mut hashes = match held {
        0 => Vec::new(),
        _ => seal::tile(conn, log.no, level, index)?.unwrap_or_default(),
    };
    if hashes.len() as u64 != held * 32 {
        return Err(Stop::BadTree(format!("hash tile {index} of level {level} has {} bytes", hashes.len())).into());
    }
    hashes.extend(added.iter().flatten());
    Ok(Tile { level, index, hashes })
}

/// The hash of an entry's leaf.
///
/// # Errors
/// [`Stop::BadEntry`] for one that has none.
pub(super) fn leaf_hash(row: EntryRow) -> Result<Hash, Stop> {
    let id = row.id.uuid();
    let leaf = seal::leaf(row).map_err(|e| Stop::BadEntry(id, e.to_string()))?;
    leaf.hash().map_err(|e| Stop::BadEntry(id, e.to_string()))
}

pub(super) fn bad_tree(error: StoreError) -> Halt {
    match error {
        StoreError::Inconsistent(why) => Stop::BadTree(why).into(),
        other => other.into(),
    }
}
