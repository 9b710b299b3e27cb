//! PostgreSQL brought back to a point in time from a base backup and its archived log, as docs/operating.md describes: what was sent after that
//! point is not sent again.

use std::time::Duration;

use chrono::TimeDelta;
use gaung::domain::kind::AccountKind;

use crate::support::campaigns::{crowd, opinion_wave, released};
use crate::support::database::TestDatabase;
use crate::support::process::cluster::{Cluster, give};
use crate::support::process::site::Site;
use crate::support::process::wait_until;

const PEOPLE: usize = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_brought_back_to_a_point_in_time_sends_nothing_twice() {
    let archive = tempfile::tempdir().unwrap();
    give(archive.path());
    let command = format!("'cp %p {}/%f'", archive.path().display());
    let cluster = Cluster::start(&[("archive_mode", "on"), ("archive_command", &command), ("fsync", "off")]);
    let url = cluster.database("gaung");
    let mut copy = cluster.base_backup();
    let site = Site::on(TestDatabase::at(&url), &[("GAUNG__MAIL__BATCH_SIZE", "10")]);
    let unit = site.world.unit("REGU", Some(site.world.north.office));
    crowd(&site.world, unit, "regu", AccountKind::KolInternal, PEOPLE);
    let mut wave = opinion_wave(site.now() + TimeDelta::seconds(1));
    wave.audience.units = vec![unit];
    released(&site.world, vec![wave]).await;
    site.sink.slow(Duration::from_millis(20));
    let process = site.start().serve(&[]);
    wait_until(Duration::from_secs(40), "some mails are sent", || site.sink.count() > 20);
    let point = cluster.ask("postgres", "SELECT clock_timestamp()").unwrap();
    let at_point = site.sink.count();
    site.sink.fast();
    wait_until(Duration::from_secs(40), "every mail is sent", || site.mails("sent") == PEOPLE as i64);
    process.terminate().in_order(Duration::from_secs(25));
    cluster.ask("postgres", "SELECT pg_switch_wal()").unwrap();
    let archived = "SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216) FROM pg_stat_archiver";
    wait_until(Duration::from_secs(20), "the log is archived", || cluster.ask("postgres", archived).as_deref() == Some("true"));
    cluster.stop();
    copy.recover(archive.path(), &point);
    let there = site.start().on(&copy.url("gaung"));
    let (code, said) = there.run(&["restore", "--check", "--format", "json"]);
    assert_eq!(code, Some(0), "the promises hold at any point in time: {said}");
    let (code, said) = there.run(&["restore", "--after-pitr", "--format", "json"]);
    assert_eq!(code, Some(0), "{said}");
    let unknown = copy.ask("gaung", "SELECT count(*) FROM outbox WHERE state = 'unknown'").unwrap().parse::<usize>().unwrap();
    assert!(unknown > 0 && unknown + at_point >= PEOPLE - 1, "{unknown} in doubt, {at_point} sent at the point");
    for released in [false, true] {
        if released {
            assert_eq!(there.run(&["restore", "--release"]).0, Some(0));
        }
        let process = there.serve(&[]);
        std::thread::sleep(Duration::from_millis(2500));
        process.terminate().in_order(Duration::from_secs(25));
        assert_eq!(site.sink.count(), PEOPLE, "released: {released}");
    }
    assert_eq!(site.sink.doubled(), []);
    let (code, said) = there.run(&["restore", "--check"]);
    assert_eq!(code, Some(0), "{said}");
}
