//! `gaung restore`: looks at a copy before it is needed, puts it in place, holds dispatch afterwards, and lets it go on.

mod place;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use clap::{ArgGroup, Args};

use super::failure::{Failure, Outcome};
use super::output::{Format, complain, say, say_json};
use super::{Place, start};
use crate::app::{self, App};
use crate::clock::SteadyClock;
use crate::config::DatabaseUrl;
use crate::domain::actor::Actor;
use crate::service::heartbeat;
use crate::service::restore::{self, HoldRow};
use crate::service::seal::why_not;
use crate::store::snapshot::{self, Report};

/// A scheduler that ticked less long ago than this may be running ...
const RECENT: TimeDelta = TimeDelta::seconds(60);
/// ... and does if it ticks again within this time.
const WATCHED: Duration = Duration::from_secs(5);

/// `gaung restore`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["check", "to", "after_pitr", "release"])))]
pub struct Restore {
    /// A copy that `gaung backup` made
    #[arg(value_name = "FILE", conflicts_with_all = ["after_pitr", "release"])]
    file: Option<PathBuf>,
    /// Looks at the copy, or without FILE at the database in use, and changes nothing
    #[arg(long)]
    check: bool,
    /// Puts the copy into this data directory, in place of the database there, which is kept aside; dispatch is held afterwards
    #[arg(long, value_name = "DATA_DIR", requires = "file")]
    to: Option<PathBuf>,
    /// Holds dispatch on a database that was brought back in any other way, such as PostgreSQL to a point in time
    #[arg(long)]
    after_pitr: bool,
    /// Lets dispatch go on: mails in doubt stay unknown until somebody decides about each
    #[arg(long)]
    release: bool,
    /// Looks at the structure only: not every index, and no promise
    #[arg(long)]
    quick: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Restore {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        match (&self.to, &self.file) {
            (Some(data_dir), Some(file)) => self.put_in_place(place, file, data_dir),
            _ if self.check => self.look(place),
            _ if self.after_pitr => self.after_pitr(place),
            _ => self.release(place),
        }
    }

    fn look(&self, place: &Place) -> Result<Outcome, Failure> {
        let report = match &self.file {
            Some(file) => read_copy(file, self.quick)?,
            None => {
                let config = start::config(place, None)?;
                start::log(&config)?;
                if let DatabaseUrl::Sqlite(path) = config.database_url()?
                    && !path.exists()
                {
                    return Err(Failure::refused(format!("there is no database {}", path.display())));
                }
                snapshot::look_at(&app::database(&config, SteadyClock::shared())?, self.quick)?
            }
        };
        match self.format {
            Format::Json => say_json(&report)?,
            Format::Text => print(&report),
        }
        Ok(if report.is_sound() { Outcome::Done } else { Outcome::Faulty })
    }

    fn put_in_place(&self, place: &Place, file: &Path, data_dir: &Path) -> Result<Outcome, Failure> {
        let report = read_copy(file, self.quick)?;
        if !report.is_sound() {
            print(&report);
            return Err(Failure::refused(format!("{} is not sound; nothing was changed", file.display())));
        }
        let placed = place::put(place, file, data_dir)?;
        match self.format {
            Format::Json => say_json(&serde_json::json!({
                "database": placed.database, "kept_aside": placed.aside, "hold": hold_json(&placed.hold),
            }))?,
            Format::Text => {
                say(&format!("{} is in place", placed.database.display()));
                for aside in &placed.aside {
                    say(&format!("kept aside   {}", aside.display()));
                }
                tell(&placed.hold);
            }
        }
        if placed.has_new_secret {
            complain(
                "There was no secret.key in that directory, so a new one was made: put the old one back, or every link in a mail that was sent opens nothing",
            );
        }
        Ok(Outcome::Done)
    }

    fn after_pitr(&self, place: &Place) -> Result<Outcome, Failure> {
        let config = start::config(place, None)?;
        start::log(&config)?;
        let app = start::build(config)?;
        start::bring_up_to_date(&app)?;
        let hold = start::block_on(async {
            let last = heartbeat::last_tick(&app).await?;
            if last.is_some_and(|at| (app.clock.now() - at).abs() < RECENT) {
                // One that was stopped leaves its last beat behind; one that runs beats again.
                tokio::time::sleep(WATCHED).await;
                if heartbeat::last_tick(&app).await? != last {
                    return Err(Failure::refused(
                        "a scheduler ticks on this database: stop every `gaung serve` and `gaung worker`, and run this again",
                    ));
                }
            }
            Ok(restore::hold(&app).await?)
        })?;
        tell_log(&app);
        self.report(&hold)
    }

