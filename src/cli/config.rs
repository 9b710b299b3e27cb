//! `gaung config check`: the settings in force, secrets masked, or what is wrong with them.

use clap::{Args, Subcommand};

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, start};

/// `gaung config`
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prints the settings in force, with secrets masked; makes and changes nothing
    Check(Check),
}

/// `gaung config check`
#[derive(Debug, Args)]
pub struct Check {
    /// How to print them: TOML that could be a configuration file, or JSON
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Command {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let Self::Check(check) = self;
        let config = start::config(place, None)?;
        start::log_filter(&config)?;
        match check.format {
            Format::Json => say_json(&config.masked_json())?,
            Format::Text => say(config.masked_toml().trim_end()),
        }
        Ok(Outcome::Done)
    }
}
