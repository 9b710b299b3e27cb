//! The one test binary: every test that is not beside the code it tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod architecture;
mod auth;
mod config;
