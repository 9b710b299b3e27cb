//! `gaung migrate`: once, with a copy of what there was; and who migrates by themselves.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use super::run::Site;
use crate::support::database::Engine;

async fn an_empty_database_is_brought_to_form_once(engine: Engine) {
    let site = Site::empty(engine);
    let first = site.run(&["migrate", "--format", "json"]).ends(0).json();
    assert!(!first["applied"].as_array().unwrap().is_empty());
    assert!(first["backup"].is_null(), "there was nothing to lose");
    let second = site.run(&["migrate", "--format", "json"]).ends(0).json();
    assert_eq!(second["applied"].as_array().unwrap().len(), 0);
    assert!(site.run(&["migrate"]).ends(0).out.contains("already"));
}

on_both!(an_empty_database_is_brought_to_form_once);

#[test]
fn on_postgres_everything_else_waits_for_the_operator() {
    let site = Site::empty(Engine::Postgres);
    for command in
        [&["serve", "--port", "0"][..], &["worker"], &["user", "add", "--email", "a@b.example", "--name", "A", "--role", "admin"]]
    {
        site.run(command).ends(3).complains("run `gaung migrate`");
    }
}

#[test]
fn a_sqlite_file_is_copied_before_it_is_migrated() {
    let site = Site::empty(Engine::Sqlite);
    let url = site.database.url();
    let path = url.strip_prefix("sqlite:").unwrap();
    // As an older version left it: one migration applied, and something in it.
    let mut conn = diesel::SqliteConnection::establish(path).unwrap();
    let old = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
               INSERT INTO __diesel_schema_migrations (version) VALUES ('20200101000000');
               CREATE TABLE treasure (gold TEXT); INSERT INTO treasure VALUES ('much');";
    conn.batch_execute(old).unwrap();
    let done = site.run(&["migrate", "--format", "json"]).ends(0).json();
    let copy = site.dir.path().join(done["backup"].as_str().unwrap());
    assert!(copy.starts_with(site.dir.path().join("data/backups")));
    let mut conn = diesel::SqliteConnection::establish(&copy.to_string_lossy()).unwrap();
    let as_it_was = "CREATE TABLE probe AS SELECT gold FROM treasure; CREATE TABLE members (not_migrated TEXT);";
    conn.batch_execute(as_it_was).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(site.run(&["migrate", "--format", "json"]).ends(0).json()["backup"].is_null());
}
