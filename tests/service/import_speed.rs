//! How long an import takes. Run by hand: `scripts/with-postgres cargo test --test suite -- --ignored --nocapture import_speed`.

use gaung::service::import::ImportKind;

use super::import::{DRY, REAL, counts, import};
use crate::support::database::Engine;
use crate::support::world::World;

/// How long 100,000 new members take; run by hand: `cargo test --test suite -- --ignored --nocapture a_hundred_thousand`.
async fn time_a_hundred_thousand(engine: Engine) {
    let world = World::new(engine);
    let members: u32 = std::env::var("GAUNG_TEST_MEMBERS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let mut file = "employee_no,name,email,unit_code,locale,zone\n".to_owned();
    for n in 0..members {
        file += &format!("1987{n:014},Siti Rahma {n},siti.rahma.{n}@kemencontoh.example,UTR,id,Asia/Jakarta\n");
    }
    for (what, dry_run) in [("dry run", DRY), ("new", REAL), ("unchanged", REAL)] {
        let start = std::time::Instant::now();
        let report = import(&world, &world.coordinator, ImportKind::Members, file.clone(), dry_run).await;
        println!("{engine:?} {what}: {members} members in {:?}; {:?}", start.elapsed(), counts(&report));
    }
    let changed = file.replace("Siti Rahma", "Sitti Rahma");
    let start = std::time::Instant::now();
    let report = import(&world, &world.coordinator, ImportKind::Members, changed, REAL).await;
    println!("{engine:?} changed: {members} members in {:?}; {:?}", start.elapsed(), counts(&report));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{:?}", status.lines().find(|line| line.starts_with("VmHWM")));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn a_hundred_thousand_on_sqlite() {
    time_a_hundred_thousand(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn a_hundred_thousand_on_postgres() {
    time_a_hundred_thousand(Engine::Postgres).await;
}