    fn release(&self, place: &Place) -> Result<Outcome, Failure> {
        let app = start::app(place)?;
        let hold = start::block_on(async { Ok(restore::release(&app, Actor::Operator).await?) })?;
        tell_log(&app);
        match self.format {
            Format::Json => say_json(&hold_json(&hold))?,
            Format::Text => {
                say("Dispatch goes on. Mails in doubt stay unknown: each campaign's delivery page decides about them")
            }
        }
        Ok(Outcome::Done)
    }

    fn report(&self, hold: &HoldRow) -> Result<Outcome, Failure> {
        match self.format {
            Format::Json => say_json(&hold_json(hold))?,
            Format::Text => tell(hold),
        }
        Ok(Outcome::Done)
    }
}

fn read_copy(file: &Path, quick: bool) -> Result<Report, Failure> {
    if !file.is_file() {
        return Err(Failure::refused(format!("there is no file {}", file.display())));
    }
    Ok(snapshot::look_at_file(file, quick)?)
}

fn hold_json(hold: &HoldRow) -> serde_json::Value {
    serde_json::json!({
        "id": hold.id, "rows_from": hold.rows_from.map(|at| at.0), "began_at": hold.began_at.0, "mails_unknown": hold.mails_unknown,
        "waves_held": hold.waves_held, "campaigns_paused": hold.campaigns_paused, "occurrences_held": hold.occurrences_held,
        "reminders_dropped": hold.reminders_dropped,
    })
}

/// Whether the log goes on to be sealed: a restored one usually has less than was signed.
fn tell_log(app: &App) {
    if let Ok(Some(stop)) = why_not(&app.db, &app.config, app.clock.now()) {
        complain(&format!("The log is not sealed: {stop}"));
    }
}

fn tell(hold: &HoldRow) {
    let from = hold.rows_from.map_or_else(|| "an unknown time".to_owned(), |at| at.0.format("%F %T UTC").to_string());
    say(&format!("Dispatch is held. The rows are from {from}; what may have been sent since is marked:"));
    for (what, count) in [
        ("mails whose fate is unknown", hold.mails_unknown),
        ("waves held, which may have opened", hold.waves_held),
        ("campaigns paused in the middle of a wave", hold.campaigns_paused),
        ("occurrences of schedules held, which may have happened", hold.occurrences_held),
        ("reminders left out, which may have been sent", hold.reminders_dropped),
    ] {
        say(&format!("{count:>10}  {what}"));
    }
    say("Nothing is sent and no wave opens until `gaung restore --release`; docs/operating.md says what to look at before");
}

/// The report for people.
pub fn print(report: &Report) {
    let at =
        |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or_else(|| "-".to_owned(), |at| at.format("%F %T UTC").to_string());
    match &report.integrity {
        None => say("structure    left to PostgreSQL"),
        Some(faults) if faults.is_empty() => say("structure    no fault"),
        Some(faults) => faults.iter().for_each(|fault| say(&format!("structure    FAULT: {fault}"))),
    }
    let migrations = &report.migrations;
    say(&format!(
        "migrations   {} applied, {} missing, {} unknown to this version",
        migrations.applied,
        migrations.missing.len(),
        migrations.unknown.len()
    ));
    if report.foreign_keys > 0 {
        say(&format!("references   FAULT: {} rows point at nothing", report.foreign_keys));
    }
    say(&format!("copied       {}", at(report.copied_at)));
    say(&format!("last tick    {}", at(report.last_tick)));
    if let Some(entry) = &report.last_entry {
        say(&format!("last entry   {} {} {}", at(Some(entry.at)), entry.kind, entry.id));
    }
    if report.held {
        say("dispatch     held");
    }
    match &report.broken {
        None => say("promises     not compared"),
        Some(broken) if broken.is_empty() => say("promises     all hold"),
        Some(broken) => broken.iter().for_each(|b| say(&format!("promises     BROKEN by {} rows: {}", b.rows, b.promise))),
    }
    for (table, n) in report.rows.iter().flatten() {
        say(&format!("rows         {n:>10}  {table}"));
    }
}

/// Gives a file its final name, never over another one, so that it survives the machine's fall.
pub fn place_file(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        // Some file systems know no such rename.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !to.exists() => std::fs::rename(from, to)?,
        Err(error) => return Err(error.into()),
    }
    sync_dir(to)
}

/// A name is durable once its directory is.
fn sync_dir(file: &Path) -> io::Result<()> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(dir)?.sync_all()
}
