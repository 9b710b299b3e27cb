//! How often sign-in may be tried: per address, so that one account can't be guessed at, and per client, so that many can't be.
//!
//! GCRA, one instant per key: a key may be used `burst` times at once and gets one use back every `window / burst`. In memory: a restart
//! forgets, and each replica counts for itself; Argon2 bounds what remains.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Above this many keys, those that are fully rested are dropped; if that is not enough, the most rested half.
const MOST_KEYS: usize = 100_000;

/// A use that came too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {} seconds", retry_after.num_seconds().max(1))]
pub struct Limited {
    /// How long until one more use is allowed.
    pub retry_after: TimeDelta,
}

/// A limit on how often each key may be used.
#[derive(Debug)]
pub struct Limiter {
    interval: TimeDelta,
    window: TimeDelta,
    rested_at: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Limiter {
    /// At most `burst` uses of a key at once, and `burst` in each `window` in the long run. Zero counts as one.
    #[must_use]
    pub fn new(burst: u32, window: TimeDelta) -> Self {
        let burst = i32::try_from(burst.max(1)).unwrap_or(i32::MAX);
        Self { interval: window / burst, window, rested_at: Mutex::default() }
    }

    /// Uses the key once, at `now`.
    ///
    /// # Errors
    /// [`Limited`] when the key was used too often; the refused use counts for nothing.
    pub fn attempt(&self, key: &str, now: DateTime<Utc>) -> Result<(), Limited> {
        let mut keys = self.rested_at.lock().unwrap_or_else(PoisonError::into_inner);
        // Never further ahead than a full window: a clock that was set back locks nobody out.
        let rested_at = keys.get(key).map_or(now, |at| (*at).clamp(now, now + self.window));
        let after = rested_at + self.interval;
        if after - now > self.window {
            return Err(Limited { retry_after: after - now - self.window });
        }
        if keys.len() >= MOST_KEYS && !keys.contains_key(key) {
            drop_rested(&mut keys, now);
        }
        keys.insert(key.to_owned(), after);
        Ok(())
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rested_at.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no key is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets a key, after a success.
    pub fn forget(&self, key: &str) {
        self.rested_at.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

fn drop_rested(keys: &mut HashMap<String, DateTime<Utc>>, now: DateTime<Utc>) {
    keys.retain(|_, at| *at > now);
    if keys.len() >= MOST_KEYS {
        let mut instants: Vec<_> = keys.values().copied().collect();
        let middle = instants.len() / 2;
        let (_, median, _) = instants.select_nth_unstable(middle);
        let median = *median;
        keys.retain(|_, at| *at > median);
    }
}

/// The two limits on signing in.
#[derive(Debug)]
pub struct SignInLimits {
    per_address: Limiter,
    per_client: Limiter,
}

impl Default for SignInLimits {
    /// Ten attempts a quarter of an hour for an address, fifty for a client: an office may share one.
    fn default() -> Self {
        let window = TimeDelta::minutes(15);
        Self { per_address: Limiter::new(10, window), per_client: Limiter::new(50, window) }
    }
}

impl SignInLimits {
    /// Counts one attempt; call it before the password is looked at, and for unknown addresses too.
    ///
    /// # Errors
    /// [`Limited`] by whichever limit is reached.
    pub fn attempt(&self, address: &str, client: std::net::IpAddr, now: DateTime<Utc>) -> Result<(), Limited> {
        self.per_client.attempt(&client_key(client), now)?;
        self.per_address.attempt(&address_key(address), now)
    }

    /// Clears the address's count after a good password. The client's stays: one account of its own must not buy it more guesses.
    pub fn succeeded(&self, address: &str) {
        self.per_address.forget(&address_key(address));
    }
}

fn address_key(address: &str) -> String {
    address.trim().to_lowercase().chars().take(320).collect()
}

/// An IPv6 client owns at least a /64: it counts as one.
fn client_key(client: std::net::IpAddr) -> String {
    match client.to_canonical() {
        std::net::IpAddr::V4(v4) => v4.to_string(),
        std::net::IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
