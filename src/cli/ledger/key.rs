//! `gaung ledger key`: what a verifier needs, and how one key takes another's place.

use clap::{Args, Subcommand};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, complain, say, say_json};
use crate::cli::{Place, start};
use crate::service::seal::key::{self, Known};

/// `gaung ledger key`
#[derive(Debug, Args)]
pub struct Key {
    /// How to show them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Puts a new key in the place of the one that signs; for a while (ledger.key_overlap_days) both do
    Rotate,
}

impl Key {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        start::block_on(async {
            if matches!(self.what, Some(What::Rotate)) {
                let rotated = key::rotate(&app).await?;
                let until = rotated.both_until.format("%F %T UTC");
                let whence = if rotated.made { "was made" } else { "was in the file already" };
                complain(&format!(
                    "The new key {whence}; the old one signs beside it until {until}. Give all replicas the same file"
                ));
                complain(&format!(
                    "Keep a copy of {}: it is in no backup of the database",
                    app.config.ledger_key_file().display()
                ));
            }
            let known = app.db.read(key::known).await?;
            match self.format {
                Format::Json => say_json(&known)?,
                Format::Text if known.is_empty() => {
                    complain("Nothing was sealed yet: the first key is made with the first checkpoint")
                }
                Format::Text => known.iter().for_each(|key| say(&line(key))),
            }
            Ok(Outcome::Done)
        })
    }
}

/// A key in one line: the vkey first, so that it can be cut off.
fn line(key: &Known) -> String {
    let from = format!("from size {}", key.from_size);
    match (key.until_size, key.retires_at) {
        (Some(until), _) => format!("{}  former: {from} to size {until}", key.vkey),
        (None, Some(at)) => format!("{}  leaving: {from}; signs until {}", key.vkey, at.format("%F %T UTC")),
        (None, None) => format!("{}  signs: {from}", key.vkey),
    }
}
