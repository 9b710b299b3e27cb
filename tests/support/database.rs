//! A fresh database for each test, on both engines: a copied file on SQLite, a copied template on PostgreSQL.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use gaung::clock::SharedClock;
use gaung::store::db::{Place, PoolOptions};
use gaung::store::{Db, migrate};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database that goes away with the test.
pub struct TestDatabase {
    pub place: Place,
    _dir: Option<tempfile::TempDir>,
    drop_name: Option<String>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

fn admin_url() -> String {
    std::env::var("GAUNG_TEST_POSTGRES")
        .expect("GAUNG_TEST_POSTGRES is not set: run ./scripts/test, or ./scripts/with-postgres cargo test")
}

/// The way by which tests reach their databases: through a pooler, where there is one.
fn way(direct: &str) -> String {
    let Ok(pooler) = std::env::var("GAUNG_TEST_POOLER") else { return direct.to_owned() };
    let pooler: std::net::SocketAddr = pooler.parse().expect("GAUNG_TEST_POOLER is an address and a port");
    let mut url = url::Url::parse(direct).expect("a URL");
    url.set_ip_host(pooler.ip()).expect("a host");
    url.set_port(Some(pooler.port())).expect("a port");
    url.to_string()
}

fn with_database(url: &str, name: &str) -> String {
    let mut url = url::Url::parse(url).expect("GAUNG_TEST_POSTGRES is a URL");
    url.set_path(name);
    url.to_string()
}

fn admin(sql: &str) {
    let mut conn = PgConnection::establish(&admin_url()).expect("the test PostgreSQL answers");
    // A template can't be copied while somebody is connected to it: its pool closes a moment after it is dropped, and
    // autovacuum looks in when it likes.
    for _ in 0..100 {
        match conn.batch_execute(sql) {
            Err(e) if e.to_string().contains("is being accessed by other users") => {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            result => return result.unwrap_or_else(|e| panic!("{sql}: {e}")),
        }
    }
    panic!("{sql}: the template stayed in use");
}

fn options() -> PoolOptions {
    PoolOptions { size: 4, ..PoolOptions::default() }
}

/// The migrated template, made once a test run.
fn pg_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("gaung_template_{}", std::process::id());
        admin(&format!("CREATE DATABASE {name}"));
        let place = Place::Postgres(with_database(&admin_url(), &name));
        let db = Db::open(place, options(), gaung::clock::SteadyClock::shared()).expect("open the template");
        migrate::up(&db).expect("migrate the template");
        name
    })
}

fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &TEMPLATE
        .get_or_init(|| {
            let dir = tempfile::tempdir().expect("a temporary directory");
            let path = dir.path().join("template.db");
            {
                let db = Db::open(Place::Sqlite(path.clone()), options(), gaung::clock::SteadyClock::shared()).expect("open");
                migrate::up(&db).expect("migrate");
            }
            let mut conn = diesel::SqliteConnection::establish(&path.to_string_lossy()).expect("open the template");
            conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);").expect("checkpoint");
            (dir, path)
        })
        .1
}

impl TestDatabase {
    /// A migrated, empty database.
    pub fn fresh(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let dir = tempfile::tempdir().expect("a temporary directory");
                let path = dir.path().join("gaung.db");
                std::fs::copy(sqlite_template(), &path).expect("copy the template");
                Self { place: Place::Sqlite(path), _dir: Some(dir), drop_name: None }
            }
            Engine::Postgres => {
                let template = pg_template();
                let name = format!("gaung_t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                admin(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
                Self { place: Place::Postgres(way(&with_database(&admin_url(), &name))), _dir: None, drop_name: Some(name) }
            }
        }
    }

    /// A database that holds nothing yet; on SQLite not even the file is there.
    pub fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let dir = tempfile::tempdir().expect("a temporary directory");
                Self { place: Place::Sqlite(dir.path().join("gaung.db")), _dir: Some(dir), drop_name: None }
            }
            Engine::Postgres => {
                let name = format!("gaung_e{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                admin(&format!("CREATE DATABASE {name}"));
                Self { place: Place::Postgres(way(&with_database(&admin_url(), &name))), _dir: None, drop_name: Some(name) }
            }
        }
    }

    /// One that somebody else made, and takes away.
    pub fn at(url: &str) -> Self {
        let place = match url.strip_prefix("sqlite:") {
            Some(path) => Place::Sqlite(path.into()),
            None => Place::Postgres(url.to_owned()),
        };
        Self { place, _dir: None, drop_name: None }
    }

    /// A pool on it.
    pub fn open(&self, clock: SharedClock) -> Db {
        Db::open(self.place.clone(), options(), clock).expect("open the test database")
    }

    /// Its URL as `--database` takes it.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Sqlite(path) => format!("sqlite:{}", path.display()),
            Place::Postgres(url) => url.clone(),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(name) = &self.drop_name {
            let _ = PgConnection::establish(&admin_url())
                .map(|mut conn| conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        }
    }
}

/// Makes each listed `async fn name(engine: Engine)` a test on SQLite and a test on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name($crate::support::database::Engine::Sqlite).await; })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name($crate::support::database::Engine::Postgres).await; })+
        }
    };
}
