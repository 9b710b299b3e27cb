//! Faults between a worker and its relay, and inside a worker that lives on.

use std::collections::BTreeSet;
use std::time::Duration;

use super::checker::{Report, check, logs, nobody_panicked};
use super::ground::{Case, Fleet, Ground};
use crate::support::smtp_server::{Act, At, Fault};

/// The relay takes some messages and closes before it says so: those are in doubt, and no other.
pub async fn closes_after_the_dot(case: Case) -> Report {
    let (people, count) = case.size((200, 5), (1_000, 25));
    let ground = Ground::new(case.engine, people, &[]).await;
    ground.site.sink.0.set_faults([Fault::times(count, At::Dot, Act::AcceptAndClose)]);
    let _fleet = Fleet::serve(ground.start(), 1);
    let recovered = ground.settle(Duration::from_secs(90));
    let report = check(&ground, &BTreeSet::new());
    assert_eq!((report.unknown, ground.site.sink.count()), (count as u64, people), "one doubt for each, and each came once");
    nobody_panicked(&ground);
    Report { struck: count as u64, recovered, ..report }
}

/// The composing task panics with a batch in hand, and another batch cannot be prepared: nothing of either is in doubt.
pub async fn panics(case: Case) -> Report {
    let ground = Ground::new(case.engine, case.size(300, 1_000), &[]).await;
    let faults = "delivery.compose.before=panic@1,delivery.prepare.before=error@3";
    let fleet = Fleet::serve(ground.start().env("GAUNG_FAULTS", faults), 1);
    let recovered = ground.settle(Duration::from_secs(90));
    let report = check(&ground, &BTreeSet::new());
    let log = fleet.running[0].log();
    assert!(log.contains("fault point delivery.compose.before: Panic"), "{log}");
    assert!(log.contains("fault point delivery.prepare.before: Error"), "{log}");
    assert_eq!(logs(&ground).iter().map(|(_, log)| log.matches("panicked at").count()).sum::<usize>(), 1);
    assert_eq!((report.unknown, ground.mails("'sent'")), (0, ground.people as i64), "nothing was in doubt");
    Report { struck: 2, recovered, ..report }
}
