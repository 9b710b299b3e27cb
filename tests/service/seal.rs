//! Sealing: entries become a tree that is signed; nobody's timing, death or restored copy leads to a second history.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::app::App;
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::ledger::checkpoint::Checkpoint;
use gaung::ledger::note::VerifierKey;
use gaung::ledger::tree::{Frontier, Hash, consistency_proof, verify_consistency};
use gaung::service::seal::key::{self, Known};
use gaung::service::seal::{Badge, recheck, status, sweep};
use gaung::store::schema::{ledger_checkpoints, ledger_entries};
use gaung::store::seal::{self as store, CheckpointRow, Tiles};
use gaung::store::tx::NewEntry;
use gaung::store::types::Doc;
use gaung::store::{Conn, StoreError};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::database::Engine;
use crate::support::world::World;

/// So many entries in one transaction.
pub async fn write(app: &App, entries: usize) {
    let written = app.db.write(Actor::System, move |tx| {
        for n in 0..entries {
            tx.record(NewEntry::new(EventKind::MemberChanged).payload(json!({ "n": n })).detail(json!({ "name": "Sari" })));
        }
        Ok::<_, StoreError>(())
    });
    written.await.unwrap();
}

pub fn read<T>(app: &App, f: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> T {
    app.db.read_blocking(f).unwrap()
}

pub fn checkpoints(app: &App) -> Vec<CheckpointRow> {
    read(app, |conn| Ok(ledger_checkpoints::table.select(CheckpointRow::as_select()).load(conn)?))
}

pub fn keys(app: &App) -> Vec<Known> {
    read(app, key::known)
}

pub fn verifiers(app: &App) -> Vec<VerifierKey> {
    keys(app).iter().map(|key| key.vkey.parse().unwrap()).collect()
}

/// Every checkpoint is signed by a known key and is a prefix of the tree that the rows make; each is consistent with the newest by proof.
pub fn whole(app: &App) -> u64 {
    let leaves: Vec<Hash> = read(app, |conn| {
        let rows = store::sealed(conn, 0, i64::MAX)?;
        rows.into_iter().map(|row| Ok(store::leaf(row)?.hash().unwrap())).collect()
    });
    let log = read(app, store::current).expect("a log");
    let roots: BTreeMap<u64, Hash> = {
        let mut tree = Frontier::new();
        let mut roots = BTreeMap::from([(0, tree.root())]);
        for leaf in &leaves {
            tree.append(*leaf);
            roots.insert(tree.size(), tree.root());
        }
        roots
    };
    assert_eq!(log.size, i64::try_from(leaves.len()).unwrap(), "what is numbered is without holes");
    let newest = (leaves.len() as u64, roots[&(leaves.len() as u64)]);
    assert_eq!(log.tree().unwrap().root(), newest.1);
    let keys = verifiers(app);
    for row in checkpoints(app).into_iter().filter(|row| row.log_no == log.no) {
        let (checkpoint, _) = Checkpoint::open(row.note.as_bytes(), &log.origin, &keys).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root.as_slice()), (row.size as u64, row.root.as_slice()));
        assert_eq!(roots.get(&checkpoint.size), Some(&checkpoint.root), "checkpoint {} is not of this history", row.size);
        let proof = read(app, |conn| Ok(consistency_proof(&Tiles::of(conn, log.no), checkpoint.size, newest.0).unwrap()));
        verify_consistency((checkpoint.size, &checkpoint.root), (newest.0, &newest.1), &proof).unwrap();
    }
    newest.0
}

/// Seals everything; panics where something keeps it from it.
pub async fn seal(app: &App) {
    for _ in 0..100 {
        let done = sweep(app).await.unwrap().done;
        assert_eq!(app.sealing.stop(), None);
        if done == 0 {
            return;
        }
    }
    panic!("it never ends");
}

