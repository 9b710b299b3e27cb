//! People who press *Done* while things go wrong, and what they were told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gaung::domain::id::AssignmentId;
use gaung::service::task::task_token;
use reqwest::{Client, StatusCode};

use super::ground::Ground;
use crate::support::campaigns::assigned;

/// What a press led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done: the page says so.
    Done,
    /// Try again later, after so many seconds.
    Later(u64),
    /// No answer, or half of one.
    None,
    /// What nobody should see.
    Strange(String),
}

/// The tasks of some of a wave's people: whose, and the path of the page.
pub fn tasks(ground: &Ground, most: usize) -> Vec<(AssignmentId, String)> {
    let app = ground.site.world.app();
    let assigned = assigned(app, ground.wave).into_iter().take(most);
    assigned.map(|row| (row.id, format!("/t/{}", task_token(app, row.id, 1, row.expires_at.0)))).collect()
}

pub fn client() -> Client {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(40));
    client.build().expect("a client")
}

/// Opens a task's page: its nonce, or what came instead.
pub async fn open(client: &Client, base: &str, path: &str) -> Result<String, Answer> {
    let Ok(response) = client.get(format!("{base}{path}")).send().await else { return Err(Answer::None) };
    if response.status() != StatusCode::OK {
        return Err(answer(&response));
    }
    let Ok(page) = response.text().await else { return Err(Answer::None) };
    let nonce = page.split_once("name=\"nonce\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
    nonce.map(|(nonce, _)| nonce.to_owned()).ok_or_else(|| Answer::Strange("a page without a form".to_owned()))
}

/// Presses *Done*.
pub async fn press(client: &Client, base: &str, path: &str, nonce: &str) -> Answer {
    let fields = [("act", "done"), ("disclosure", "1"), ("own_words", "1"), ("nonce", nonce)];
    let request = client.post(format!("{base}{path}")).header("sec-fetch-site", "same-origin").form(&fields);
    match request.send().await {
        Ok(response) => answer(&response),
        Err(_) => Answer::None,
    }
}

fn answer(response: &reqwest::Response) -> Answer {
    let after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    match (response.status(), after) {
        (StatusCode::SEE_OTHER, _) => Answer::Done,
        (StatusCode::SERVICE_UNAVAILABLE, Some(seconds)) => Answer::Later(seconds),
        (status, _) => Answer::Strange(format!("{status} from {}", response.url())),
    }
}

/// What people were told.
#[derive(Debug, Default)]
pub struct Told {
    /// Whose completion was acknowledged.
    pub done: BTreeSet<AssignmentId>,
    /// How many answers said to come back later.
    pub later: u64,
    /// What nobody should see.
    pub strange: Vec<String>,
}

/// A crowd that presses *Done*, one after the other, until it is told to stop.
pub struct Crowd {
    told: Arc<Mutex<Told>>,
    bases: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    pressing: tokio::task::JoinHandle<()>,
}

impl Crowd {
    /// Each of `tasks` is done at one of the addresses; whoever gets no answer tries again.
    pub fn start(tasks: Vec<(AssignmentId, String)>, bases: Vec<String>, pause: Duration) -> Self {
        let (told, bases) = (Arc::new(Mutex::new(Told::default())), Arc::new(Mutex::new(bases)));
        let stop = Arc::new(AtomicBool::new(false));
        let pressing = tokio::spawn(go(tasks, Arc::clone(&told), Arc::clone(&bases), (Arc::clone(&stop), pause)));
        Self { told, bases, stop, pressing }
    }
    /// Where the service is reached from here on.
    pub fn aim(&self, bases: Vec<String>) {
        *self.bases.lock().expect("the addresses") = bases;
    }
    pub fn later(&self) -> u64 {
        self.told.lock().expect("the answers").later
    }
    /// Stops them, after the answer that the last of them waits for: what is counted then stands still. What they were told, where
    /// nobody saw anything strange.
    pub async fn told(self) -> BTreeSet<AssignmentId> {
        self.stop.store(true, Ordering::Relaxed);
        self.pressing.await.expect("nobody who presses panics");
        let told = std::mem::take(&mut *self.told.lock().expect("the answers"));
        assert_eq!(told.strange, Vec::<String>::new());
        told.done
    }
}

async fn go(
    mut tasks: Vec<(AssignmentId, String)>,
    told: Arc<Mutex<Told>>,
    bases: Arc<Mutex<Vec<String>>>,
    (stop, pause): (Arc<AtomicBool>, Duration),
) {
    let client = client();
    let mut turn = 0_usize;
    while let Some((id, path)) = tasks.pop() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        tokio::time::sleep(pause).await;
        turn += 1;
        let base = {
            let bases = bases.lock().expect("the addresses");
            bases.get(turn % bases.len().max(1)).cloned().unwrap_or_default()
        };
        let answer = match open(&client, &base, &path).await {
            Ok(nonce) => press(&client, &base, &path, &nonce).await,
            Err(answer) => answer,
        };
        let mut told = told.lock().expect("the answers");
        match answer {
            Answer::Done => {
                told.done.insert(id);
                continue;
            }
            Answer::Later(_) => told.later += 1,
            Answer::None => {}
            Answer::Strange(what) => told.strange.push(what),
        }
        tasks.insert(0, (id, path));
    }
}
