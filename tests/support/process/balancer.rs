//! A load balancer as simple as they come: each connection goes to one of the servers whose /readyz is green.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// How often each server is asked.
const EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy)]
struct Server {
    at: SocketAddr,
    ready: bool,
}

/// A running balancer; it ends when the test forgets it.
pub struct Balancer {
    pub base: String,
    servers: Arc<Mutex<Vec<Server>>>,
    tasks: [AbortHandle; 2],
}

impl Balancer {
    /// In front of no server yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let servers = Arc::new(Mutex::new(Vec::new()));
        let tasks = [tokio::spawn(look(Arc::clone(&servers))), tokio::spawn(accept(listener, Arc::clone(&servers)))];
        Self { base, servers, tasks: tasks.map(|task| task.abort_handle()) }
    }
    /// Adds a server; it gets connections once it is ready.
    pub fn add(&self, at: SocketAddr) {
        self.servers.lock().expect("the servers").push(Server { at, ready: false });
    }
    /// Forgets a server that is gone.
    pub fn remove(&self, at: SocketAddr) {
        self.servers.lock().expect("the servers").retain(|server| server.at != at);
    }
    /// How many are ready.
    pub fn ready(&self) -> usize {
        self.servers.lock().expect("the servers").iter().filter(|server| server.ready).count()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn look(servers: Arc<Mutex<Vec<Server>>>) {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().expect("a client");
    loop {
        let known = servers.lock().expect("the servers").clone();
        for server in known {
            let answer = client.get(format!("http://{}/readyz", server.at)).header("connection", "close").send().await;
            let ready = answer.is_ok_and(|answer| answer.status().is_success());
            for one in servers.lock().expect("the servers").iter_mut().filter(|one| one.at == server.at) {
                one.ready = ready;
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn accept(listener: TcpListener, servers: Arc<Mutex<Vec<Server>>>) {
    let turn = Arc::new(AtomicUsize::new(0));
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(pass(client, Arc::clone(&servers), Arc::clone(&turn)));
    }
}

async fn pass(mut client: TcpStream, servers: Arc<Mutex<Vec<Server>>>, turn: Arc<AtomicUsize>) {
    let ready: Vec<SocketAddr> =
        servers.lock().expect("the servers").iter().filter(|server| server.ready).map(|server| server.at).collect();
    let first = turn.fetch_add(1, Ordering::Relaxed);
    for at in ready.iter().cycle().skip(first % ready.len().max(1)).take(ready.len()) {
        if let Ok(mut server) = TcpStream::connect(at).await {
            let _ = client.set_nodelay(true);
            let _ = server.set_nodelay(true);
            let _ = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}