async fn everything_that_is_written_is_numbered_and_signed(engine: Engine) {
    let test = TestApp::new(engine);
    let app = &test.app;
    assert_eq!(sweep(app).await.unwrap().done, 0);
    assert!(!app.config.ledger_key_file().exists(), "nothing was written, so nothing is signed");
    for entries in [1, 1, 254, 1, 300, 2_100, 7] {
        write(app, entries).await;
        seal(app).await;
        whole(app);
    }
    assert_eq!(whole(app), 2_664);
    assert_eq!(checkpoints(app).len(), 7, "one after each");
    let before = read(app, |conn| store::latest(conn, 1)).unwrap();
    assert_eq!(sweep(app).await.unwrap().done, 0);
    assert_eq!(read(app, |conn| store::latest(conn, 1)).unwrap(), before, "nothing new, nothing signed");
    let key = app.config.ledger_key_file();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let recorded = std::fs::read_to_string(app.config.ledger_record_file()).unwrap();
    assert_eq!(recorded, before.note, "outside the database stands what was signed last");
    assert!(before.note.starts_with("127.0.0.1/ledger\n2664\n"), "{}", before.note);
}

async fn a_backlog_of_an_older_version_is_sealed_in_bounded_batches(engine: Engine) {
    let test = TestApp::new(engine);
    let app = &test.app;
    for _ in 0..11 {
        write(app, 2_100).await;
    }
    assert_eq!(sweep(app).await.unwrap().done, 20_000, "ten batches, then it is signed");
    assert_eq!(checkpoints(app).len(), 1);
    seal(app).await;
    assert_eq!(whole(app), 23_100);
}

/// The same database and files, opened by another process.
pub fn another(test: &TestApp) -> TestApp {
    let url = test.database.url();
    let other = TestApp::on(crate::support::database::TestDatabase::at(&url), &[], test.clock.shared().now());
    for name in ["ledger.key", "ledger.checkpoint"] {
        let (from, to) = (test.dir.path().join(name), other.dir.path().join(name));
        if from.exists() {
            std::fs::copy(&from, &to).unwrap();
        }
    }
    other
}

