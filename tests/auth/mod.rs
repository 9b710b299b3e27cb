//! What the four kinds of proof of identity accept and refuse.

mod jwt;
mod limiter;
mod password;
mod return_path;
mod task_token;
