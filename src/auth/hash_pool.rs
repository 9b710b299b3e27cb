//! Bounds the work that passwords may cause: a few hashes at once, a short queue, then "busy". Never on the reactor's threads.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::password::{self, HashError};

/// How many may wait for each hash that can run: beyond that a guess is turned away at once.
const QUEUE_PER_SLOT: usize = 16;

/// Why a hash was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Too many are waiting already.
    #[error("too many passwords are being checked at once; try again in a moment")]
    Busy,
    /// Argon2 refused.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Runs Argon2 on blocking threads, at most `slots` at once (each takes 19 MiB and one core).
#[derive(Debug, Clone)]
pub struct HashPool {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl HashPool {
    /// A pool of `slots` hashes at once; at least one.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let slots = slots.clamp(1, 64);
        Self { running: Arc::new(Semaphore::new(slots)), admitted: Arc::new(Semaphore::new(slots * (QUEUE_PER_SLOT + 1))) }
    }

    /// One slot for each two cores.
    #[must_use]
    pub fn for_this_machine() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2)))
    }

    /// [`password::hash`], off the reactor.
    ///
    /// # Errors
    /// [`PoolError::Busy`] when the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, PoolError> {
        self.run(move || password::hash(&password)).await
    }

    /// [`password::verify`], off the reactor.
    ///
    /// # Errors
    /// [`PoolError::Busy`] when the queue is full.
    pub async fn verify(&self, stored: Option<String>, password: String) -> Result<bool, PoolError> {
        self.run(move || password::verify(stored.as_deref(), &password)).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, HashError> + Send + 'static) -> Result<T, PoolError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| PoolError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| PoolError::Busy)?;
        // The permits go along: a caller that gives up does not free the core that still hashes for it.
        let task = tokio::task::spawn_blocking(move || {
            let _held = (admitted, running);
            work()
        });
        match task.await {
            Ok(result) => result.map_err(PoolError::Hash),
            Err(stopped) => Err(PoolError::Hash(HashError(stopped.to_string()))),
        }
    }
}
