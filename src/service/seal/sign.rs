//! Signing the tree as it stands: the record first, then the checkpoint where everybody can see it.

use super::batch::bad_tree;
use super::key;
use super::record::{self, Held};
use super::sweep::agrees;
use super::{Halt, off};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::fault;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::Signer;
use crate::store::StoreError;
use crate::store::seal::{self, CheckpointRow};
use crate::store::types::At;

/// Signs the current log's tree. Whatever dies on the way: the record is never behind what anybody can see, and the next sweep signs the
/// same tree, or a larger one that begins with it.
pub(super) async fn sign(app: &App, signers: &[Signer]) -> Result<(), Halt> {
    let path = record::path(&app.config);
    let (held, record) = off(move || {
        let held = Held::take(&path)?;
        let record = held.read()?;
        Ok((held, record))
    })
    .await?;
    let Some(log) = app.db.read(seal::current).await? else { return Ok(()) };
    // The file may have been shared with a process that signed meanwhile; whatever is there must be gone on from.
    agrees(app, record).await?;
    let tree = log.tree().map_err(bad_tree)?;
    let checkpoint = Checkpoint::new(&log.origin, tree.size(), tree.root());
    fault::check("seal.before_sign")?;
    let note =
        String::from_utf8(checkpoint.signed(signers, 0).to_bytes()).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    let signed_at = At(app.clock.now());
    let row = CheckpointRow { log_no: log.no, size: log.size, root: log.root.clone(), note: note.clone(), signed_at };
    let held = off(move || held.write(&note).map(|()| held)).await?;
    fault::check("seal.signed")?;
    let told = app.db.write(Actor::System, move |tx| {
        tx.without_entry("a checkpoint is made of the log and is no part of it");
        let known = seal::keys(tx.conn)?;
        key::note_former(tx, &known, &log)?;
        seal::signed(tx, &row)
    });
    match told.await {
        // Another replica told the same tree at the same instant.
        Ok(_) | Err(StoreError::Taken(_)) => {}
        Err(error) => return Err(error.into()),
    }
    fault::point("seal.committed");
    drop(held);
    Ok(())
}
