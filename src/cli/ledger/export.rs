//! `gaung ledger export`: the log as files that are checked without this service.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use super::{Bar, Directory};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Format, say, say_json};
use crate::cli::{Place, start};
use crate::service::seal::export::{NotExported, export};

/// `gaung ledger export`
#[derive(Debug, Args)]
pub struct Export {
    /// The directory; made where it is missing, gone on with where it holds an earlier export
    dir: PathBuf,
    /// Exports this log of a database that began several; left out: the one that goes on
    #[arg(long, value_name = "NUMBER")]
    log: Option<i32>,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Export {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        let dir = Directory::create(&self.dir).map_err(|e| Failure::environment(format!("{}: {e}", self.dir.display())))?;
        let bar = Bar::new("entries");
        let exported = export(&app, &dir, self.log, |done, all| {
            bar.set(done, all);
            ControlFlow::Continue(())
        });
        bar.end();
        match exported {
            Ok(done) => match self.format {
                Format::Json => say_json(&done)?,
                Format::Text => say(&format!(
                    "{} of {}: {} entries, {} of them new\n`gaung ledger verify {}` checks them",
                    self.dir.display(),
                    done.origin,
                    done.size,
                    done.added,
                    self.dir.display()
                )),
            },
            Err(NotExported::Store(error)) => return Err(error.into()),
            Err(
                error @ (NotExported::Nothing | NotExported::NoLog(_) | NotExported::Other { .. } | NotExported::Broken { .. }),
            ) => {
                return Err(Failure::refused(error.to_string()));
            }
            Err(error) => return Err(Failure::environment(error.to_string())),
        }
        Ok(Outcome::Done)
    }
}
