//! Two versions on one database: what is newer only adds, so what is older goes on; what lacks something says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{STOP, planned};
use crate::support::campaigns::mails;
use crate::support::database::{Engine, TestDatabase};
use crate::support::process::site::Site;
use crate::support::process::wait_until;

/// The last migration of the time before two versions were promised to run side by side.
const SINCE: &str = "2026-11-23-000003";

/// What a later version might add: a column, a table, an index.
const LATER: &str = "ALTER TABLE members ADD COLUMN later_note TEXT; \
    ALTER TABLE outbox ADD COLUMN later_mark INTEGER NOT NULL DEFAULT 0; \
    CREATE TABLE later_things (id INTEGER PRIMARY KEY, member_id INTEGER); \
    CREATE INDEX later_index ON assignments (member_id, planned_at); \
    INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001');";

async fn an_older_binary_works_on_a_database_that_is_ahead(engine: Engine) {
    let site = Site::fresh(engine, &[("GAUNG__SERVER__DRAIN_S", "0")]);
    site.execute(LATER);
    let n = 30;
    let wave = planned(&site, n, 1).await;
    let server = site.start().serve(&[]);
    wait_until(Duration::from_secs(30), "every mail is sent", || site.mails("sent") == n as i64);
    assert_eq!(reqwest::get(format!("{}/readyz", server.base())).await.unwrap().status(), 200);
    let ended = server.terminate();
    ended.in_order(STOP);
    assert!(!ended.log.contains("ERROR"), "{}", ended.log);
    assert_eq!(mails(site.world.app(), wave.wave_id).len(), n);
    // Nothing of what is newer is taken back.
    let (code, said) = site.start().run(&["migrate"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(site.number("SELECT count(*) AS n FROM __diesel_schema_migrations WHERE version = '20991231000001'"), 1);
    site.check();
}

on_both!(an_older_binary_works_on_a_database_that_is_ahead);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_behind_is_refused_by_name_and_number() {
    let site = Site::fresh(Engine::Postgres, &[]);
    site.execute(
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations WHERE version < '2099')",
    );
    for command in [&["serve", "--port", "0"][..], &["worker"]] {
        let (code, said) = site.start().run(command);
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("lacks 1 migration(s)") && said.contains("gaung migrate"), "{said}");
    }
}

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    kind: String,
    /// Whether a row may be inserted without it.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    optional: bool,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    columns: String,
}

/// Tables and columns, and unique rules, as they are at one moment.
struct Shape {
    columns: BTreeMap<String, Column>,
    unique: Vec<(String, Vec<String>)>,
}

fn shape(conn: &mut PgConnection) -> Shape {
    let columns = diesel::sql_query(
        "SELECT table_name || '.' || column_name AS place, data_type::text AS kind, \
         (is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS') AS optional \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
    )
    .load::<Column>(conn)
    .expect("the columns");
    let unique = diesel::sql_query(
        "SELECT c.relname::text AS place, array_to_string(ARRAY(SELECT a.attname FROM pg_attribute a \
         WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey)), ',') AS columns \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE i.indisunique AND n.nspname = 'public' AND c.relname NOT LIKE '\\_\\_%'",
    )
    .load::<Index>(conn)
    .expect("the unique rules");
    Shape {
        columns: columns.into_iter().map(|column| (column.place.clone(), column)).collect(),
        unique: unique.into_iter().map(|index| (index.place, index.columns.split(',').map(str::to_owned).collect())).collect(),
    }
}

