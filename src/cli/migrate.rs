//! `gaung migrate`: brings the database to this version's form. SQLite is copied first.

use clap::Args;
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, start};

/// `gaung migrate`
#[derive(Debug, Args)]
pub struct Migrate {
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Migrate {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let config = start::config(place, None)?;
        start::log(&config)?;
        let app = start::build(config)?;
        let migrated = start::migrate_now(&app)?;
        if self.format == Format::Json {
            say_json(&json!({ "applied": migrated.applied, "backup": migrated.backup }))?;
            return Ok(Outcome::Done);
        }
        if let Some(backup) = &migrated.backup {
            say(&format!("The database as it was is in {}", backup.display()));
        }
        match migrated.applied.as_slice() {
            [] => say("The database is in this version's form already"),
            applied => say(&format!("Applied {} migration(s): {}", applied.len(), applied.join(", "))),
        }
        Ok(Outcome::Done)
    }
}
