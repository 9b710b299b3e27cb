//! `gaung backup`: copies a SQLite database while it is written to. The copy is stamped, checked, and only then given its name.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::output::{Format, say, say_json};
use super::{Place, restore, start};
use crate::app;
use crate::clock::SteadyClock;
use crate::config::DatabaseUrl;
use crate::store::{Db, migrate, snapshot};

/// How names of copies in a directory begin and end; the rest is the time.
const HEAD: &str = "gaung-";
const TAIL: &str = ".db";

/// `gaung backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The copy's name, which must not be taken; or a directory, where it is named after the time
    #[arg(value_name = "FILE|DIR")]
    to: PathBuf,
    /// In a directory: keeps so many copies, this one included, and removes older ones made by this command
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Checks the copy's structure only: not every index, and no promise
    #[arg(long)]
    quick: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Backup {
    /// Runs it.
    pub fn run(&self, place: &Place) -> Result<Outcome, Failure> {
        let config = start::config(place, None)?;
        start::log(&config)?;
        match config.database_url()? {
            DatabaseUrl::Sqlite(path) if !path.exists() => {
                return Err(Failure::refused(format!(
                    "there is no database {}; check --data-dir and database.url",
                    path.display()
                )));
            }
            DatabaseUrl::Sqlite(_) => {}
            DatabaseUrl::Postgres(_) => {
                return Err(Failure::refused(
                    "PostgreSQL has its own backups: pg_basebackup with WAL archiving, or pg_dump; see docs/operating.md, \"Backups\"",
                ));
            }
        }
        let db = app::database(&config, SteadyClock::shared())?;
        let is_dir = self.to.is_dir();
        if self.keep.is_some() && !is_dir {
            return Err(Failure::refused(format!("--keep goes with a directory, and {} is none", self.to.display())));
        }
        let name = format!("{HEAD}{}{TAIL}", db.clock().now().format("%Y%m%dT%H%M%SZ"));
        let to = if is_dir { self.to.join(name) } else { self.to.clone() };
        let report = make(&db, &to, self.quick)?;
        let removed = match self.keep {
            Some(keep) => rotate(&self.to, keep).context("older copies can't be removed").map_err(Failure::Environment)?,
            None => Vec::new(),
        };
        let bytes = std::fs::metadata(&to).map(|meta| meta.len()).unwrap_or_default();
        match self.format {
            Format::Json => say_json(&json!({ "file": to, "bytes": bytes, "report": report, "removed": removed }))?,
            Format::Text => {
                say(&format!("{}: {} MiB, checked", to.display(), bytes.div_ceil(1024 * 1024)));
                restore::print(&report);
                for old in &removed {
                    say(&format!("removed      {}", old.display()));
                }
                say("Not in it: the signing secret, the keys that sign mail, the configuration. Keep those apart from it.");
            }
        }
        Ok(Outcome::Done)
    }
}

/// Makes the copy under another name, looks at it, and renames it: a file of this name is always a whole and sound copy.
fn make(db: &Db, to: &Path, quick: bool) -> Result<snapshot::Report, Failure> {
    let taken = || Failure::refused(format!("{} is there already; copies are never overwritten", to.display()));
    if to.symlink_metadata().is_ok() {
        return Err(taken());
    }
    let making = snapshot::beside(to, ".making");
    // What an earlier run left that was ended in the middle.
    let _ = std::fs::remove_file(&making);
    let copied = migrate::copy_sqlite(db, &making).map_err(Failure::from).and_then(|()| {
        let report = snapshot::look_at_file(&making, quick)?;
        if !report.is_sound() {
            restore::print(&report);
            return Err(Failure::environment(format!("the copy of the database is not sound, so {} was not made", to.display())));
        }
        restore::place_file(&making, to).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => taken(),
            _ => Failure::environment(format!("{}: {e}", to.display())),
        })?;
        Ok(report)
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(&making);
    }
    copied
}

/// Removes the oldest copies of this command's making; the time in their names orders them.
fn rotate(dir: &Path, keep: u32) -> std::io::Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_str().is_some_and(is_copy) {
            copies.push(entry.path());
        }
    }
    copies.sort();
    let old = copies.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    copies.truncate(old);
    for path in &copies {
        std::fs::remove_file(path)?;
    }
    Ok(copies)
}

/// Whether this command made a file of this name in a directory.
fn is_copy(name: &str) -> bool {
    let time = name.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(TAIL));
    time.is_some_and(|time| chrono::NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ").is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_copies_of_its_own_making_are_removed_the_oldest_first() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["gaung-20261122T080000Z.db", "gaung-20261123T080000Z.db", "gaung-20261124T080000Z.db"];
        for name in
            names.into_iter().chain(["gaung-notes.db", "gaung.db", "gaung-20261120T080000Z.db.making", "20261120T080000Z.db"])
        {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        assert_eq!(rotate(dir.path(), 3).unwrap(), Vec::<PathBuf>::new());
        assert_eq!(rotate(dir.path(), 1).unwrap(), [dir.path().join(names[0]), dir.path().join(names[1])]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 5);
    }
}
