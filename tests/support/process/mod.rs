//! Real processes: the program itself, a PostgreSQL cluster of its own, what stands between them, and who takes the mail.

pub mod balancer;
pub mod cluster;
pub mod gaung;
pub mod pooler;
pub mod proxy;
pub mod sink;
pub mod site;

use std::time::{Duration, Instant};

/// Waits until something holds; says what did not, after `limit`.
#[track_caller]
pub fn wait_until(limit: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < until, "after {limit:?} still not: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
