//! `gaung ledger restart` and `gaung ledger adopt`: the two ways out where the database and the record of what was signed disagree.

use clap::Args;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::say;
use crate::cli::{Place, start};
use crate::service::seal::restart;

/// `gaung ledger restart`
#[derive(Debug, Args)]
pub struct Restart {
    /// Why, in one line; everybody who checks the log reads it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Restart {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        start::block_on(async {
            let restarted = restart::restart(&app, &self.reason).await?;
            say(&format!("The log {} begins. Its key:\n{}", restarted.origin, restarted.vkey));
            if let Some((origin, size)) = restarted.old {
                say(&format!("Its first entry names the last checkpoint of {origin}, of {size} entries"));
            }
            if let Some(kept) = restarted.kept {
                say(&format!("That checkpoint is kept in {}", kept.display()));
            }
            Ok(Outcome::Done)
        })
    }
}

/// `gaung ledger adopt`
#[derive(Debug, Args)]
pub struct Adopt {}

impl Adopt {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        start::block_on(async {
            let latest = restart::adopt(&app).await?;
            let file = app.config.ledger_record_file();
            say(&format!("{} now says that a tree of {} entries was signed last", file.display(), latest.size));
            Ok(Outcome::Done)
        })
    }
}
