//! `gaung ledger reconcile`: whether the database is still what was sealed.

use std::ops::ControlFlow;

use clap::Args;

use super::Bar;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, say, say_json};
use crate::cli::{Place, start};
use crate::service::seal::reconcile::reconcile;

/// `gaung ledger reconcile`
#[derive(Debug, Args)]
pub struct Reconcile {
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Reconcile {
    /// Runs it: 0 where all agrees, 1 where something does not, 3 where the database can't be read.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        let bar = Bar::new("entries");
        let done = reconcile(&app, |done, all| {
            bar.set(done, all);
            ControlFlow::Continue(())
        });
        bar.end();
        let done = done?;
        match (&done.finding, self.format) {
            (_, Format::Json) => say_json(&done)?,
            (None, Format::Text) => {
                say(&format!("{} entries and {} checkpoints agree with the database", done.entries, done.checkpoints));
            }
            (Some(finding), Format::Text) => {
                let place = match (&finding.log, finding.index) {
                    (Some(log), Some(index)) => format!("{log}, entry {index}: "),
                    _ => String::new(),
                };
                say(&format!("{place}{}", finding.what));
            }
        }
        Ok(if done.finding.is_none() { Outcome::Done } else { Outcome::Faulty })
    }
}
