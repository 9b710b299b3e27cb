//! `gaung doctor`: what it finds, what it advises, and that looking changes nothing.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use gaung::store::db::Place;
use serde_json::Value;

use super::run::{Ran, Site};
use crate::support::database::Engine;

/// A check by its name.
fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report.as_array().unwrap();
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

fn failing(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let bad = report.as_array().unwrap().iter().filter(|check| check["ok"] == false);
    bad.map(|check| {
        assert!(!check["advice"].as_str().unwrap().is_empty(), "no advice: {check:#}");
        check["check"].as_str().unwrap().to_owned()
    })
    .collect()
}

async fn a_sound_installation_passes(engine: Engine) {
    let site = Site::empty(engine);
    site.run(&["migrate"]).ends(0);
    let ran = site.run(&["doctor", "--format", "json"]).ends(0);
    let report = ran.json();
    assert_eq!(failing(&ran), Vec::<String>::new());
    for name in ["configuration", "exposure", "data directory", "free space", "secret key", "time zones", "migrations", "mail"] {
        assert_eq!(check(&report, name)["ok"], true);
    }
    let named = if engine == Engine::Sqlite { "SQLite 3." } else { "PostgreSQL 1" };
    assert!(check(&report, "database")["detail"].as_str().unwrap().starts_with(named), "{report:#}");
    assert!(check(&report, "scheduler")["detail"].as_str().unwrap().contains("has not ticked yet"));
    assert!(!ran.out.contains("postgres:postgres") && !ran.err.contains("Error"));
    assert!(site.run(&["doctor"]).ends(0).out.contains("ok    database"));
}

async fn looking_at_nothing_makes_nothing(engine: Engine) {
    let site = Site::empty(engine);
    let ran = site.run(&["doctor", "--format", "json"]).ends(1);
    let missing = if engine == Engine::Sqlite { "database" } else { "migrations" };
    assert_eq!(failing(&ran), ["data directory", "secret key", missing]);
    assert_eq!(site.names(), Vec::<String>::new());
    if let Place::Postgres(url) = &site.database.place {
        let mut conn = diesel::PgConnection::establish(url).unwrap();
        let tables = "DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') = 0; END $$";
        conn.batch_execute(tables).unwrap();
    }
}

on_both!(a_sound_installation_passes, looking_at_nothing_makes_nothing);

#[test]
fn what_is_wrong_is_found_by_its_name() {
    let site = Site::new(Engine::Sqlite);
    site.run(&["migrate"]).ends(0);
    let settings = "[server]\nbind = \"0.0.0.0\"\n";
    site.file("open.toml", settings);
    assert_eq!(failing(&site.run(&["doctor", "--format", "json", "--config", "open.toml"]).ends(1)), ["exposure"]);
    // Nothing listens on port 1.
    site.file("mail.toml", "[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n");
    assert_eq!(failing(&site.run(&["doctor", "--format", "json", "--config", "mail.toml"]).ends(1)), ["mail"]);
    site.file("keys.toml", "[mail]\ndkim = [\"kemencontoh.example:g1:tidak-ada.pem\"]\n");
    let ran = site.run(&["doctor", "--format", "json", "--config", "keys.toml"]).ends(1);
    assert_eq!(failing(&ran), ["signing keys"]);
    assert!(ran.out.contains("tidak-ada.pem"), "{ran:?}");
    site.file("bad.toml", "[server]\nprot = 1\n");
    assert_eq!(failing(&site.run(&["doctor", "--format", "json", "--config", "bad.toml"]).ends(1)), ["configuration"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = site.dir.path().join("data/secret.key");
        std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(failing(&site.run(&["doctor", "--format", "json"]).ends(1)), ["secret key"]);
    }
}

#[test]
fn a_damaged_file_and_an_absent_server_are_told_apart_from_a_sound_one() {
    let site = Site::empty(Engine::Sqlite);
    site.run(&["migrate"]).ends(0);
    let url = site.database.url();
    std::fs::write(url.strip_prefix("sqlite:").unwrap(), "this is a letter, not a database ".repeat(200)).unwrap();
    assert_eq!(failing(&site.run(&["doctor", "--format", "json"]).ends(1)), ["database"]);
    let arguments = ["doctor", "--format", "json", "--data-dir", "data", "--database", "postgres://g:geheim@127.0.0.1:1/g"];
    let ran = site.run_bare(&arguments).ends(1);
    assert_eq!(failing(&ran), ["database"]);
    assert!(!ran.out.contains("geheim") && !ran.err.contains("geheim"));
}
