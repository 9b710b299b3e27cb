//! What stops sealing, and the ways out: lost commits and restored copies, other histories, missing keys and records, new keys.

use std::path::Path;

use chrono::TimeDelta;
use diesel::prelude::*;
use gaung::app::App;
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::ledger::checkpoint::Checkpoint;
use gaung::ledger::note::VerifierKey;
use gaung::service::seal::{Stop, key, restart, sweep};
use gaung::store::schema::{ledger_checkpoints, ledger_entries};
use gaung::store::{StoreError, seal as store};

use super::refusal;
use super::seal::{another, checkpoints, keys, read, seal, verifiers, whole, write};
use crate::support::app::TestApp;
use crate::support::database::Engine;

/// A copy of the rows as they are now, put back later: SQLite's file.
fn copy_of(test: &TestApp) -> Option<tempfile::TempPath> {
    let url = test.database.url();
    let path = url.strip_prefix("sqlite:")?;
    let copy = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::remove_file(&copy).unwrap();
    gaung::store::migrate::copy_sqlite(&test.app.db, &copy).unwrap();
    assert!(Path::new(path).exists());
    Some(copy)
}

async fn a_database_that_lost_what_was_signed_is_never_signed_for(engine: Engine) {
    let test = TestApp::new(engine);
    write(&test.app, 300).await;
    seal(&test.app).await;
    // PostgreSQL: as after a fail-over to a standby that was behind, the rows are set back by hand.
    let copy = copy_of(&test);
    let log = read(&test.app, store::current).unwrap();
    write(&test.app, 20).await;
    seal(&test.app).await;
    let lost = std::fs::read_to_string(test.app.config.ledger_record_file()).unwrap();
    let back = match copy {
        Some(copy) => {
            let place = crate::support::database::TestDatabase::at(&format!("sqlite:{}", copy.display()));
            let back = TestApp::on(place, &[], test.clock.shared().now());
            for name in ["ledger.key", "ledger.checkpoint"] {
                std::fs::copy(test.dir.path().join(name), back.dir.path().join(name)).unwrap();
            }
            std::mem::forget(copy);
            back
        }
        None => {
            test.app
                .db
                .write_blocking(Actor::System, |tx| {
                    use gaung::store::schema::{ledger_logs, ledger_tiles};
                    tx.without_entry("a test");
                    diesel::delete(gaung::store::schema::ledger_secrets::table).execute(tx.conn)?;
                    diesel::delete(ledger_checkpoints::table.filter(ledger_checkpoints::size.gt(300))).execute(tx.conn)?;
                    diesel::delete(ledger_entries::table.filter(ledger_entries::leaf_index.ge(300))).execute(tx.conn)?;
                    let tile = ledger_tiles::table.find((1, 0, 1_i64));
                    let hashes: Vec<u8> = tile.select(ledger_tiles::hashes).first(tx.conn)?;
                    diesel::update(tile).set(ledger_tiles::hashes.eq(hashes[..44 * 32].to_vec())).execute(tx.conn)?;
                    let set = (
                        ledger_logs::size.eq(log.size),
                        ledger_logs::root.eq(log.root.clone()),
                        ledger_logs::frontier.eq(log.frontier.clone()),
                    );
                    diesel::update(ledger_logs::table.find(1)).set(set).execute(tx.conn)?;
                    Ok::<_, StoreError>(())
                })
                .unwrap();
            another(&test)
        }
    };
    let app = &back.app;
    write(app, 3).await;
    assert_eq!(sweep(app).await.unwrap().done, 0);
    assert_eq!(app.sealing.stop(), Some(Stop::Behind { recorded: 320, here: 300 }));
    write(app, 40).await;
    assert_eq!(sweep(app).await.unwrap().done, 0, "also when there are more entries than were lost");
    assert_eq!(checkpoints(app).len(), 1, "nothing was signed");
    // Without the record nothing is signed either.
    let record = app.config.ledger_record_file();
    std::fs::rename(&record, record.with_extension("away")).unwrap();
    sweep(app).await.unwrap();
    assert_eq!(app.sealing.stop().unwrap().code(), "no_record");
    std::fs::rename(record.with_extension("away"), &record).unwrap();
    the_way_out(app, &lost).await;
}

