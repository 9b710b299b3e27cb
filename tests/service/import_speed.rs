//! How long an import takes. Run by hand: `scripts/with-postgres cargo test --test suite -- --ignored --nocapture import_speed`.

use gaung::service::import::ImportKind;

use super::import::{DRY, REAL, counts, import};
use crate::support::database::Engine;
use crate::support::world::World;

/// Seconds of processor time that this process has used; other load on the machine does not show in it.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    // Fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// `GAUNG_TEST_MEMBERS` members, 100,000 where nothing is said.
async fn time_members(engine: Engine) {
    let world = World::new(engine);
    let members: u32 = std::env::var("GAUNG_TEST_MEMBERS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let mut file = "employee_no,name,email,unit_code,locale,zone\n".to_owned();
    for n in 0..members {
        file += &format!("1987{n:014},Siti Rahma {n},siti.rahma.{n}@kemencontoh.example,UTR,id,Asia/Jakarta\n");
    }
    let renamed = file.replace("Siti Rahma", "Sitti Rahma");
    let runs = [("dry run", DRY, &file), ("new", REAL, &file), ("unchanged", REAL, &file), ("changed", REAL, &renamed)];
    for (what, dry_run, file) in runs {
        let (start, used) = (std::time::Instant::now(), processor_s());
        let report = import(&world, &world.coordinator, ImportKind::Members, file.clone(), dry_run).await;
        let used = processor_s() - used;
        println!(
            "{engine:?} {what}: {members} members in {:?}, {used:.1} s of processor; {:?}",
            start.elapsed(),
            counts(&report)
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{:?}, of it twice {} KiB for the files", status.lines().find(|line| line.starts_with("VmHWM")), file.len() >> 10);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn members_on_sqlite() {
    time_members(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn members_on_postgres() {
    time_members(Engine::Postgres).await;
}
