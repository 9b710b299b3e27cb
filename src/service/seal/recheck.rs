//! Reading the log anew, a little at every beat: each entry's leaf is made again from its row and compared with the tile that was sealed;
//! at the end of a round the tree that came of it is compared with the signed checkpoint.

use chrono::TimeDelta;
use serde_json::json;

use super::batch::leaf_hash;
use super::key;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::tile::TILE;
use crate::ledger::tree::{Frontier, Hash};
use crate::service::dispatch::Progress;
use crate::service::error::ServiceError;
use crate::store::seal::{self, CheckRow, LogRow};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError};

/// Entries of one beat: some ten milliseconds.
const BATCH: u64 = 2_048;

/// What one beat came to.
enum Came {
    /// The round goes on from here.
    On { before: Vec<u8>, tree: Frontier },
    /// The round found nothing.
    Sound { size: i64 },
    /// This entry of the log is not what was sealed.
    Broken { leaf: i64, why: String },
}

/// Reads some of the log that goes on anew. Bounded; where it is, is kept.
///
/// # Errors
/// The database's failure.
pub async fn recheck(app: &App) -> Result<Progress, ServiceError> {
    let every = TimeDelta::hours(app.config.ledger.check_every_h.into());
    if every.is_zero() {
        return Ok(Progress::default());
    }
    let now = app.clock.now();
    let found = app.db.read(move |conn| {
        let Some(log) = seal::current(conn)? else { return Ok(None) };
        let check = seal::check_of(conn, log.no)?;
        let due = check.as_ref().is_none_or(|check| {
            let ended = check.sound_at.unwrap_or(check.began_at).max(check.began_at).0;
            // After a clock that was ahead, too.
            check.target == 0 && (now - ended >= every || ended > now)
        });
        let target = seal::latest(conn, log.no)?.map_or(0, |latest| latest.size);
        Ok::<_, StoreError>(Some((log, check, due.then_some(target).filter(|target| *target > 0))))
    });
    let Some((log, check, begin)) = found.await? else { return Ok(Progress::default()) };
    let no = log.no;
    let check = match (begin, check) {
        (Some(target), seen) => {
            let begun = app.db.write(Actor::System, move |tx| {
                tx.without_entry("looking changes nothing");
                seal::begin_check(tx, no, target, seen.as_ref())?;
                seal::check_of(tx.conn, no)
            });
            begun.await?
        }
        (None, check) => check,
    };
    let Some(check) = check.filter(|check| check.target > 0) else { return Ok(Progress::default()) };
    let came = app.db.read(move |conn| go_on(conn, &log, check)).await?;
    keep(app, no, came).await
}

/// Takes the round on by one batch.
fn go_on(conn: &mut Conn, log: &LogRow, check: CheckRow) -> Result<Came, StoreError> {
    let target = u64::try_from(check.target).unwrap_or_default();
    let mut tree = Frontier::from_bytes(&check.frontier).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    let first = tree.size();
    let end = target.min(first + BATCH);
    if let Err((leaf, why)) = compare(conn, log, (first, end), &mut tree)? {
        return Ok(Came::Broken { leaf: i64::try_from(leaf).unwrap_or(i64::MAX), why });
    }
    if end < target {
        return Ok(Came::On { before: check.frontier, tree });
    }
    let size = check.target;
    match checkpoint_fits(conn, log, &tree)? {
        Ok(()) => Ok(Came::Sound { size }),
        Err(why) => Ok(Came::Broken { leaf: size, why }),
    }
}

/// A finding: the first entry that is not what was sealed, and what was found there.
pub(super) type Finding = (u64, String);

/// Makes the leaves of a log's entries from `first` to `end` (exclusive) again, compares each with its tile, and appends it to `tree`.
pub(super) fn compare(
    conn: &mut Conn,
    log: &LogRow,
    (first, end): (u64, u64),
    tree: &mut Frontier,
) -> Result<Result<(), Finding>, StoreError> {
    let global = |index: u64| log.first_leaf + i64::try_from(index).unwrap_or(i64::MAX);
    let rows = seal::sealed(conn, global(first), global(end))?;
    let mut rows = rows.into_iter().peekable();
    let mut tile: (u64, Vec<Hash>) = (u64::MAX, Vec::new());
    for index in first..end {
        if tile.0 != index / TILE {
            let bytes = seal::tile(conn, log.no, 0, index / TILE)?.unwrap_or_default();
            tile = (index / TILE, bytes.as_chunks::<32>().0.to_vec());
        }
        let Some(row) = rows.next_if(|row| row.leaf_index == Some(global(index))) else {
            return Ok(Err((index, "the entry is missing".into())));
        };
        let id = row.id;
        let leaf = match leaf_hash(row) {
            Ok(leaf) => leaf,
            Err(stop) => return Ok(Err((index, stop.to_string()))),
        };
        let sealed = usize::try_from(index % TILE).ok().and_then(|at| tile.1.get(at));
        if sealed != Some(&leaf) {
            return Ok(Err((index, format!("the entry {id} is not what was sealed"))));
        }
        tree.append(leaf);
    }
    Ok(Ok(()))
}

/// Whether the signed checkpoint of this size names this tree.
pub(super) fn checkpoint_fits(conn: &mut Conn, log: &LogRow, tree: &Frontier) -> Result<Result<(), String>, StoreError> {
    let size = i64::try_from(tree.size()).unwrap_or(i64::MAX);
    let Some(row) = seal::checkpoint_at(conn, log.no, size)? else {
        return Ok(Err(format!("the checkpoint of {size} entries is missing")));
    };
    let keys = key::verifiers(&log.origin, &seal::keys(conn)?);
    Ok(match Checkpoint::open(row.note.as_bytes(), &log.origin, &keys) {
        Ok((checkpoint, _)) if checkpoint.size == tree.size() && checkpoint.root == tree.root() => Ok(()),
        Ok(_) => Err(format!("the first {size} entries are not those of the signed checkpoint")),
        Err(error) => Err(format!("the checkpoint of {size} entries can't be believed: {error}")),
    })
}

async fn keep(app: &App, no: i32, came: Came) -> Result<Progress, ServiceError> {
    let done = u64::from(matches!(came, Came::On { .. }));
    if let Came::Broken { leaf, why } = &came {
        tracing::error!(entry = leaf, %why, "the log is not what was sealed");
    }
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("looking changes nothing");
            match came {
                Came::On { before, tree } => seal::go_on(tx, no, &before, &tree.to_bytes()),
                Came::Sound { size } => seal::sound(tx, no, size),
                Came::Broken { leaf, why } => {
                    if seal::broke(tx, no, leaf, &why)? {
                        tx.record(NewEntry::new(EventKind::LedgerBroken).payload(json!({ "log": no, "entry": leaf })));
                    }
                    Ok(())
                }
            }
        })
        .await?;
    Ok(Progress { done, failed: 0 })
}
