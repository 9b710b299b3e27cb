//! The disk fills up under SQLite: a clear answer, no half rows, reads served, and no restart needed once there is room.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use gaung::store::db::{Place, PoolOptions};
use gaung::store::{Db, migrate};

use super::checker::{Report, check, nobody_panicked};
use super::ground::{Case, Fleet, Ground};
use super::kills::whole;
use super::people::{Answer, client, open, press, tasks};
use crate::support::database::TestDatabase;

/// A small file system in memory; unmounted when the test forgets it.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, with the reason printed, where mounting is refused.
    fn mount(megabytes: u32) -> Option<Self> {
        let place = tempfile::Builder::new().prefix("gaung-disk").tempdir().expect("a directory").keep();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(&place);
        match command.output() {
            Ok(output) if output.status.success() => Some(Self(place)),
            other => {
                println!("disk: skipped, a tmpfs can't be mounted here: {other:?}");
                let _ = std::fs::remove_dir(&place);
                None
            }
        }
    }
    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
    /// Takes all the room there is.
    fn fill(&self) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.filler()).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }
    fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("the filler");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn database(disk: &Path) -> TestDatabase {
    let place = disk.join("gaung.db");
    let url = format!("sqlite:{}", place.display());
    let options = PoolOptions { size: 2, ..PoolOptions::default() };
    let db = Db::open(Place::Sqlite(place), options, gaung::clock::SteadyClock::shared()).expect("a database");
    migrate::up(&db).expect("its tables");
    TestDatabase::at(&url)
}

/// Completions until none gets through, reads meanwhile, then room again.
pub async fn full(case: Case) -> Report {
    let Some(disk) = SmallDisk::mount(48) else { return Report::default() };
    let people = case.size(400, 1_000);
    let ground = Ground::on(database(&disk.0), people, &[]).await;
    let fleet = Fleet::serve(ground.start(), 1);
    ground.settle(Duration::from_secs(60));
    let (client, base) = (client(), fleet.bases().remove(0));
    let mut told = BTreeSet::new();
    let (mut struck, mut recovered) = (0, Duration::ZERO);
    let mut tasks = tasks(&ground, people);
    for _ in 0..case.size(1, 3) {
        disk.fill();
        let mut refused = Vec::new();
        while refused.len() < 3 {
            let (id, path) = tasks.pop().expect("the disk takes everything");
            let nonce = open(&client, &base, &path).await.expect("reads are served");
            match press(&client, &base, &path, &nonce).await {
                Answer::Done => drop(told.insert(id)),
                Answer::Later(_) => refused.push((id, path)),
                other => panic!("{other:?}: {}", fleet.running[0].log()),
            }
        }
        struck += 1;
        assert!(fleet.running[0].log().contains("full"), "the log says why: {}", fleet.running[0].log());
        disk.make_room();
        let began = Instant::now();
        for (id, path) in refused {
            let row = ground.site.world.app().db.read_blocking(|conn| gaung::store::assignment::find(conn, id));
            assert_eq!(row.expect("a read").expect("the row").settled_at, None, "half a completion was kept");
            loop {
                let nonce = open(&client, &base, &path).await.expect("reads are served");
                if press(&client, &base, &path, &nonce).await == Answer::Done {
                    told.insert(id);
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(20), "it does not recover: {}", fleet.running[0].log());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        recovered = recovered.max(began.elapsed());
        whole(&ground);
    }
    let report = check(&ground, &told);
    nobody_panicked(&ground);
    Report { struck, recovered, ..report }
}
