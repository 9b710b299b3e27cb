//! What commands do before their own work: the configuration, the log, the application, a database in this version's form.

use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::failure::Failure;
use super::{Place, output};
use crate::app::{App, BuildError};
use crate::clock::SteadyClock;
use crate::config::{Config, ConfigError, LogFormat, Overrides};
use crate::service::restore;
use crate::store::db::Place as DatabasePlace;
use crate::store::sole::{self, Sole};
use crate::store::{StoreError, migrate};

/// How long the process waits at its end for what still runs on other threads.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Libraries that say less than the rest unless the filter names them: the pool repeats each failed attempt to connect, which
/// whoever asked for the connection says once; the others tell of their own inside.
const QUIETER: [(&str, &str); 3] = [("r2d2", "off"), ("actix_server", "warn"), ("tokio_cron_scheduler", "warn")];

/// The configuration in force.
pub fn config(place: &Place, port: Option<u16>) -> Result<Config, ConfigError> {
    let overrides = Overrides { data_dir: place.data_dir.clone(), database: place.database.clone(), port };
    Config::load(place.config.as_deref(), &overrides)
}

/// What of the log is wanted, read from the configuration.
pub fn log_filter(config: &Config) -> Result<EnvFilter, ConfigError> {
    let mut filter = config.log.filter.clone();
    for (part, level) in QUIETER {
        if !config.log.filter.contains(part) {
            filter = format!("{filter},{part}={level}");
        }
    }
    EnvFilter::builder().parse(filter).map_err(|e| ConfigError::Invalid { key: "log.filter".into(), problem: e.to_string() })
}

/// Starts the log, on stderr.
pub fn log(config: &Config) -> Result<(), Failure> {
    let filter = log_filter(config)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log.format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    started.map_err(|e| Failure::environment(format!("the log can't be started: {e}")))
}

/// The configuration, the log and the application, for commands that work with rows.
pub fn app(place: &Place) -> Result<App, Failure> {
    let config = config(place, None)?;
    log(&config)?;
    let app = build(config)?;
    bring_up_to_date(&app)?;
    Ok(app)
}

/// The application.
pub fn build(config: Config) -> Result<App, Failure> {
    let url = config.database_url()?;
    App::build(config, SteadyClock::shared()).map_err(|error| match error {
        BuildError::Store(StoreError::Down(why)) => Failure::environment(format!(
            "can't open the database {url}: {}; check database.url and that the database is there, or run `gaung doctor`",
            why.split_whitespace().collect::<Vec<_>>().join(" ")
        )),
        other => other.into(),
    })
}

/// SQLite is brought to this version's form at once; PostgreSQL, which others may be using, only by `gaung migrate`. A copy that was put
/// in the place of its database by hand is treated as a restore.
pub fn bring_up_to_date(app: &App) -> Result<(), Failure> {
    match migrate::pending(&app.db)? {
        0 => {}
        _ if app.db.is_sqlite() => {
            let migrated = migrate_now(app)?;
            if let Some(backup) = migrated.backup {
                output::complain(&format!(
                    "The database was brought to this version's form; its old state is in {}",
                    backup.display()
                ));
            }
        }
        pending => {
            return Err(Failure::environment(format!(
                "the database lacks {pending} migration(s) of this version: run `gaung migrate` with the same --config and --database first"
            )));
        }
    }
    block_on(async {
        if let Some(at) = restore::copied_at(app).await? {
            restore::hold(app).await?;
            let at = at.format("%F %T UTC");
            output::complain(&format!(
                "This database is a copy made at {at}: dispatch is held, and what may have been sent since is marked. \
                 `gaung restore --release` lets it go on"
            ));
        }
        Ok(())
    })
}

/// A SQLite database serves one process for as long as the answer is kept.
pub fn alone(app: &App) -> Result<Sole, Failure> {
    sole::take(app.db.place())?.ok_or_else(|| {
        Failure::environment(
            "another `gaung serve` or `gaung worker` runs on this SQLite database, which serves one process: stop it, or use PostgreSQL",
        )
    })
}

/// What a migration did.
pub struct Migrated {
    /// The versions that were applied.
    pub applied: Vec<String>,
    /// The copy that was made before, where there was something to lose.
    pub backup: Option<PathBuf>,
}

/// Applies what is missing; a SQLite file that holds something is copied into the data directory first.
pub fn migrate_now(app: &App) -> Result<Migrated, Failure> {
    let has_something_to_lose = migrate::applied(&app.db)? > 0 && migrate::pending(&app.db)? > 0;
    let backup = if app.db.is_sqlite() && has_something_to_lose { Some(back_up(app)?) } else { None };
    let applied = migrate::up(&app.db).map_err(|error| match &backup {
        Some(backup) => Failure::environment(format!("{error}; the database as it was is in {}", backup.display())),
        None => error.into(),
    })?;
    Ok(Migrated { applied, backup })
}

fn back_up(app: &App) -> Result<PathBuf, Failure> {
    let stem = match app.db.place() {
        DatabasePlace::Sqlite(path) => {
            path.file_stem().map_or_else(|| "gaung".into(), |stem| stem.to_string_lossy().into_owned())
        }
        DatabasePlace::Postgres(_) => "gaung".into(),
    };
    // To the microsecond: two starts within a second must not meet.
    let at = app.clock.now().format("%Y%m%dT%H%M%S%6fZ");
    let dir = app.config.data.dir.join("backups");
    let path = dir.join(format!("{stem}-before-migration-{at}.db"));
    private_dir(&dir).with_context(|| format!("can't make {}", dir.display())).map_err(Failure::Environment)?;
    migrate::copy_sqlite(&app.db, &path)
        .with_context(|| format!("can't copy the database to {} before migrating it", path.display()))
        .map_err(Failure::Environment)?;
    Ok(path)
}

/// A directory that nobody else may look into: what lies in it holds people's addresses.
pub fn private_dir(dir: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Runs async work to its end.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::Environment(e.into()))?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WAIT);
    result
}
