//! `gaung mail`: the mail by hand.

mod receive;

use clap::Subcommand;

use super::Place;
use super::failure::{Failure, Outcome};

/// `gaung mail`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Takes in a message that came back, from the standard input: a mail server pipes it here
    Receive(receive::Receive),
}

impl Command {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Receive(receive) => receive.run(place),
        }
    }
}
