//! `gaung mail`: the mail by hand.

mod dkim_key;

use clap::Subcommand;

use super::Place;
use super::failure::{Failure, Outcome};

/// `gaung mail`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a key that signs mail (DKIM) and says what to publish in DNS
    DkimKey(dkim_key::DkimKey),
}

impl Command {
    /// Runs it.
    pub fn run(&self, _place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::DkimKey(dkim_key) => dkim_key.run(),
        }
    }
}
