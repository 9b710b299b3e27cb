//! What commands write: results on stdout, everything else on stderr. A reader that went away is no error.

use std::io::Write as _;

use clap::ValueEnum;
use serde::Serialize;

use super::failure::Failure;

/// For whom a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: one JSON value
    Json,
}

/// A line of the result.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line for whoever watches.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The result as JSON.
pub fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::Environment(e.into()))?;
    say(&text);
    Ok(())
}
