//! A process that stands still for longer than its lease and then goes on: what it writes late changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::checker::{Report, check, nobody_panicked};
use super::ground::{Case, Fleet, Ground, LEASE_S};
use crate::support::database::Engine;

/// On PostgreSQL others work on meanwhile; on SQLite the process finds its own claims lapsed.
pub async fn frozen(case: Case) -> Report {
    let people = case.size(500, 1_500);
    let ground = Ground::new(case.engine, people, &[]).await;
    ground.site.sink.slow(Duration::from_millis(10));
    let mut dice = case.dice();
    let fleet = Fleet::serve(ground.start(), if case.engine == Engine::Postgres { 2 } else { 1 });
    ground.taken(40);
    std::thread::sleep(dice.millis(0, 300));
    let victim = &fleet.running[dice.below(fleet.running.len())];
    victim.freeze();
    std::thread::sleep(Duration::from_secs(LEASE_S) + dice.millis(500, 3_000));
    victim.thaw();
    let recovered = ground.settle(Duration::from_secs(90));
    // Long enough for a late result to arrive.
    std::thread::sleep(Duration::from_millis(500));
    let report = check(&ground, &BTreeSet::new());
    nobody_panicked(&ground);
    Report { struck: 1, recovered, ..report }
}
