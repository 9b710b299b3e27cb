//! The commands: what each is called and which flags every one takes. Each command is one file; this is the only floor that may call any other.

mod backup;
mod bench;
mod config;
mod demo;
mod doctor;
mod erase;
mod failure;
mod healthcheck;
mod import;
mod ledger;
mod mail;
mod metrics;
mod migrate;
mod output;
mod restore;
mod serve;
mod signals;
mod start;
mod user;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use failure::{Failure, Outcome};
pub use ledger::Directory;
pub use output::Format;

use crate::config::SecretUrl;

/// Coordinated, disclosed amplification for public institutions, with a log that an auditor can verify.
///
/// Exit codes: 0 done; 1 refused, or a fault in what was given; 2 a flag is wrong; 3 the configuration, the database or the machine is.
#[derive(Debug, Parser)]
#[command(name = "gaung", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which installation is meant. These flags win over the environment, which wins over the file, which wins over the defaults.
#[derive(Debug, Clone, Default, Args)]
pub struct Place {
    /// Reads settings from this TOML file; config/default.toml lists them all
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keeps the SQLite file, the generated secret and backups in this directory
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Uses this database: sqlite:PATH or postgres://user@host/database
    // A password in a flag is seen by every user of the machine: the help points to the file instead.
    #[arg(long, global = true, value_name = "URL", long_help = DATABASE_HELP)]
    pub database: Option<SecretUrl>,
}

const DATABASE_HELP: &str = "Uses this database: sqlite:PATH or postgres://user@host/database.\n\
    Others on this machine can see flags: a URL with a password belongs into GAUNG__DATABASE__URL or the file that \
    database.url_file names.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a believable institution's campaign with its clock sped up, then serves it to look around
    Demo(demo::Demo),
    /// Serves the pages and the API, and runs the scheduler and the mail
    Serve(serve::Serve),
    /// Runs the scheduler and the mail only; pages come from `gaung serve --no-jobs`
    Worker,
    /// Brings the database to this version's form
    Migrate(migrate::Migrate),
    /// Copies a SQLite database while it is in use
    Backup(backup::Backup),
    /// Looks at a copy, puts it in place, and holds dispatch until somebody lets it go on
    Restore(restore::Restore),
    /// After erasures: sweeps the files now, or erases again after a restore
    Erase(erase::Erase),
    /// Imports units, members, accounts, blocked targets or election freezes from a CSV file
    Import(import::Import),
    /// Console users
    #[command(subcommand)]
    User(user::Command),
    /// The mail by hand
    #[command(subcommand)]
    Mail(mail::Command),
    /// The sealed log: its keys, its export, whether it is whole
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// The settings in force
    #[command(subcommand)]
    Config(config::Command),
    /// Checks the installation and says what to do about what it finds
    Doctor(doctor::Doctor),
    /// Measures this build on this machine, beside a named peer or limit
    #[command(subcommand)]
    Bench(bench::Command),
    /// Asks a running `gaung serve` or worker on this machine whether it is alive
    Healthcheck(healthcheck::Healthcheck),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match cli.run() {
        Ok(outcome) => outcome.into(),
        Err(failure) => failure.report(),
    }
}

/// A wrong flag is 2 as everywhere, but not for `ledger verify`, whose 2 says something about a log.
fn refuse(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let words: Vec<_> = std::env::args().skip(1).take_while(|word| word != "verify").collect();
    let verifies = words.iter().any(|word| word == "ledger") && words.len() + 1 < std::env::args().len();
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        _ if verifies => ExitCode::from(3),
        _ => ExitCode::from(2),
    }
}

impl Cli {
    fn run(self) -> Result<Outcome, Failure> {
        let Self { place, command } = self;
        match command {
            Command::Demo(demo) => demo.run(&place),
            Command::Serve(serve) => serve.run(&place),
            Command::Worker => worker::run(&place),
            Command::Migrate(migrate) => migrate.run(&place),
            Command::Backup(backup) => backup.run(&place),
            Command::Restore(restore) => restore.run(&place),
            Command::Erase(erase) => erase.run(&place),
            Command::Import(import) => import.run(&place),
            Command::User(command) => command.run(&place),
            Command::Mail(command) => command.run(&place),
            Command::Ledger(command) => command.run(&place),
            Command::Config(command) => command.run(&place),
            Command::Doctor(doctor) => doctor.run(&place),
            Command::Bench(command) => command.run(&place),
            Command::Healthcheck(healthcheck) => healthcheck.run(&place),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn no_two_flags_of_a_command_clash() {
        Cli::command().debug_assert();
    }
}
