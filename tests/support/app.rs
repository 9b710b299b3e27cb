//! The application on a fresh database, with a clock that tests move by hand.

use chrono::{DateTime, TimeDelta, Utc};
use gaung::app::App;
use gaung::clock::ManualClock;
use gaung::config::{Config, Overrides, SecretUrl};

use super::database::{Engine, TestDatabase};

/// An application under test; the database goes away with it.
pub struct TestApp {
    pub app: App,
    pub clock: ManualClock,
    pub database: TestDatabase,
    pub dir: tempfile::TempDir,
}

/// Monday 2026-11-23 09:00 in Jakarta.
pub fn monday_morning() -> DateTime<Utc> {
    "2026-11-23T02:00:00Z".parse().expect("an instant")
}

impl TestApp {
    /// With the default configuration.
    pub fn new(engine: Engine) -> Self {
        Self::with_env(engine, &[])
    }

    /// With settings as `("GAUNG__SECTION__KEY", "value")`.
    pub fn with_env(engine: Engine, env: &[(&str, &str)]) -> Self {
        Self::on(TestDatabase::fresh(engine), env, monday_morning())
    }

    /// On a migrated database of the caller's, at a time of the caller's.
    pub fn on(database: TestDatabase, env: &[(&str, &str)], now: DateTime<Utc>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let overrides =
            Overrides { data_dir: Some(dir.path().to_path_buf()), database: Some(SecretUrl::new(database.url())), port: None };
        let env = env.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<Vec<(std::ffi::OsString, std::ffi::OsString)>>();
        let config = Config::load_from(None, env, &overrides).expect("a valid configuration");
        let clock = ManualClock::at(now);
        let app = App::build(config, clock.shared()).expect("the application");
        Self { app, clock, database, dir }
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }
}
