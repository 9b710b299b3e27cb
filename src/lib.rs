//! Gaung: coordinated, disclosed amplification. The modules, floor by floor; a module imports only from floors below it.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod fault;
pub mod jobs;
pub mod ledger;
pub mod mail;
pub mod meter;
pub mod service;
pub mod store;
pub mod web;
