//! Connections, and the only two ways to use one: `read`, which cannot write, and `write`, which is one transaction.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, TransactionManager as _};
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

use super::error::StoreError;
use super::load::PoolLoad;
use super::manner::Manner;
use super::pool::{Access, Pool};
use super::turn::Turn;
use super::tx::Tx;
use crate::clock::SharedClock;
use crate::domain::actor::Actor;
use crate::fault;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// Embedded SQLite.
    Lite(SqliteConnection),
}

impl Conn {
    /// Whether this is SQLite; for the few statements that differ.
    #[must_use]
    pub const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Lite(_))
    }
    fn begin(&mut self, pg: &str, sqlite: &str) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::begin_transaction_sql(conn, pg),
            Self::Lite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
        }
    }
    fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::commit_transaction(conn),
            Self::Lite(conn) => AnsiTransactionManager::commit_transaction(conn),
        }
    }
    fn rollback(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::rollback_transaction(conn),
            Self::Lite(conn) => AnsiTransactionManager::rollback_transaction(conn),
        }
    }
}

/// Where the rows lie.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file.
    Sqlite(std::path::PathBuf),
    /// A PostgreSQL connection string.
    Postgres(String),
}

/// How the pools are set up.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Readers on SQLite, connections on PostgreSQL.
    pub size: u32,
    /// How long a statement may take on PostgreSQL.
    pub statement_timeout: Duration,
    /// How long a SQLite statement waits for a lock.
    pub busy_timeout: Duration,
    /// How long to wait for a free connection.
    pub checkout_timeout: Duration,
    /// Whether PostgreSQL keeps prepared statements for each connection; `None`: unless a pooler is found that shares servers.
    pub prepared: Option<bool>,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 8,
            statement_timeout: Duration::from_secs(60),
            busy_timeout: Duration::from_secs(10),
            checkout_timeout: Duration::from_secs(10),
            prepared: None,
        }
    }
}

/// The database: cheap to clone, shared by everything.
#[derive(Clone)]
pub struct Db {
    readers: Pool,
    writers: Pool,
    clock: SharedClock,
    options: PoolOptions,
    place: Arc<Place>,
    /// SQLite: who writes next.
    turn: Turn,
    /// Wakes who waits for log entries.
    appended: Arc<tokio::sync::Notify>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_sqlite() { "Db(SQLite)" } else { "Db(PostgreSQL)" })
    }
}

