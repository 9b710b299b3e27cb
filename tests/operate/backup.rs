//! `gaung backup` and `gaung restore` with real processes: a copy while the service writes, looked at, put in place, and nothing sent twice.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::kind::AccountKind;
use serde_json::Value;

use crate::support::campaigns::{crowd, opinion_wave, released};
use crate::support::database::Engine;
use crate::support::process::gaung::Start;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

const PEOPLE: usize = 300;

#[track_caller]
fn ends(start: &Start, code: i32, arguments: &[&str]) -> String {
    let (ended, said) = start.run(arguments);
    assert_eq!(ended, Some(code), "{arguments:?}: {said}");
    said
}

fn json(said: &str) -> Value {
    let from = said.find('{').unwrap_or_else(|| panic!("{said}"));
    serde_json::from_str(&said[from..]).unwrap_or_else(|e| panic!("{e}: {said}"))
}

/// A wave for a crowd, due in a moment.
async fn wave(site: &Site) {
    let unit = site.world.unit("REGU", Some(site.world.north.office));
    crowd(&site.world, unit, "regu", AccountKind::KolInternal, PEOPLE);
    let mut wave = opinion_wave(site.now() + TimeDelta::seconds(1));
    wave.audience.units = vec![unit];
    released(&site.world, vec![wave]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_mail_leaves_comes_back_and_sends_nothing_twice() {
    let site = Site::fresh(Engine::Sqlite, &[("GAUNG__MAIL__BATCH_SIZE", "20")]);
    wave(&site).await;
    site.sink.slow(Duration::from_millis(80));
    let start = site.start();
    let process = start.serve(&[]);
    wait_until(Duration::from_secs(40), "some mails are sent", || site.sink.count() > 40);
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy.db");
    let copy_name = copy.to_str().unwrap();
    let made = json(&ends(&start, 0, &["backup", copy_name, "--format", "json"]));
    assert_eq!(made["report"]["broken"], serde_json::json!([]), "the promises hold in the copy");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(copies.path()).unwrap().count(), 1, "nothing half made beside it");
    let again = ends(&start, 1, &["backup", copy_name]);
    assert!(again.contains("never overwritten"), "{again}");
    let at_copy = site.sink.count();
    site.sink.fast();
    wait_until(Duration::from_secs(40), "every mail is sent", || site.mails("sent") == PEOPLE as i64);
    assert!(at_copy < PEOPLE && site.sink.count() == PEOPLE);
    // While it runs, its database is not replaced.
    let data_dir = site.world.test.dir.path().join("restored");
    let dir = data_dir.to_str().unwrap();
    std::fs::create_dir(&data_dir).unwrap();
    std::fs::copy(site.world.test.dir.path().join("secret.key"), data_dir.join("secret.key")).unwrap();
    process.terminate().in_order(Duration::from_secs(25));
    // Another installation's database stands in that place and is kept aside.
    let there = Start::new(&data_dir, &format!("sqlite:{dir}/gaung.db"))
        .envs(site.sink.env().iter().map(|(k, v)| (k.as_str(), v.as_str())));
    ends(&there, 0, &["migrate"]);
    let before = std::fs::read(&copy).unwrap();
    let looked = json(&ends(&there, 0, &["restore", copy_name, "--check", "--format", "json"]));
    assert_eq!(looked["rows"]["outbox"].as_i64(), Some(PEOPLE as i64), "{looked}");
    let placed = json(&ends(&there, 0, &["restore", copy_name, "--to", dir, "--format", "json"]));
    assert_eq!(std::fs::read(&copy).unwrap(), before, "the copy itself is as it was");
    let unknown = placed["hold"]["mails_unknown"].as_i64().unwrap();
    assert!(unknown >= (PEOPLE - at_copy - 40) as i64 && unknown <= PEOPLE as i64, "{placed}");
    let aside = placed["kept_aside"][0].as_str().unwrap();
    ends(&there, 0, &["restore", aside, "--check"]);
    // It runs, and sends nothing: not while it is held, and of what is in doubt nothing afterwards.
    let process = there.serve(&[]);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(site.sink.count(), PEOPLE);
    let refused = ends(&there, 1, &["restore", copy_name, "--to", dir]);
    assert!(refused.contains("is in use"), "{refused}");
    ends(&there, 0, &["restore", "--release"]);
    std::thread::sleep(Duration::from_secs(3));
    process.terminate().in_order(Duration::from_secs(25));
    assert_eq!(site.sink.count(), PEOPLE, "nothing went out again");
    assert_eq!(site.sink.doubled(), []);
    let after = json(&ends(&there, 0, &["restore", "--check", "--format", "json"]));
    assert_eq!((&after["broken"], &after["held"]), (&serde_json::json!([]), &serde_json::json!(false)), "{after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_put_in_place_by_hand_holds_its_dispatch_all_the_same() {
    let site = Site::fresh(Engine::Sqlite, &[]);
    wave(&site).await;
    let start = site.start();
    let process = start.serve(&[]);
    wait_until(Duration::from_secs(40), "the wave is filled", || {
        site.number("SELECT count(*) AS n FROM outbox") >= PEOPLE as i64
    });
    let copy = site.world.test.dir.path().join("by-hand/gaung.db");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    ends(&start, 0, &["backup", copy.to_str().unwrap(), "--quick"]);
    wait_until(Duration::from_secs(40), "every mail is sent", || site.mails("sent") == PEOPLE as i64);
    process.terminate().in_order(Duration::from_secs(25));
    let there = start.clone().on(&format!("sqlite:{}", copy.display()));
    let process = there.serve(&[]);
    std::thread::sleep(Duration::from_secs(3));
    let log = process.terminate().log;
    assert!(log.contains("dispatch is held"), "{log}");
    assert_eq!((site.sink.count(), site.sink.doubled()), (PEOPLE, vec![]));
}

#[test]
fn what_is_damaged_or_of_a_newer_version_is_said_and_never_put_in_place() {
    let site = Site::fresh(Engine::Sqlite, &[]);
    let start = site.start();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    ends(&start, 0, &["backup", &path("good.db")]);
    let good = std::fs::read(path("good.db")).unwrap();
    let mut torn = good.clone();
    torn.truncate(good.len() / 2);
    let mut rotten = good.clone();
    for byte in rotten.iter_mut().skip(4096).step_by(97) {
        *byte ^= 0x5a;
    }
    std::fs::write(path("torn.db"), torn).unwrap();
    std::fs::write(path("rotten.db"), rotten).unwrap();
    std::fs::write(path("text.db"), "not a database at all, but long enough to be looked at as one, page by page").unwrap();
    std::fs::copy(path("good.db"), path("newer.db")).unwrap();
    let mut conn = <diesel::SqliteConnection as diesel::Connection>::establish(&path("newer.db")).unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')";
    diesel::connection::SimpleConnection::batch_execute(&mut conn, newer).unwrap();
    drop(conn);
    let to = path("data");
    for name in ["torn.db", "rotten.db", "text.db", "newer.db"] {
        let said = ends(&start, 1, &["restore", &path(name), "--check"]);
        assert!(said.contains("FAULT") || said.contains("1 unknown"), "{name}: {said}");
        ends(&start, 1, &["restore", &path(name), "--to", &to]);
    }
    assert!(!Path::new(&to).join("gaung.db").exists());
    // A live database's file is no copy: its newest rows lie beside it.
    std::fs::write(path("good.db-wal"), "x").unwrap();
    let said = ends(&start, 3, &["restore", &path("good.db"), "--check"]);
    assert!(said.contains("-wal"), "{said}");
}

#[test]
fn older_copies_go_and_flags_are_checked() {
    let site = Site::fresh(Engine::Sqlite, &[]);
    let start = site.start();
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().to_str().unwrap();
    for name in ["gaung-20260101T000000Z.db", "gaung-20260102T000000Z.db", "notes.db"] {
        std::fs::write(dir.path().join(name), "old").unwrap();
    }
    let made = json(&ends(&start, 0, &["backup", to, "--keep", "2", "--format", "json"]));
    assert_eq!(made["removed"].as_array().map(Vec::len), Some(1));
    assert!(!dir.path().join("gaung-20260101T000000Z.db").exists() && dir.path().join("notes.db").exists());
    ends(&start, 1, &["backup", &format!("{to}/x.db"), "--keep", "2"]);
    ends(&start, 2, &["backup", to, "--keep", "0"]);
    ends(&start, 2, &["restore"]);
    ends(&start, 2, &["restore", "--check", "--release"]);
    ends(&start, 2, &["restore", "--to", to]);
    ends(&start, 1, &["restore", "--release"]);
}

#[test]
fn one_process_serves_a_sqlite_database() {
    let site = Site::fresh(Engine::Sqlite, &[]);
    let process = site.start().serve(&[]);
    let said = ends(&site.start(), 3, &["worker"]);
    assert!(said.contains("serves one process"), "{said}");
    process.kill();
    site.start().worker().terminate().in_order(Duration::from_secs(25));
}

#[test]
fn on_postgres_the_databases_own_backups_are_named() {
    let site = Site::fresh(Engine::Postgres, &[]);
    let said = ends(&site.start(), 1, &["backup", "copy.db"]);
    assert!(said.contains("pg_basebackup"), "{said}");
    let looked = json(&ends(&site.start(), 0, &["restore", "--check", "--format", "json"]));
    assert_eq!(looked["integrity"], Value::Null);
    assert_eq!(looked["broken"], serde_json::json!([]));
}
