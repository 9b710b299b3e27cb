//! Floor 4: HTTP in, HTML and JSON out. No SQL and no rules: each handler reads its input, calls one use case and shows the result.

pub mod api;
pub mod assets;
pub mod chart;
pub mod error;
pub mod extract;
pub mod faults;
pub mod health;
pub mod l10n;
pub mod metrics;
pub mod middleware;
pub mod nav;
pub mod pages;
pub mod request_id;
pub mod routes;
pub mod server;
pub mod view;
pub mod when;
pub mod witness;
