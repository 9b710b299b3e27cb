//! The log as files: streamed from the database in short reads beside a running service, with flat memory, and gone on with after an
//! interruption.

use std::ops::ControlFlow;

use super::key;
use crate::app::App;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::export::{CHECKPOINT, CHECKPOINTS, ExportError, Place, Writer};
use crate::ledger::note::Note;
use crate::ledger::text::decimal;
use crate::store::seal::{self, CheckpointRow, KeyRow, LogRow};
use crate::store::{Conn, StoreError};

/// Entries of one read.
const ENTRIES: i64 = 2_000;
/// Checkpoints of one read.
const CHECKPOINTS_READ: i64 = 1_000;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// There is nothing yet.
    #[error("nothing was sealed yet, so there is nothing to export")]
    Nothing,
    /// No such log.
    #[error("there is no log {0}")]
    NoLog(i32),
    /// The directory holds another log, or a later state of this one.
    #[error("the directory holds {has} entries that are not the first {has} of this log: export into an empty directory")]
    Other {
        /// How many it holds.
        has: u64,
    },
    /// The log is not whole.
    #[error("entry {index} of the log: {why}; `gaung ledger reconcile` tells more")]
    Broken {
        /// Which, counted from 0.
        index: u64,
        /// What is wrong.
        why: String,
    },
    /// The files.
    #[error(transparent)]
    Files(#[from] ExportError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was asked to stop.
    #[error("stopped; the same command goes on from here")]
    Stopped,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// The log's name.
    pub origin: String,
    /// Entries in the directory.
    pub size: u64,
    /// Entries that were added now.
    pub added: u64,
    /// Older checkpoints that were added now.
    pub checkpoints: u64,
}

struct Head {
    log: LogRow,
    newest: CheckpointRow,
    keys: Vec<KeyRow>,
}

/// Writes the newest signed state of a log (`no`; none: the one that goes on) into a place. Blocks. `tell` hears how many entries of how
/// many are there, and may stop it.
///
/// # Errors
/// [`NotExported`].
pub fn export<P: Place>(
    app: &App,
    place: &P,
    no: Option<i32>,
    mut tell: impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Exported, NotExported> {
    let Head { log, newest, keys } = app.db.read_blocking(|conn| head(conn, no))?;
    let size = u64::try_from(newest.size).unwrap_or_default();
    let known = last_known(place)?;
    let before = place.read(CHECKPOINT).map_err(|why| ExportError::Io { path: CHECKPOINT.to_owned(), why })?;
    let before = before.and_then(|bytes| Checkpoint::parse(&bytes).ok()).map(|(checkpoint, _)| checkpoint.size);
    let mut writer = Writer::open(place)?;
    let had = writer.wants();
    let before = before.unwrap_or(0).max(had);
    let root = writer.root();
    let fits = had <= size && app.db.read_blocking(|conn| super::root_at(conn, &log, had))? == root;
    if !fits {
        return Err(NotExported::Other { has: had });
    }
    while writer.wants() < size {
        if tell(writer.wants(), size).is_break() {
            return Err(NotExported::Stopped);
        }
        add(app, &log, &mut writer, newest.size)?;
    }
    let checkpoints = older(app, &log, &writer, known, newest.size)?;
    let note = note_of(&newest)?;
    writer.finish(&note, &key::verifiers(&log.origin, &keys))?;
    let _ = tell(size, size);
    Ok(Exported { origin: log.origin, size, added: size.saturating_sub(before), checkpoints })
}

fn head(conn: &mut Conn, no: Option<i32>) -> Result<Head, NotExported> {
    let log = match no {
        None => seal::current(conn)?.ok_or(NotExported::Nothing)?,
        Some(no) => seal::logs(conn)?.into_iter().find(|log| log.no == no).ok_or(NotExported::NoLog(no))?,
    };
    let newest = seal::latest_within(conn, log.no, log.size)?.ok_or(NotExported::Nothing)?;
    let keys = seal::keys(conn)?;
    let signed = |key: &KeyRow| key.from_log <= log.no && key.until_log.is_none_or(|until| until >= log.no);
    Ok(Head { keys: keys.into_iter().filter(signed).collect(), newest, log })
}

/// The next entries, from one read.
fn add<P: Place>(app: &App, log: &LogRow, writer: &mut Writer<P>, size: i64) -> Result<(), NotExported> {
    let first = i64::try_from(writer.wants()).unwrap_or(i64::MAX);
    let end = size.min(first + ENTRIES);
    let rows = app.db.read_blocking(|conn| seal::sealed(conn, log.first_leaf + first, log.first_leaf + end))?;
    let mut rows = rows.into_iter();
    for index in first..end {
        let broken = |why: String| NotExported::Broken { index: u64::try_from(index).unwrap_or_default(), why };
        let row = rows.next().filter(|row| row.leaf_index == Some(log.first_leaf + index));
        let leaf = seal::leaf(row.ok_or_else(|| broken("it is missing".into()))?)?;
        writer.append(&leaf.encode().map_err(|e| broken(e.to_string()))?)?;
    }
    Ok(())
}

/// The size of the newest of the older checkpoints that are there already.
fn last_known<P: Place>(place: &P) -> Result<i64, NotExported> {
    let names = place.names(CHECKPOINTS).map_err(|why| ExportError::Io { path: CHECKPOINTS.to_owned(), why })?;
    let last = names.last().map(|name| name.trim_start_matches('0')).and_then(decimal);
    Ok(last.and_then(|size| i64::try_from(size).ok()).unwrap_or(0))
}

/// The checkpoints that were signed before the newest one, from after a size on.
fn older<P: Place>(app: &App, log: &LogRow, writer: &Writer<P>, after: i64, newest: i64) -> Result<u64, NotExported> {
    let (mut after, mut added) = (after, 0);
    loop {
        let rows = app.db.read_blocking(|conn| seal::checkpoints_after(conn, log.no, after, CHECKPOINTS_READ))?;
        let Some(last) = rows.last().map(|row| row.size) else { return Ok(added) };
        for row in rows.iter().filter(|row| row.size < newest) {
            writer.older(&note_of(row)?)?;
            added += 1;
        }
        if last >= newest {
            return Ok(added);
        }
        after = last;
    }
}

fn note_of(row: &CheckpointRow) -> Result<Note, NotExported> {
    let broken = |why: String| NotExported::Broken { index: u64::try_from(row.size).unwrap_or_default(), why };
    let (_, note) = Checkpoint::parse(row.note.as_bytes()).map_err(|e| broken(format!("the checkpoint there: {e}")))?;
    Ok(note)
}
