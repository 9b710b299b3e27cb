//! One test binary: it links once, and shares one PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "the support modules serve tests that come and go")]

#[macro_use]
mod support;

mod architecture;
mod auth;
mod browser;
mod cli;
mod config;
mod crash;
mod domain;
mod jobs;
mod ledger;

mod mail;
mod operate;
mod replicas;
mod service;
mod store;
mod web;
