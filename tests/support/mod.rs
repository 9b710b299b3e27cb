//! What the tests stand on: fresh databases, the application, servers that misbehave on purpose.

pub mod app;
pub mod campaign;
#[macro_use]
pub mod database;
pub mod campaigns;
pub mod dns_server;
pub mod dump;
pub mod http;
pub mod invariants;
pub mod process;
pub mod smtp_peer;
pub mod smtp_server;
mod smtp_session;
mod smtp_tls;
pub mod stage;
pub mod traces;
pub mod world;
