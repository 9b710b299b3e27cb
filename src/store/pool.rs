//! The pools: how a connection is made, checked and given up, and how long to wait for one.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::r2d2::{ManageConnection, Pool as R2d2, PooledConnection, R2D2Connection as _};
use diesel::sqlite::SqliteConnection;

use super::db::{Conn, Place, PoolOptions};
use super::error::StoreError;
use super::load::{Load, PoolLoad};
use super::pg_connect;
use super::pg_url::impatient;

/// How long a failed attempt to connect waits for the next one at most is half of this: a database that is back is found soon.
const RETRY: Duration = Duration::from_secs(2);
/// How long to wait for a connection while none can be made: whoever asks is told soon that the database is away.
const WHILE_DOWN: Duration = Duration::from_millis(1_500);

/// Pages in SQLite's write-ahead log (4 KiB each) before a commit copies them into the file: a page that many commits change, as a
/// dispatch changes the last pages of each index, is then copied once for all of them.
const CHECKPOINT_PAGES: u32 = 4_000;

/// What one pool's connections may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A pool of connections.
#[derive(Clone)]
pub(super) struct Pool {
    inner: R2d2<Manager>,
    /// Whether the last attempt to connect failed.
    down: Arc<AtomicBool>,
    patience: Duration,
    /// Who waits, and for how long.
    pub(super) load: Load,
}

/// A connection, and whether it is to be given up.
pub(super) struct Slot {
    conn: Conn,
    spent: bool,
}

impl Deref for Slot {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}
impl DerefMut for Slot {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

pub(super) struct Manager {
    place: Place,
    access: Access,
    busy_timeout: Duration,
    prepared: bool,
    down: Arc<AtomicBool>,
}

impl Manager {
    fn establish(&self) -> Result<Conn, diesel::r2d2::Error> {
        let refused = diesel::r2d2::Error::ConnectionError;
        let path = match &self.place {
            Place::Postgres(url) => return Ok(Conn::Pg(pg_connect::establish(url, self.prepared).map_err(refused)?)),
            Place::Sqlite(path) => path,
        };
        let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(refused)?;
        let only = if self.access == Access::Read { "ON" } else { "OFF" };
        // busy_timeout comes first: switching to WAL takes a lock.
        let pragmas = format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000; PRAGMA query_only = {only}; \
             PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};",
            self.busy_timeout.as_millis()
        );
        conn.batch_execute(&pragmas).map_err(diesel::r2d2::Error::QueryError)?;
        Ok(Conn::Lite(conn))
    }
}

impl ManageConnection for Manager {
    type Connection = Slot;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Slot, Self::Error> {
        let made = self.establish();
        self.down.store(made.is_err(), Ordering::Relaxed);
        Ok(Slot { conn: made?, spent: false })
    }
    fn is_valid(&self, slot: &mut Slot) -> Result<(), Self::Error> {
        slot.conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }
    fn has_broken(&self, slot: &mut Slot) -> bool {
        std::thread::panicking() || slot.spent || slot.conn.is_broken()
    }
}

impl Pool {
    /// A pool that holds at least one connection when this returns.
    pub(super) fn open(place: &Place, access: Access, size: u32, options: &PoolOptions) -> Result<Self, StoreError> {
        let (place, prepared) = match place {
            Place::Sqlite(_) => (place.clone(), true),
            Place::Postgres(url) => {
                let url = impatient(url);
                let prepared = match options.prepared {
                    Some(prepared) => prepared,
                    None => !pg_connect::is_pooled(&url).map_err(|error| StoreError::Down(error.to_string()))?,
                };
                (Place::Postgres(url), prepared)
            }
        };
        let down = Arc::new(AtomicBool::new(false));
        let manager = Manager { place, access, busy_timeout: options.busy_timeout, prepared, down: Arc::clone(&down) };
        // Not tested as it is taken out: whatever begins on it finds out without another round trip.
        let builder = R2d2::builder().max_size(size).min_idle(Some(1)).connection_timeout(RETRY).test_on_check_out(false);
        let pool =
            Self { inner: builder.build_unchecked(manager), down, patience: options.checkout_timeout, load: Load::default() };
        // The reason is told, not that it failed: whoever starts is about to read it.
        pool.take().map(drop)?;
        Ok(pool)
    }

    /// How busy it is and was.
    pub(super) fn told(&self) -> PoolLoad {
        let state = self.inner.state();
        self.load.told((state.connections, state.idle_connections))
    }

    /// A connection, which may have gone stale. While none can be made the wait is short.
    fn take(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let waiting = self.load.ask();
        let taken = self.wait();
        drop(waiting);
        taken.inspect_err(|_| self.load.refused())
    }

    fn wait(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let began = Instant::now();
        loop {
            let left = self.patience.saturating_sub(began.elapsed());
            let error = match self.inner.get_timeout(left.min(WHILE_DOWN)) {
                Ok(conn) => return Ok(conn),
                Err(error) => error,
            };
            let held = self.inner.state().connections > 0;
            if self.down.load(Ordering::Relaxed) && !held {
                return Err(StoreError::Down(error.to_string()));
            }
            if began.elapsed() >= self.patience {
                return Err(if held { StoreError::Busy } else { StoreError::Down(error.to_string()) });
            }
        }
    }

    /// A connection on which `begin` was done. PostgreSQL may have ended those that lay idle, or no longer take writes on them: these are
    /// given up, one after the other, before anybody hears of it.
    pub(super) fn begin(
        &self,
        begin: impl Fn(&mut Conn) -> diesel::QueryResult<()>,
    ) -> Result<PooledConnection<Manager>, StoreError> {
        let mut left = self.inner.max_size();
        loop {
            let mut slot = self.take()?;
            match begin(&mut slot) {
                Ok(()) => return Ok(slot),
                Err(error) if slot.is_sqlite() => return Err(error.into()),
                Err(error) => {
                    slot.spent = true;
                    if left == 0 {
                        return Err(error.into());
                    }
                    left -= 1;
                }
            }
        }
    }

    /// A connection that answers, with no transaction begun.
    pub(super) fn bare(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.begin(|conn| conn.batch_execute("SELECT 1"))
    }
}
