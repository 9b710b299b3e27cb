//! What a measurement runs in: a directory of its own, a database of its own, and a way back to the start.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::{Place, start};
use crate::clock::{Clock as _, ManualClock, SystemClock};
use crate::config::{Config, SecretUrl};
use crate::store::db::Place as DatabasePlace;
use crate::store::{measure, migrate};

/// The setting of one measurement.
pub(super) struct Setting {
    pub config: Config,
    pub clock: ManualClock,
    dir: TempDir,
    /// Fresh copies made so far.
    copies: u32,
}

impl Setting {
    /// With the database that `place` names; without one, a SQLite file in a temporary directory.
    pub fn new(place: &Place) -> Result<Self, Failure> {
        let dir = tempfile::tempdir().map_err(|e| Failure::Environment(e.into()))?;
        let place = Place { data_dir: Some(dir.path().to_path_buf()), ..place.clone() };
        let mut config = start::config(&place, None)?;
        config.institution.name = "Kementerian Layanan Publik".into();
        // The limit writes a million rows in one statement.
        config.database.statement_timeout_ms = 3_600_000;
        Ok(Self { config, clock: ManualClock::at(SystemClock.now()), dir, copies: 0 })
    }

    /// The application, on a migrated database.
    pub fn app(&self) -> anyhow::Result<App> {
        let app = App::build(self.config.clone(), self.clock.shared())?;
        // Somebody's database of an earlier version is not brought to this one's form, only to be refused then.
        ensure!(
            migrate::applied(&app.db)? == 0 || migrate::pending(&app.db)? == 0,
            "the database is not empty; measuring needs one of its own"
        );
        migrate::up(&app.db)?;
        Ok(app)
    }

    /// The application on the database as `app` left it: SQLite on a copy of its file, PostgreSQL with every wave's work taken back.
    pub fn fresh(&mut self, app: &App) -> anyhow::Result<Fresh> {
        let DatabasePlace::Sqlite(path) = app.db.place() else {
            measure::close_again(&app.db)?;
            measure::settle_down(&app.db)?;
            return Ok(Fresh { app: app.clone(), copy: None });
        };
        measure::settle_down(&app.db)?;
        self.copies += 1;
        let copy = self.dir.path().join(format!("copy-{}.db", self.copies));
        std::fs::copy(path, &copy).with_context(|| format!("can't copy {}", path.display()))?;
        let mut config = self.config.clone();
        config.database.url = SecretUrl::new(format!("sqlite:{}", copy.display()));
        Ok(Fresh { app: App::build(config, self.clock.shared())?, copy: Some(copy) })
    }
}

/// The application at the start; a copy goes with it.
pub(super) struct Fresh {
    pub app: App,
    copy: Option<PathBuf>,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(copy) = &self.copy {
            for end in ["", "-wal", "-shm"] {
                let mut name = copy.clone().into_os_string();
                name.push(end);
                // The directory goes at the end in any case.
                let _ = std::fs::remove_file(name);
            }
        }
    }
}

/// The name of an application's database.
pub(super) fn database_of(app: &App) -> &'static str {
    if app.db.is_sqlite() { "SQLite" } else { "PostgreSQL" }
}
