//! PostgreSQL moves to its standby in the middle of a dispatch: with synchronous commit nothing that was acknowledged is lost.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::StatusCode;

use super::STOP;
use super::rolling::{Seen, press};
use crate::support::campaigns::mails;
use crate::support::database::TestDatabase;
use crate::support::process::cluster::Cluster;
use crate::support::process::proxy::Proxy;
use crate::support::process::site::Site;
use crate::support::process::wait_until;

/// After the promotion everything goes on within this time.
const BACK: Duration = Duration::from_secs(10);
const PEOPLE: usize = 600;

const ENV: [(&str, &str); 4] = [
    ("GAUNG__MAIL__BATCH_SIZE", "20"),
    ("GAUNG__MAIL__SMTP__CONNECTIONS", "2"),
    ("GAUNG__SERVER__DRAIN_S", "0"),
    ("GAUNG__CAMPAIGN__SUSPECTED_AUTOMATION_S", "0"),
];

/// A primary with the program's tables, and a standby that every commit waits for.
fn pair() -> (Cluster, Cluster) {
    let primary = Cluster::start(&[("fsync", "off")]);
    primary.database("gaung");
    let standby = primary.standby("second", &[("fsync", "off"), ("hot_standby", "on")]);
    primary.execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'second'");
    primary.execute("postgres", "SELECT pg_reload_conf()");
    wait_until(Duration::from_secs(10), "commits wait for the standby", || {
        primary.ask("postgres", "SELECT sync_state FROM pg_stat_replication").as_deref() == Some("sync")
    });
    (primary, standby)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_in_a_dispatch_loses_nothing_and_sends_nothing_twice() {
    let (primary, standby) = pair();
    // Both hosts in the URL: what an operator writes.
    let url =
        format!("postgres://postgres:{}@127.0.0.1:{},127.0.0.1:{}/gaung", primary.password(), primary.port(), standby.port());
    let site = Site::on(TestDatabase::at(&url), &ENV);
    let wave = site.opened("regu", PEOPLE).await;
    let tasks = site.task_paths(wave.wave_id);
    let paths = Arc::new(tasks.iter().map(|(_, path)| path.clone()).collect::<Vec<_>>());
    site.sink.slow(Duration::from_millis(20));
    let start = site.start();
    let running = vec![start.serve(&[]), start.worker(), start.worker()];
    let base = running[0].base().to_owned();
    let seen = Arc::new(Seen::default());
    let clients: Vec<_> =
        (0..2).map(|n| tokio::spawn(press(base.clone(), Arc::clone(&paths), n, 2, Arc::clone(&seen)))).collect();
    wait_until(Duration::from_secs(20), "the dispatch is under way", || site.sink.count() > 60 && seen.done() > 5);

    primary.kill();
    let acknowledged = seen.done.lock().unwrap().clone();
    standby.promote();
    let promoted = Instant::now();
    // Every loop is alive: the server is ready, both workers tick, mail and completions go on.
    let (mail, done) = (site.sink.count(), seen.done());
    let ready = async || reqwest::get(format!("{base}/readyz")).await.is_ok_and(|answer| answer.status() == StatusCode::OK);
    while !ready().await || site.sink.count() <= mail || seen.done() <= done {
        assert!(promoted.elapsed() < BACK, "mail {mail}->{}, done {done}->{}", site.sink.count(), seen.done());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let back = promoted.elapsed();
    site.sink.fast();
    wait_until(Duration::from_secs(40), "the dispatch comes to its end", || {
        site.mails("pending") + site.mails("deferred") + site.mails("sending") == 0
    });
    seen.over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    for process in running {
        let ended = process.terminate();
        ended.in_order(STOP);
    }
    // What was refused meanwhile was refused as busy, never as a fault.
    let wrong: Vec<_> = seen.failed().into_iter().filter(|failure| !failure.contains("503")).collect();
    assert_eq!(wrong, [""; 0]);
    let rows = site.counted(
        "SELECT CAST(assignment_id AS text) AS word, count(*) AS n FROM completions WHERE undone_at IS NULL GROUP BY assignment_id",
    );
    let there: std::collections::BTreeSet<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
    for place in seen.done.lock().unwrap().iter() {
        let id = tasks[*place].0.uuid().to_string();
        assert!(
            there.contains(id.as_str()),
            "an acknowledged completion is lost (before the failover: {})",
            acknowledged.contains(place)
        );
    }
    assert!(acknowledged.len() > 5);
    assert_eq!(mails(site.world.app(), wave.wave_id).len(), PEOPLE);
    // Whoever pressed *Done* before the mail had left needs none.
    let (sent, cancelled) = (site.mails("sent"), site.mails("cancelled"));
    assert_eq!((sent + cancelled, site.mails("unknown")), (PEOPLE as i64, 0), "nothing is in doubt that need not be");
    assert_eq!(site.sink.count() as i64, sent, "what is said to be sent was taken, once");
    site.check();
    eprintln!("everything went on {back:?} after the promotion");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_writes_gives_busy_and_no_connection_to_it_stays() {
    let (primary, standby) = pair();
    let proxy = Proxy::start(primary.address());
    let site = Site::on(TestDatabase::at(&primary.url("gaung")), &ENV);
    let wave = site.opened("regu", 8).await;
    let paths = Arc::new(site.task_paths(wave.wave_id).into_iter().map(|(_, path)| path).collect::<Vec<_>>());
    // On a standby alone nothing starts, and it says why.
    let (code, said) = site.start().on(&standby.url("gaung")).run(&["serve", "--port", "0"]);
    assert!(code == Some(3) && said.contains("read-only"), "{said}");
    let server = site.start().on(&primary.url_by(proxy.addr, "gaung")).serve(&[]);
    let base = server.base().to_owned();
    let pressed = |share: usize| {
        let seen = Arc::new(Seen::default());
        let pressing = press(base.clone(), Arc::clone(&paths), share, 8, Arc::clone(&seen));
        async move {
            pressing.await;
            seen
        }
    };
    assert_eq!(pressed(0).await.done(), 1);
    // The name now leads to the standby, as it may in the middle of a failover.
    proxy.aim(standby.address());
    proxy.cut();
    let began = Instant::now();
    let refused = pressed(1).await;
    assert!(
        refused.done() == 0 && refused.failed()[0].contains("503") && refused.failed()[0].contains("retry-after"),
        "{:?}",
        refused.failed()
    );
    assert!(began.elapsed() < Duration::from_secs(5), "whoever asks is told soon: {:?}", began.elapsed());
    assert_eq!(reqwest::get(format!("{base}/readyz")).await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    // The primary itself takes no writes for a while: connections that were good before are given up.
    proxy.aim(primary.address());
    wait_until(BACK, "it finds the primary again", || std::net::TcpStream::connect(proxy.addr).is_ok());
    let began = Instant::now();
    while pressed(2).await.done() == 0 {
        assert!(began.elapsed() < BACK, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.terminate().in_order(STOP);
}