async fn two_sequencers_and_many_writers_make_one_history(engine: Engine) {
    let test = TestApp::new(engine);
    write(&test.app, 3).await;
    seal(&test.app).await;
    let (one, other) = (another(&test), another(&test));
    let mut tasks = tokio::task::JoinSet::new();
    for app in [test.app.clone(), one.app.clone(), other.app.clone()] {
        let writer = app.clone();
        tasks.spawn(async move {
            for n in 0..25_usize {
                write(&writer, 1 + n * 7 % 40).await;
            }
        });
        tasks.spawn(async move {
            for _ in 0..60 {
                // On SQLite a turn may be waited for too long; the next beat goes on.
                let _ = sweep(&app).await;
                assert_eq!(app.sealing.stop(), None);
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    seal(&one.app).await;
    let written = 3 + 3 * (0..25_usize).map(|n| 1 + n * 7 % 40).sum::<usize>();
    assert_eq!(whole(&test.app), written as u64, "each once");
    // What each process recorded outside is a part of it.
    for app in [&test.app, &one.app, &other.app] {
        seal(app).await;
    }
}

async fn of_two_that_number_the_same_entries_one_wins_and_nothing_is_half_done(engine: Engine) {
    let test = TestApp::new(engine);
    let app = &test.app;
    write(app, 5).await;
    seal(app).await;
    write(app, 5).await;
    let (log, rows) = read(app, |conn| Ok((store::current(conn)?.unwrap(), store::unsealed(conn, 10)?)));
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut tree = log.tree().unwrap();
    for row in rows {
        tree.append(store::leaf(row).unwrap().hash().unwrap());
    }
    // Somebody else is first.
    seal(app).await;
    let before = whole(app);
    let late = app.db.write_blocking(Actor::System, |tx| {
        tx.without_entry("a test");
        if store::number(tx, &log, &tree, &ids, &[])? { Ok(()) } else { Err(StoreError::Stale) }
    });
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(whole(app), before);
}

async fn neither_a_place_nor_an_entry_is_given_twice(engine: Engine) {
    let test = TestApp::new(engine);
    let app = &test.app;
    write(app, 5).await;
    seal(app).await;
    write(app, 4).await;
    let (log, rows) = read(app, |conn| Ok((store::current(conn)?.unwrap(), store::unsealed(conn, 10)?)));
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let leaves: Vec<_> = rows.into_iter().map(|row| store::leaf(row).unwrap().hash().unwrap()).collect();
    let number = |log: &gaung::store::seal::LogRow, these: std::ops::Range<usize>| {
        let mut tree = log.tree().unwrap();
        leaves[these.clone()].iter().for_each(|leaf| tree.append(*leaf));
        app.db.write_blocking(Actor::System, |tx| {
            tx.without_entry("a test");
            if store::number(tx, log, &tree, &ids[these], &[])? { Ok(()) } else { Err(StoreError::Stale) }
        })
    };
    number(&log, 2..4).unwrap();
    // Other entries for the same places.
    let late = number(&log, 0..2);
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    // The same entries for the next places.
    let now = read(app, |conn| Ok(store::current(conn)?.unwrap()));
    for again in [2..4, 1..3] {
        let twice = number(&now, again);
        assert!(matches!(twice, Err(StoreError::Stale)), "{twice:?}");
    }
    number(&now, 0..2).unwrap();
    assert_eq!(read(app, |conn| Ok(store::current(conn)?.unwrap())).size, 9);
}

/// Reads the whole log anew.
async fn check(test: &TestApp) -> Badge {
    test.advance(TimeDelta::hours(7));
    for _ in 0..100 {
        if recheck(&test.app).await.unwrap().is_idle() {
            return status(&test.app).await.unwrap().badge;
        }
    }
    panic!("it never ends");
}

async fn what_is_changed_afterwards_is_found_and_named(engine: Engine) {
    let test = TestApp::new(engine);
    let app = &test.app;
    assert_eq!(status(app).await.unwrap().badge, Badge::NotChecked);
    write(app, 5_000).await;
    seal(app).await;
    assert_eq!(recheck(app).await.unwrap().done, 1, "a bounded part");
    assert_eq!(status(app).await.unwrap().badge, Badge::NotChecked, "not yet");
    assert!(matches!(check(&test).await, Badge::Intact { size: 5_000, .. }));
    assert_eq!(recheck(app).await.unwrap().done, 0, "not again at once");
    let entry = ledger_entries::table.filter(ledger_entries::leaf_index.eq(4_321));
    let change = |to: serde_json::Value| {
        let set = |tx: &mut gaung::store::Tx<'_>| {
            tx.without_entry("a test");
            diesel::update(entry).set(ledger_entries::payload.eq(Doc(to))).execute(tx.conn)?;
            Ok::<_, StoreError>(())
        };
        app.db.write_blocking(Actor::System, set).unwrap();
    };
    change(json!({ "n": 4_322 }));
    let Badge::Broken { entry: 4_321, at, .. } = check(&test).await else { panic!("not found") };
    let Badge::Broken { entry: 4_321, at: again, .. } = check(&test).await else { panic!("not found again") };
    assert_eq!(again, at, "since when it is known stays");
    seal(app).await;
    let told = read(app, |conn| {
        Ok(ledger_entries::table.filter(ledger_entries::kind.eq(EventKind::LedgerBroken)).count().get_result::<i64>(conn)?)
    });
    assert_eq!(told, 1, "the log tells it once");
    change(json!({ "n": 4_321 }));
    assert!(matches!(check(&test).await, Badge::Intact { size: 5_001, .. }), "what was put right is right");
}

async fn entries_that_could_not_be_sealed_are_refused_when_they_are_made(engine: Engine) {
    let world = World::new(engine);
    let record = |payload: serde_json::Value| {
        world.app().db.write_blocking(Actor::System, |tx| {
            tx.record(NewEntry::new(EventKind::MemberChanged).payload(payload));
            Ok::<_, StoreError>(())
        })
    };
    for refused in [json!({ "x": "a".repeat(65_000) }), json!({ "x": 1.5 }), json!({ "x": u64::MAX })] {
        assert!(matches!(record(refused), Err(StoreError::Inconsistent(_))));
    }
    record(json!({ "x": "a".repeat(60_000) })).unwrap();
    record(json!({ "x": 9_007_199_254_740_991_i64, "y": ["\u{1}", "é"] })).unwrap();
    seal(world.app()).await;
    whole(world.app());
}

on_both!(
    everything_that_is_written_is_numbered_and_signed,
    a_backlog_of_an_older_version_is_sealed_in_bounded_batches,
    two_sequencers_and_many_writers_make_one_history,
    of_two_that_number_the_same_entries_one_wins_and_nothing_is_half_done,
    neither_a_place_nor_an_entry_is_given_twice,
    what_is_changed_afterwards_is_found_and_named,
    entries_that_could_not_be_sealed_are_refused_when_they_are_made,
);
