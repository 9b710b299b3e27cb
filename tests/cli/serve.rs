//! `gaung serve`, `worker` and `healthcheck`: up, asked, down in good order.

use std::time::{Duration, Instant};

use super::run::Site;
use crate::support::database::Engine;

async fn it_serves_on_a_port_of_its_choice_and_stops_when_told(engine: Engine) {
    let site = Site::new(engine);
    let running = site.start(&["serve", "--port", "0"]);
    let url = running.first_line.trim().rsplit_once(' ').unwrap().1.to_owned();
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
    let answer = reqwest::get(format!("{url}/healthz")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let port = url.rsplit_once(':').unwrap().1.to_owned();
    site.run(&["healthcheck", "--port", &port]).ends(0);
    // A second one can't have the same port.
    site.run(&["serve", "--port", &port]).ends(3).complains("--port");
    let ran = running.terminate().ends(0);
    assert!(!ran.err.contains("ERROR") && !ran.err.contains("panicked"), "{ran:?}");
    site.run(&["healthcheck", "--port", &port]).ends(1).complains("/healthz does not answer");
}

async fn a_worker_ticks_and_stops_when_told(engine: Engine) {
    let site = Site::new(engine);
    let check = ["healthcheck", "--worker"];
    site.run(&check).ends(1).complains("no scheduler has ticked yet");
    let running = site.start(&["worker"]);
    let started = Instant::now();
    while site.run(&check).code != Some(0) {
        assert!(started.elapsed() < Duration::from_secs(60), "no tick within a minute");
    }
    let ran = running.terminate().ends(0);
    assert!(!ran.err.contains("ERROR") && !ran.err.contains("panicked"), "{ran:?}");
}

async fn without_jobs_nothing_ticks(engine: Engine) {
    let site = Site::new(engine);
    let running = site.start(&["serve", "--port", "0", "--no-jobs"]);
    let url = running.first_line.trim().rsplit_once(' ').unwrap().1.to_owned();
    // Longer than three beats and the watchdog's patience.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(reqwest::get(format!("{url}/healthz")).await.unwrap().status(), 200);
    site.run(&["healthcheck", "--worker"]).ends(1).complains("no scheduler has ticked yet");
    running.terminate().ends(0);
}

on_both!(it_serves_on_a_port_of_its_choice_and_stops_when_told, a_worker_ticks_and_stops_when_told, without_jobs_nothing_ticks,);

#[test]
fn sqlite_is_made_at_the_first_start_and_its_files_are_the_owners_alone() {
    let site = Site::empty(Engine::Sqlite);
    let running = site.start(&["serve", "--port", "0"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let url = site.database.url();
        let path = url.strip_prefix("sqlite:").unwrap();
        for path in [path.to_owned(), format!("{path}-wal")] {
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{path}");
        }
    }
    running.terminate().ends(0);
}
