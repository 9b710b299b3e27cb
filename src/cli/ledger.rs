//! `gaung ledger`: the sealed log.

mod bar;
mod directory;
mod remote;
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
    /// Cosigns checkpoints for others after checking that each continues what was cosigned before: run by an auditor, apart from the log
    Witness(witness::Run),
}

impl Command {
    /// Runs it.
    pub fn run(&self, _place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Witness(witness) => witness.run(),
        }
    }
}
