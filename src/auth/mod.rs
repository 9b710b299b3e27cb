//! Floor 2: who someone is. Passwords, console sessions, one-purpose tokens, API tokens, limits on guessing. No database, no HTTP.

pub mod address_hash;
pub mod hash_pool;
pub mod jwt;
pub mod limiter;
pub mod password;
pub mod return_path;
pub mod secret;
pub mod session;
pub mod task_token;