/// A new log, whose first entry names the last checkpoint of the old one.
async fn the_way_out(app: &App, lost: &str) {
    assert!(restart::restart(app, " ").await.is_err());
    let restarted = restart::restart(app, "the disk of 12 May").await.unwrap();
    assert_eq!((restarted.origin.as_str(), restarted.old), ("127.0.0.1/ledger/2", Some(("127.0.0.1/ledger".into(), 320))));
    assert_eq!(std::fs::read_to_string(restarted.kept.unwrap()).unwrap(), lost);
    seal(app).await;
    let logs = read(app, store::logs);
    assert_eq!(logs.iter().map(|log| (log.no, log.first_leaf, log.size)).collect::<Vec<_>>(), [(1, 0, 300), (2, 300, 44)]);
    assert_eq!(logs[0].reason.as_deref(), Some("the disk of 12 May"));
    let first = read(app, |conn| store::sealed(conn, 300, 301)).remove(0);
    assert_eq!(first.kind, EventKind::LedgerRestarted);
    let (old, _) = Checkpoint::parse(lost.as_bytes()).unwrap();
    assert_eq!(first.payload.0["last_signed"]["size"], 320);
    assert_eq!(first.payload.0["last_signed"]["root"], gaung::ledger::text::base64(&old.root));
    assert!(checkpoints(app).iter().any(|row| row.note == lost), "the old checkpoint is still to be had");
    let vkey: VerifierKey = restarted.vkey.parse().unwrap();
    let newest = read(app, |conn| store::latest(conn, 2)).unwrap();
    let (checkpoint, _) = Checkpoint::open(newest.note.as_bytes(), "127.0.0.1/ledger/2", &[vkey]).unwrap();
    assert_eq!(checkpoint.size, 44);
}

async fn a_database_from_before_the_first_sealing_is_not_begun_anew_in_silence(engine: Engine) {
    let old = TestApp::new(engine);
    write(&old.app, 5).await;
    seal(&old.app).await;
    let empty = TestApp::new(engine);
    for name in ["ledger.key", "ledger.checkpoint"] {
        std::fs::copy(old.dir.path().join(name), empty.dir.path().join(name)).unwrap();
    }
    write(&empty.app, 7).await;
    sweep(&empty.app).await.unwrap();
    assert_eq!(empty.app.sealing.stop(), Some(Stop::Behind { recorded: 5, here: 0 }));
    let restarted = restart::restart(&empty.app, "begun anew on an empty database").await.unwrap();
    assert_eq!(restarted.origin, "127.0.0.1/ledger/2");
    seal(&empty.app).await;
    assert_eq!(whole(&empty.app), 8);
    let logs = read(&empty.app, store::logs);
    assert_eq!(
        logs.iter().map(|log| (log.origin.as_str(), log.size)).collect::<Vec<_>>(),
        [("127.0.0.1/ledger", 0), ("127.0.0.1/ledger/2", 8)]
    );
}

async fn another_history_of_the_same_length_is_not_signed(engine: Engine) {
    let test = TestApp::new(engine);
    write(&test.app, 10).await;
    seal(&test.app).await;
    let stranger = TestApp::new(engine);
    std::fs::copy(test.dir.path().join("ledger.key"), stranger.dir.path().join("ledger.key")).unwrap();
    write(&stranger.app, 12).await;
    seal(&stranger.app).await;
    std::fs::copy(test.app.config.ledger_record_file(), stranger.app.config.ledger_record_file()).unwrap();
    write(&stranger.app, 1).await;
    sweep(&stranger.app).await.unwrap();
    assert_eq!(stranger.app.sealing.stop(), Some(Stop::Forked(10)));
    assert_eq!(read(&stranger.app, |conn| store::unsealed(conn, 10)).len(), 1, "it is not even numbered");
}

