//! A rolling restart behind a balancer: every request is answered, and every acknowledged completion is there.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::StatusCode;

use super::STOP;
use crate::support::database::Engine;
use crate::support::process::balancer::Balancer;
use crate::support::process::site::Site;

/// People with a task each.
const PEOPLE: usize = 1_200;
/// What a client waits between two people, so that there is somebody left for each phase of the restart.
const PAUSE: Duration = Duration::from_millis(25);
/// Clients at once.
const CLIENTS: usize = 4;

/// What the clients saw.
#[derive(Default)]
pub(super) struct Seen {
    pub over: AtomicBool,
    pub requests: AtomicUsize,
    /// Those that were answered as they should.
    pub answered: AtomicUsize,
    /// Tasks whose completion was acknowledged, by their place in the list.
    pub done: Mutex<BTreeSet<usize>>,
    /// Every request that was not answered as it should.
    pub failed: Mutex<Vec<String>>,
}

impl Seen {
    pub fn done(&self) -> usize {
        self.done.lock().expect("the list").len()
    }
    pub fn failed(&self) -> Vec<String> {
        self.failed.lock().expect("the list").clone()
    }
}

/// Opens each page of its share and presses *Done*, until it is through or told to stop. Its connections stay open between requests, as a browser's do.
pub(super) async fn press(base: String, paths: Arc<Vec<String>>, share: usize, of: usize, seen: Arc<Seen>) {
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(20)).build().unwrap();
    for place in (share..paths.len()).step_by(of) {
        if seen.over.load(Ordering::Relaxed) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
        let url = format!("{base}{}", paths[place]);
        seen.requests.fetch_add(1, Ordering::Relaxed);
        let page = match client.get(&url).send().await {
            Ok(answer) if answer.status() == StatusCode::OK => answer.text().await.unwrap_or_default(),
            other => {
                seen.failed.lock().unwrap().push(format!("GET: {other:?}"));
                continue;
            }
        };
        seen.answered.fetch_add(1, Ordering::Relaxed);
        let nonce = page.split("name=\"nonce\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let form = [("nonce", nonce), ("act", "done"), ("disclosure", "yes")];
        seen.requests.fetch_add(1, Ordering::Relaxed);
        match client.post(&url).header("sec-fetch-site", "same-origin").form(&form).send().await {
            Ok(answer) if answer.status() == StatusCode::SEE_OTHER => {
                seen.answered.fetch_add(1, Ordering::Relaxed);
                seen.done.lock().unwrap().insert(place);
            }
            other => seen.failed.lock().unwrap().push(format!("POST: {other:?}")),
        }
    }
}

/// Opens a page again and again until told to stop: who is through with theirs must still notice nothing.
async fn look(url: String, seen: Arc<Seen>) {
    let client = reqwest::Client::new();
    while !seen.over.load(Ordering::Relaxed) {
        tokio::time::sleep(PAUSE).await;
        seen.requests.fetch_add(1, Ordering::Relaxed);
        match client.get(&url).send().await {
            Ok(answer) if answer.status() == StatusCode::OK => drop(seen.answered.fetch_add(1, Ordering::Relaxed)),
            other => seen.failed.lock().unwrap().push(format!("GET: {other:?}")),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_are_restarted_one_after_the_other_and_no_request_fails() {
    let site = Site::fresh(
        Engine::Postgres,
        &[
            ("GAUNG__SERVER__DRAIN_S", "2"),
            ("GAUNG__CAMPAIGN__SUSPECTED_AUTOMATION_S", "0"),
            ("GAUNG__MAIL__SMTP__CONNECTIONS", "2"),
        ],
    );
    let wave = site.opened("regu", PEOPLE).await;
    let tasks = site.task_paths(wave.wave_id);
    let paths = Arc::new(tasks.iter().map(|(_, path)| path.clone()).collect::<Vec<_>>());
    let balancer = Balancer::start().await;
    let start = site.start();
    let mut servers = vec![start.serve(&[]), start.serve(&[])];
    servers.iter().for_each(|server| balancer.add(server.address()));
    until_ready(&balancer, 2).await;
    let seen = Arc::new(Seen::default());
    let mut clients: Vec<_> = (0..CLIENTS)
        .map(|n| tokio::spawn(press(balancer.base.clone(), Arc::clone(&paths), n, CLIENTS, Arc::clone(&seen))))
        .collect();
    clients.push(tokio::spawn(look(format!("{}{}", balancer.base, paths[0]), Arc::clone(&seen))));
    tokio::time::sleep(Duration::from_secs(1)).await;
    for old in std::mem::take(&mut servers) {
        let (before, at) = (seen.answered.load(Ordering::Relaxed), old.address());
        let ended = tokio::task::spawn_blocking(move || old.terminate()).await.unwrap();
        ended.in_order(STOP);
        assert!(ended.took >= Duration::from_secs(2), "it went on answering while the balancer looked: {:?}", ended.took);
        balancer.remove(at);
        let new = start.serve(&[]);
        balancer.add(new.address());
        servers.push(new);
        until_ready(&balancer, 2).await;
        assert!(seen.answered.load(Ordering::Relaxed) > before, "people went on all the while");
    }
    seen.over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(seen.failed(), [""; 0], "of {} requests", seen.requests.load(Ordering::Relaxed));
    assert!(seen.done() > 0, "people were done");
    assert_eq!(site.number("SELECT count(*) AS n FROM completions"), seen.done() as i64);
    for server in servers {
        tokio::task::spawn_blocking(move || server.terminate()).await.unwrap().in_order(STOP);
    }
    site.check();
}

async fn until_ready(balancer: &Balancer, n: usize) {
    let began = Instant::now();
    while balancer.ready() < n {
        assert!(began.elapsed() < Duration::from_secs(20), "the servers do not become ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_signal_on_it_is_not_ready_and_still_answers() {
    let site = Site::fresh(Engine::Sqlite, &[("GAUNG__SERVER__DRAIN_S", "2")]);
    let server = site.start().serve(&[]);
    let base = server.base().to_owned();
    let client = reqwest::Client::new();
    let ready = || async { client.get(format!("{base}/readyz")).send().await.unwrap() };
    let began = Instant::now();
    while ready().await.status() != StatusCode::OK {
        assert!(began.elapsed() < Duration::from_secs(15), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ending = tokio::task::spawn_blocking(move || server.terminate());
    let began = Instant::now();
    while ready().await.status() == StatusCode::OK {
        assert!(began.elapsed() < Duration::from_secs(1), "still ready a second after the signal");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let answer = ready().await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let said: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(said["ready"], serde_json::Value::Bool(false));
    assert!(said.to_string().contains("was told to stop"), "to whoever asks from this machine it says why: {said}");
    let page = client.get(format!("{base}/register")).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["connection"], "close", "whoever keeps connections is told to let go of this one");
    ending.await.unwrap().in_order(Duration::from_secs(6));
}
