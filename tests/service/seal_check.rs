//! Processes that read the log anew at the same moment begin one round and tell one finding.

use std::sync::Barrier;
use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::actor::Actor;
use gaung::store::seal::{self, CheckRow};
use gaung::store::{StoreError, Tx};

use super::seal::{seal as sealed, write as entries};
use crate::support::app::TestApp;
use crate::support::database::Engine;

/// What one process does in its transaction.
type Deed = fn(&mut Tx<'_>) -> Result<bool, StoreError>;

/// One process does this and commits only when another has begun the same; what came of each.
fn at_once(db: &gaung::store::Db, first: Deed, second: Deed) -> (Result<bool, StoreError>, Result<bool, StoreError>) {
    let met = Barrier::new(2);
    let write = |deed: Deed, stays: bool| {
        if !stays {
            met.wait();
        }
        db.write_blocking(Actor::System, |tx| {
            tx.without_entry("looking changes nothing");
            let done = deed(tx);
            if stays {
                met.wait();
                std::thread::sleep(Duration::from_millis(200));
            }
            done
        })
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| write(first, true));
        let second = write(second, false);
        (first.join().expect("the first"), second)
    })
}

fn begun(tx: &mut Tx<'_>, target: i64) -> Result<bool, StoreError> {
    seal::begin_check(tx, 1, target, None).map(|()| true)
}

async fn with_a_log(engine: Engine) -> TestApp {
    let test = TestApp::new(engine);
    entries(&test.app, 100).await;
    sealed(&test.app).await;
    test
}

async fn one_round_is_begun(engine: Engine) {
    let test = with_a_log(engine).await;
    let db = &test.app.db;
    let of = || db.read_blocking(|conn| seal::check_of(conn, 1)).unwrap().expect("a round");
    // The first there ever is.
    let (first, second) = at_once(db, |tx| begun(tx, 70), |tx| begun(tx, 90));
    assert!(matches!((&first, &second), (Ok(true), Ok(true))), "{first:?} {second:?}");
    assert_eq!(of().target, 70, "who came second goes on with it");
    // A later one, begun by both because of the same check.
    let ends = |tx: &mut Tx<'_>| {
        tx.without_entry("looking changes nothing");
        seal::sound(tx, 1, 70)
    };
    db.write_blocking(Actor::System, ends).unwrap();
    test.advance(TimeDelta::hours(7));
    let seen: CheckRow = of();
    let again = |target: i64| {
        db.write_blocking(Actor::System, |tx| {
            tx.without_entry("looking changes nothing");
            seal::begin_check(tx, 1, target, Some(&seen))
        })
        .unwrap();
    };
    again(80);
    again(90);
    assert_eq!((of().target, of().began_at.0), (80, seen.began_at.0 + TimeDelta::hours(7)));
}

async fn one_finding_is_told(engine: Engine) {
    let test = with_a_log(engine).await;
    let db = &test.app.db;
    let begin = |tx: &mut Tx<'_>| {
        tx.without_entry("looking changes nothing");
        begun(tx, 70)
    };
    db.write_blocking(Actor::System, begin).unwrap();
    let found: Deed = |tx| seal::broke(tx, 1, 12, "changed");
    let (first, second) = at_once(db, found, found);
    assert_eq!((first.unwrap(), second.unwrap()), (true, false), "news once");
    let (first, second) = at_once(db, found, |tx| seal::broke(tx, 1, 5, "another"));
    assert_eq!((first.unwrap(), second.unwrap()), (false, true), "another entry is news");
}

on_both!(one_round_is_begun, one_finding_is_told);
