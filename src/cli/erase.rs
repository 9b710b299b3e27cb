//! `gaung erase`: what an operator does about erasures: sweeps the database's files now, or erases again after a restore. Whom to erase
//! is decided by the person, or at the desk.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, start};
use crate::service::{Caller, erase};

/// `gaung erase`
#[derive(Debug, Args)]
pub struct Erase {
    /// Erases again whom this list names and this database still knows: erasures.list of the data directory, or a copy of it
    #[arg(long, value_name = "FILE")]
    again: Option<PathBuf>,
    /// Finishes every erasure now: writes a SQLite database anew, so that its files hold nothing that was deleted; writing waits meanwhile
    #[arg(long, required_unless_present = "again")]
    sweep: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Erase {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        // A list that can't be read changes nothing.
        let ids = match &self.again {
            None => None,
            Some(path) => {
                let failed = || format!("{} can't be used", path.display());
                let list = std::fs::File::open(path).with_context(failed).map_err(Failure::Environment)?;
                let read = erase::read_list(std::io::BufReader::new(list));
                Some(read.map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?)
            }
        };
        start::block_on(async {
            let again = match ids {
                Some(ids) => Some(erase::again(&app, &Caller::Operator, ids).await?),
                None => None,
            };
            // Alone on SQLite: a running service sweeps by itself, and only it may write.
            let finished = if self.sweep || again.is_some() { erase::sweep_now(&app).await? } else { 0 };
            match self.format {
                Format::Json => say_json(&json!({ "again": again, "finished": finished }))?,
                Format::Text => {
                    if let Some(again) = again {
                        say(&format!("erased again: {}; gone already, or never here: {}", again.erased, again.gone));
                    }
                    say(&format!("finished: {finished}"));
                }
            }
            Ok(Outcome::Done)
        })
    }
}