async fn a_replica_without_the_key_or_with_another_seals_nothing_and_says_so(engine: Engine) {
    let test = TestApp::new(engine);
    write(&test.app, 10).await;
    seal(&test.app).await;
    let other = another(&test);
    let key = other.app.config.ledger_key_file();
    std::fs::remove_file(&key).unwrap();
    write(&test.app, 1).await;
    sweep(&other.app).await.unwrap();
    assert_eq!(other.app.sealing.stop(), Some(Stop::NoKey));
    assert!(!key.exists(), "it makes none of its own");
    gaung::config::create_ledger_key(&key).unwrap();
    sweep(&other.app).await.unwrap();
    assert_eq!(other.app.sealing.stop().unwrap().code(), "other_key");
    // A new replica with the right key and no record of its own asks for a person's word.
    std::fs::copy(test.app.config.ledger_key_file(), &key).unwrap();
    std::fs::remove_file(other.app.config.ledger_record_file()).unwrap();
    sweep(&other.app).await.unwrap();
    assert_eq!(other.app.sealing.stop().unwrap().code(), "no_record");
    restart::adopt(&other.app).await.unwrap();
    assert_eq!(refusal(&restart::adopt(&other.app).await.unwrap_err()), "bad_record", "only where there is none");
    seal(&other.app).await;
    assert_eq!(whole(&other.app), 11);
    seal(&test.app).await;
}

async fn a_new_key_signs_beside_the_old_one_and_then_alone(engine: Engine) {
    let test = TestApp::new(engine);
    let app = &test.app;
    assert_eq!(refusal(&key::rotate(app).await.unwrap_err()), "ledger.not_begun");
    write(app, 10).await;
    seal(app).await;
    let old = verifiers(app);
    let rotated = key::rotate(app).await.unwrap();
    assert!(rotated.made);
    seal(app).await;
    assert_eq!(whole(app), 11, "the change is in the log");
    let new: VerifierKey = rotated.vkey.parse().unwrap();
    let newest = || read(app, |conn| store::latest(conn, 1)).unwrap().note;
    for key in [&old[0], &new] {
        Checkpoint::open(newest().as_bytes(), "127.0.0.1/ledger", std::slice::from_ref(key)).unwrap();
    }
    test.advance(TimeDelta::days(31));
    write(app, 1).await;
    seal(app).await;
    assert!(Checkpoint::open(newest().as_bytes(), "127.0.0.1/ledger", &old).is_err());
    Checkpoint::open(newest().as_bytes(), "127.0.0.1/ledger", &[new]).unwrap();
    let known = keys(app);
    let spans: Vec<_> = known.iter().map(|key| (key.from_size, key.until_size)).collect();
    assert_eq!(spans, [(10, None), (0, Some(11))], "each key's span is known");
    assert_eq!(whole(app), 12);
    // One that an operator put into the file by hand is taken as it is.
    let seeds = gaung::config::load_ledger_keys(&app.config.ledger_key_file(), true).unwrap().unwrap();
    let by_hand = [vec![[9; 32]], seeds].concat();
    gaung::config::replace_ledger_keys(&app.config.ledger_key_file(), &by_hand).unwrap();
    seal(app).await;
    assert!(!key::rotate(app).await.unwrap().made);
    seal(app).await;
    whole(app);
}

on_both!(
    a_database_that_lost_what_was_signed_is_never_signed_for,
    a_database_from_before_the_first_sealing_is_not_begun_anew_in_silence,
    another_history_of_the_same_length_is_not_signed,
    a_replica_without_the_key_or_with_another_seals_nothing_and_says_so,
    a_new_key_signs_beside_the_old_one_and_then_alone,
);