/// What a step took away from those who know only the shape before it.
fn taken_away(before: &Shape, after: &Shape) -> Vec<String> {
    let table = |place: &str| place.split('.').next().unwrap_or_default().to_owned();
    let is_old = |name: &str| before.columns.keys().any(|place| table(place) == name);
    let mut found = Vec::new();
    for (place, old) in &before.columns {
        match after.columns.get(place) {
            None => found.push(format!("{place} is gone")),
            Some(new) if new.kind != old.kind => found.push(format!("{place} was {} and is {}", old.kind, new.kind)),
            Some(new) if old.optional && !new.optional => found.push(format!("{place} must now be given")),
            Some(_) => {}
        }
    }
    for (place, new) in &after.columns {
        if !before.columns.contains_key(place) && is_old(&table(place)) && !new.optional {
            found.push(format!("{place} is new and must be given, which no older version does"));
        }
    }
    for (name, columns) in &after.unique {
        let of_old = columns.iter().all(|column| before.columns.contains_key(&format!("{name}.{column}")));
        if is_old(name) && of_old && !before.unique.contains(&(name.clone(), columns.clone())) {
            found.push(format!("{name} has a new unique rule on {columns:?}, which older versions may break"));
        }
    }
    found
}

fn migrations() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut found: Vec<_> =
        std::fs::read_dir(dir).expect("the migrations").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

#[test]
fn each_migration_only_adds() {
    let database = TestDatabase::empty(Engine::Postgres);
    let mut conn = PgConnection::establish(&database.url()).expect("the database");
    let mut before: Option<Shape> = None;
    let mut looked_at = 0;
    for dir in migrations() {
        let name = dir.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        conn.batch_execute(&std::fs::read_to_string(dir.join("up.sql")).expect("up.sql"))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let after = shape(&mut conn);
        if let Some(before) = before.filter(|_| name.as_str() > SINCE && !name.starts_with(SINCE)) {
            looked_at += 1;
            assert_eq!(taken_away(&before, &after), [""; 0], "{name}: expand first, contract a version later");
        }
        before = Some(after);
    }
    // The rule itself can fail.
    let before = before.expect("a shape");
    conn.batch_execute(
        "ALTER TABLE members DROP COLUMN locale; ALTER TABLE outbox ADD COLUMN must TEXT; UPDATE outbox SET must = ''; \
         ALTER TABLE outbox ALTER COLUMN must SET NOT NULL; CREATE UNIQUE INDEX one_name ON members (name);",
    )
    .expect("a bad step");
    let found = taken_away(&before, &shape(&mut conn));
    assert_eq!(found.len(), 3, "{found:?} (of {looked_at} steps none was bad)");
}

/// Run by `scripts/side-by-side`, which builds the older binary.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs an older build: scripts/side-by-side COMMIT"]
async fn an_older_and_this_version_carry_a_dispatch_together() {
    let older = PathBuf::from(std::env::var_os("GAUNG_TEST_OLDER").expect("GAUNG_TEST_OLDER names the older binary"));
    let site = Site::fresh(Engine::Postgres, &[("GAUNG__CAMPAIGN__CHUNK_SIZE", "50"), ("GAUNG__MAIL__BATCH_SIZE", "20")]);
    let n = 2_000;
    let wave = planned(&site, n, 4).await;
    let (old, new) = (site.start().program(&older), site.start());
    let mut running = vec![old.serve(&[]), old.worker(), new.serve(&[]), new.worker()];
    // In the middle one of each goes, and another comes.
    wait_until(Duration::from_secs(60), "some mail is sent", || site.mails("sent") > 200);
    running.remove(1).terminate().in_order(Duration::from_secs(28));
    running.remove(2).terminate().in_order(STOP);
    running.push(old.worker());
    running.push(new.worker());
    for server in &running[..2] {
        assert_eq!(reqwest::get(format!("{}/readyz", server.base())).await.unwrap().status(), 200);
    }
    wait_until(Duration::from_secs(120), "every mail is sent", || site.mails("sent") == n as i64);
    assert_eq!((site.sink.count(), mails(site.world.app(), wave.wave_id).len()), (n, n));
    for process in running {
        let ended = process.terminate();
        ended.in_order(Duration::from_secs(28));
        assert!(!ended.log.contains("ERROR"), "{}", ended.log);
    }
    site.check();
}
