//! `gaung ledger`: the sealed log.

mod bar;
mod directory;
mod export;
mod key;
mod reconcile;
mod remote;
mod restart;
mod sample;
mod threads;
mod verify;
mod witness;

use clap::Subcommand;

pub use directory::Directory;
pub(super) use threads::Threads;

use super::Place;
use super::failure::{Failure, Outcome};
use bar::Bar;

/// `gaung ledger`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks an export, without a database and without a network
    Verify(verify::Verify),
    /// Draws a sample from an export, by a checkpoint and a public value, and compares it with what the log says was drawn
    Sample(sample::Sample),
    /// Cosigns checkpoints for others after checking that each continues what was cosigned before: run by an auditor, apart from the log
    Witness(witness::Run),
    /// Shows the keys that verifiers need, or puts a new one in the place of the one that signs
    Key(key::Key),
    /// Writes the log as files that anybody checks without this service; beside a running one, and gone on with after an interruption
    Export(export::Export),
    /// Compares the log with the database: sealed entries with their rows, completions with their entries
    Reconcile(reconcile::Reconcile),
    /// Begins a new log under a new name, whose first entry names the old one's last checkpoint: for a database that lost what was signed
    Restart(restart::Restart),
    /// Says that this database's newest checkpoint is the last that was signed: on a new replica, which has no record of its own
    Adopt(restart::Adopt),
}

impl Command {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Sample(sample) => sample.run(),
            Self::Witness(witness) => witness.run(),
            Self::Key(key) => key.run(place),
            Self::Export(export) => export.run(place),
            Self::Reconcile(reconcile) => reconcile.run(place),
            Self::Restart(restart) => restart.run(place),
            Self::Adopt(adopt) => adopt.run(place),
        }
    }
}
