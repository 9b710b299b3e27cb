//! Receipts: that one entry is in the log, as a file that proves it without this service (C2SP tlog-proof).

use super::root_at;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, EntryId};
use crate::ledger::note::Note;
use crate::ledger::proof::Proof;
use crate::ledger::tree::{OutOfTree, inclusion_proof, verify_inclusion};
use crate::service::error::ServiceError;
use crate::store::log::{self, EntryRow, LogQuery};
use crate::store::seal::{self, Tiles};
use crate::store::{Conn, StoreError};

/// A receipt's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its bytes: a `.tlog-proof` with the entry's own bytes in its `extra` line.
    pub bytes: Vec<u8>,
    /// The entry.
    pub entry: EntryId,
    /// Its place in its log, counted from 0.
    pub index: u64,
}

/// The receipt of an entry; none while it is not sealed.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is no such entry; [`ServiceError::Internal`] where the log is not whole.
pub(in crate::service) fn of_entry(conn: &mut Conn, id: EntryId) -> Result<Option<Receipt>, ServiceError> {
    let rows = log::list(conn, &LogQuery { id: Some(id), ..LogQuery::default() }, 1)?;
    let row = rows.into_iter().next().ok_or(ServiceError::NotFound("the log entry"))?;
    Ok(receipt(conn, row)?)
}

fn receipt(conn: &mut Conn, row: EntryRow) -> Result<Option<Receipt>, StoreError> {
    let Some(leaf) = row.leaf_index else { return Ok(None) };
    let Some(log) = seal::log_of(conn, leaf)? else { return Ok(None) };
    let (entry, index) = (row.id, leaf - log.first_leaf);
    // The newest: who keeps it keeps the most.
    let Some(checkpoint) = seal::latest_within(conn, log.no, log.size)? else { return Ok(None) };
    if checkpoint.size <= index {
        return Ok(None);
    }
    let (index, size) = (u64::try_from(index).unwrap_or_default(), u64::try_from(checkpoint.size).unwrap_or_default());
    let wrong = |why: String| StoreError::Inconsistent(format!("no receipt for entry {index}: {why}"));
    let hashes = inclusion_proof(&Tiles::of(conn, log.no), index, size).map_err(|error| match error {
        OutOfTree::Nodes(error) => error,
        error => wrong(error.to_string()),
    })?;
    let leaf = seal::leaf(row)?;
    let bytes = leaf.encode().map_err(|e| wrong(e.to_string()))?;
    let root = root_at(conn, &log, size)?;
    // A receipt that proves nothing is worse than none.
    let hash = leaf.hash().map_err(|e| wrong(e.to_string()))?;
    verify_inclusion(index, size, &hash, &hashes, &root).map_err(|e| wrong(e.to_string()))?;
    let checkpoint = Note::parse(checkpoint.note.as_bytes()).map_err(|e| wrong(e.to_string()))?;
    let proof = Proof { extra: Some(bytes), index, hashes, checkpoint };
    Ok(Some(Receipt { bytes: proof.to_bytes(), entry, index }))
}

/// The receipt of the newest completion of an assignment: none while it is not sealed, or where nothing was completed. Whose it is, is
/// for the caller of this function to check.
///
/// # Errors
/// The database's failure.
pub(in crate::service) fn of_completion(conn: &mut Conn, id: AssignmentId) -> Result<Option<Receipt>, ServiceError> {
    let kinds = vec![EventKind::AssignmentDone];
    let rows = log::list(conn, &LogQuery { assignment_id: Some(id), kinds, ..LogQuery::default() }, 1)?;
    match rows.into_iter().next() {
        Some(row) => Ok(receipt(conn, row)?),
        None => Ok(None),
    }
}

/// The receipt of an entry that the caller may read; none while it is not sealed.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or outside the caller's reach.
pub async fn for_reader(app: &App, caller: &crate::service::Caller, id: EntryId) -> Result<Option<Receipt>, ServiceError> {
    crate::service::log::get(app, caller, id).await?;
    app.db.read(move |conn| of_entry(conn, id)).await
}
