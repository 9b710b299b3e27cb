//! PostgreSQL stops hard, or is there and says nothing: people are told to come back, nobody panics, and everything goes on by itself.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::checker::{Report, check, nobody_panicked};
use super::ground::{Case, Fleet, Ground};
use super::people::{Answer, Crowd, client, open, tasks};
use crate::support::database::{Engine, TestDatabase};
use crate::support::process::cluster::Cluster;
use crate::support::process::proxy::{Mode, Proxy};

/// Every loop must be alive this soon after the database is back.
const ALIVE: Duration = Duration::from_secs(10);

/// A lease long enough for results to wait for the database.
const LEASE: (&str, &str) = ("GAUNG__MAIL__LEASE_S", "60");

/// A cluster of its own, with everything that makes a commit last, is stopped at once and started again.
pub async fn stopped(case: Case) -> Report {
    let people = case.size(800, 3_000);
    let cluster = Cluster::start(&[]);
    let database = TestDatabase::at(&cluster.database("gaung"));
    let ground = Ground::on(database, people, &[LEASE]).await;
    ground.site.sink.slow(Duration::from_millis(8));
    let mut dice = case.dice();
    let fleet = Fleet::serve(ground.start(), 2);
    let mut struck = 0;
    let mut recovered = Duration::ZERO;
    ground.taken(50);
    let path = tasks(&ground, 1).remove(0).1;
    let crowd = Crowd::start(tasks(&ground, 300), fleet.bases(), Duration::from_millis(30));
    for _ in 0..case.size(1, 4) {
        std::thread::sleep(dice.millis(200, 900));
        cluster.crash();
        struck += 1;
        told_to_come_back(&path, &fleet.bases()).await;
        std::thread::sleep(dice.millis(500, 3_000));
        cluster.go();
        recovered = recovered.max(alive(&fleet.bases()).await);
    }
    ground.settle(Duration::from_secs(150));
    let report = check(&ground, &crowd.told().await);
    nobody_panicked(&ground);
    Report { struck, recovered, ..report }
}

/// The way to the database swallows everything for a while; then it cuts and refuses for a moment.
pub async fn black_hole(case: Case) -> Report {
    let people = case.size(600, 2_000);
    let env = [LEASE, ("GAUNG__DATABASE__STATEMENT_TIMEOUT_MS", "3000")];
    let ground = Ground::new(Engine::Postgres, people, &env).await;
    ground.site.sink.slow(Duration::from_millis(8));
    let url = url::Url::parse(ground.site.url()).expect("a URL");
    let target = SocketAddr::from(([127, 0, 0, 1], url.port().expect("its port")));
    let proxy = Proxy::start(target);
    let mut by_proxy = url.clone();
    by_proxy.set_port(Some(proxy.port())).expect("a port");
    let fleet = Fleet::serve(ground.start().on(by_proxy.as_str()), 2);
    ground.taken(50);
    let path = tasks(&ground, 1).remove(0).1;
    let crowd = Crowd::start(tasks(&ground, 100), fleet.bases(), Duration::from_millis(30));
    std::thread::sleep(case.dice().millis(200, 900));
    proxy.mode(Mode::BlackHole);
    let began = Instant::now();
    told_to_come_back(&path, &fleet.bases()).await;
    let hole = Duration::from_secs(case.size(18, 60));
    tokio::time::sleep(hole.saturating_sub(began.elapsed())).await;
    proxy.mode(Mode::Pass);
    let mut recovered = alive(&fleet.bases()).await;
    proxy.mode(Mode::Refuse);
    proxy.cut();
    tokio::time::sleep(Duration::from_secs(3)).await;
    proxy.mode(Mode::Pass);
    recovered = recovered.max(alive(&fleet.bases()).await);
    ground.settle(Duration::from_secs(150));
    let report = check(&ground, &crowd.told().await);
    nobody_panicked(&ground);
    Report { struck: 2, recovered, ..report }
}

/// Each replica says 503 and when to come back, within the time that a database may take to answer.
async fn told_to_come_back(path: &str, bases: &[String]) {
    join_all(bases.iter().map(|base| refused(path, base))).await;
}

async fn refused(path: &str, base: &str) {
    let client = client();
    let began = Instant::now();
    loop {
        match open(&client, base, path).await {
            Err(Answer::Later(seconds)) => {
                assert!((1..=60).contains(&seconds), "come back after {seconds} s");
                break;
            }
            // An answer that was under way.
            Ok(_) if began.elapsed() < Duration::from_secs(5) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => panic!("after {:?} neither an answer nor a refusal: {other:?}", began.elapsed()),
        }
    }
    assert!(began.elapsed() < Duration::from_secs(20), "the refusal took {:?}", began.elapsed());
}

/// How long it takes until each replica is ready again: its database answers and a scheduler ticked.
async fn alive(bases: &[String]) -> Duration {
    let client = client();
    let began = Instant::now();
    for base in bases {
        loop {
            let ready = client.get(format!("{base}/readyz")).timeout(Duration::from_secs(2)).send().await;
            if ready.is_ok_and(|response| response.status().is_success()) {
                break;
            }
            assert!(began.elapsed() < ALIVE * 2, "{base} is not ready after {:?}", began.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let took = began.elapsed();
    assert!(took <= ALIVE, "alive only after {took:?}");
    took
}
