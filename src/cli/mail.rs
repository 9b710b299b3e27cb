//! `gaung mail`: the mail by hand.

mod dkim_key;
mod preview;
mod receive;

use clap::Subcommand;

use super::Place;
use super::failure::{Failure, Outcome};

/// `gaung mail`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes every message with made-up facts into files to look at; sends nothing
    Preview(preview::Preview),
    /// Makes a key that signs mail (DKIM) and says what to publish in DNS
    DkimKey(dkim_key::DkimKey),
    /// Takes in a message that came back, from the standard input: a mail server pipes it here
    Receive(receive::Receive),
}

impl Command {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        match self {
            Self::Preview(preview) => preview.run(place),
            Self::DkimKey(dkim_key) => dkim_key.run(),
            Self::Receive(receive) => receive.run(place),
        }
    }
}