impl Db {
    /// Opens the pools. SQLite gets one writer, which is fairer than its busy handler, and several readers.
    ///
    /// # Errors
    /// [`StoreError::Down`] when no connection can be made.
    pub fn open(place: Place, options: PoolOptions, clock: SharedClock) -> Result<Self, StoreError> {
        let pool = |access, size| Pool::open(&place, access, size, &options);
        let (writers, readers) = match &place {
            Place::Sqlite(path) => {
                if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                    create_dir(dir)?;
                }
                create_file(path)?;
                // The writer first: it creates the file, which readers could not.
                (pool(Access::Write, 1)?, pool(Access::Read, options.size.max(1))?)
            }
            Place::Postgres(_) => {
                let pool = pool(Access::Write, options.size.max(2))?;
                (pool.clone(), pool)
            }
        };
        Ok(Self { readers, writers, clock, options, place: Arc::new(place), turn: Turn::default(), appended: Arc::default() })
    }

    /// How busy each pool is and was, by name; PostgreSQL has one.
    #[must_use]
    pub fn load(&self) -> Vec<(&'static str, PoolLoad)> {
        match self.is_sqlite() {
            true => vec![("read", self.readers.told()), ("write", self.writers.told())],
            false => vec![("shared", self.writers.told())],
        }
    }

    /// Whether this is the embedded SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(*self.place, Place::Sqlite(_))
    }
    /// Where the rows lie.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }
    /// Returns when this process has committed log entries since it was last asked; one waits at a time.
    pub async fn appended(&self) {
        self.appended.notified().await;
    }
    /// The clock that gives each write its time.
    #[must_use]
    pub const fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Reads in one snapshot-or-better transaction that cannot write. Blocks; for async callers see [`Self::read`].
    ///
    /// # Errors
    /// What `f` returns, or the database's failure.
    pub fn read_blocking<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        self.read_blocking_in(Manner::default(), f)
    }

    /// [`Self::read_blocking`] in this manner.
    ///
    /// # Errors
    /// As [`Self::read_blocking`].
    pub fn read_blocking_in<T, E: From<StoreError>>(
        &self,
        manner: Manner,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let begin = self.begin("BEGIN READ ONLY", manner);
        let mut conn = self.readers.begin(|conn| conn.begin(&begin, "BEGIN"))?;
        let result = f(&mut conn);
        // Nothing was written, so how the transaction ends makes no difference to the rows.
        if conn.rollback().is_err() {
            tracing::warn!("a read transaction could not be ended; its connection is given up");
        }
        result
    }

    /// Writes in one transaction: `f`'s changes and the log entries it records are committed together or not at all.
    /// Blocks; for async callers see [`Self::write`].
    ///
    /// # Errors
    /// What `f` returns (then nothing was changed), or the database's failure.
    pub fn write_blocking<T, E: From<StoreError>>(
        &self,
        actor: Actor,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_blocking_in(Manner::default(), actor, f)
    }

    /// [`Self::write_blocking`] in this manner.
    ///
    /// # Errors
    /// What `f` returns (then nothing was changed), or the database's failure.
    pub fn write_blocking_in<T, E: From<StoreError>>(
        &self,
        manner: Manner,
        actor: Actor,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let asked = Instant::now();
        let _turn =
            if self.is_sqlite() { Some(self.turn.take(self.options.checkout_timeout).ok_or(StoreError::Busy)?) } else { None };
        // READ WRITE is refused by a standby at once, so that its connection is given up before anything was done on it.
        let begin = self.begin("BEGIN READ WRITE", manner);
        let mut conn = self.writers.begin(|conn| conn.begin(&begin, "BEGIN IMMEDIATE"))?;
        self.writers.load.began(asked);
        let mut tx = Tx::new(&mut conn, self.clock.now(), actor, manner);
        let result = f(&mut tx).and_then(|value| Ok(tx.finish().map(|entries| (value, entries))?));
        match result {
            Ok((value, entries)) => {
                if let Err(asked) = fault::check("store.commit.before") {
                    let _ = conn.rollback();
                    return Err(StoreError::from(asked).into());
                }
                conn.commit().map_err(StoreError::from)?;
                fault::point("store.commit.after");
                self.writers.load.appended(entries);
                if entries > 0 {
                    self.appended.notify_one();
                }
                Ok(value)
            }
            Err(error) => {
                if conn.rollback().is_err() {
                    tracing::warn!("a transaction could not be rolled back; its connection is given up");
                }
                Err(error)
            }
        }
    }

    /// What PostgreSQL is sent to begin.
    fn begin(&self, begin: &str, manner: Manner) -> String {
        let timeout = self.options.statement_timeout.as_millis();
        format!("{begin}; SET LOCAL statement_timeout = {timeout}{}", manner.settings())
    }

    /// Runs migrations on a bare connection: they open their own transactions.
    pub(super) fn migrating<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
        f(&mut *self.writers.bare()?)
    }

    /// Works on the writer's bare connection while nobody else writes: for what SQLite does outside of transactions.
    pub(super) fn alone<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _turn =
            if self.is_sqlite() { Some(self.turn.take(self.options.checkout_timeout).ok_or(StoreError::Busy)?) } else { None };
        f(&mut *self.writers.bare()?)
    }

    /// How long an answer from PostgreSQL is waited for: longer than any of its statements may take. A connection whose other end is
    /// silent, with a pooler or a proxy between that still answers for it, would else be waited for without an end.
    fn patience(&self) -> Option<Duration> {
        (!self.is_sqlite()).then(|| self.options.statement_timeout + self.options.checkout_timeout)
    }

    /// [`Self::read_blocking`] off the async threads.
    ///
    /// # Errors
    /// What `f` returns, or the database's failure; [`StoreError::Down`] where it is silent.
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_in(Manner::default(), f).await
    }

    /// [`Self::read`] in this manner.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_in<T, E>(&self, manner: Manner, f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let db = self.clone();
        off_reactor(self.patience(), move || db.read_blocking_in(manner, f)).await
    }

    /// [`Self::write_blocking`] off the async threads.
    ///
    /// # Errors
    /// What `f` returns (then nothing was changed), or the database's failure.
    pub async fn write<T, E>(&self, actor: Actor, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_in(Manner::default(), actor, f).await
    }

    /// [`Self::write`] in this manner.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_in<T, E>(
        &self,
        manner: Manner,
        actor: Actor,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let db = self.clone();
        off_reactor(self.patience(), move || db.write_blocking_in(manner, actor, f)).await
    }

    /// [`Self::read`] for work of many statements, such as the check of a large file: it may take any time.
    ///
    /// # Errors
    /// What `f` returns, or the database's failure.
    pub async fn read_at_length<T, E>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let db = self.clone();
        off_reactor(None, move || db.read_blocking(f)).await
    }

    /// [`Self::write`] for work of many statements, such as a large import: it may take any time.
    ///
    /// # Errors
    /// What `f` returns, or the database's failure.
    pub async fn write_at_length<T, E>(
        &self,
        actor: Actor,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let db = self.clone();
        off_reactor(None, move || db.write_blocking(actor, f)).await
    }
}

async fn off_reactor<T, E>(patience: Option<Duration>, f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    // What is logged within belongs to the request or the sweep that asked.
    let span = tracing::Span::current();
    let work = tokio::task::spawn_blocking(move || span.in_scope(f));
    let ended = match patience {
        None => work.await,
        Some(patience) => match tokio::time::timeout(patience, work).await {
            Ok(ended) => ended,
            Err(_) => return Err(StoreError::Down(format!("no answer within {} s", patience.as_secs())).into()),
        },
    };
    match ended {
        Ok(result) => result,
        Err(error) => Err(StoreError::Inconsistent(format!("a database closure ended abnormally: {error}")).into()),
    }
}

fn create_dir(dir: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(dir).map_err(|error| StoreError::Down(format!("{}: {error}", dir.display())))
}

/// Makes the file before SQLite does, which would let every user of the machine read it; what SQLite puts beside it gets its mode.
fn create_file(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Down(format!("{}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}
