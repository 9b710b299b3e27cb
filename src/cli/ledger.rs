//! `gaung ledger`: the sealed log.

mod bar;
mod directory;
mod threads;
mod verify;

use clap::Subcommand;

pub use directory::Directory;

use super::Place;
use super::failure::{Failure, Outcome};
use bar::Bar;

/// `gaung ledger`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks an export, without a database and without a network
    Verify(verify::Verify),
}

impl Command {
    /// Runs it.
    pub fn run(&self, _place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Verify(verify) => verify.run(),
        }
    }
}
