//! What stands between a process and its database or its relay: a TCP proxy that passes on, cuts, swallows, or leads elsewhere.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

/// What becomes of bytes and of new connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They pass.
    Pass,
    /// Connections stay open and are taken, but nothing passes either way: a cable that was pulled.
    BlackHole,
    /// Connections are closed as soon as they come.
    Refuse,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mode: Mode,
    target: SocketAddr,
    /// Counts the cuts: a connection of an older number ends.
    cuts: u64,
    /// Each direction's delay.
    delay: Duration,
}

/// A running proxy in a thread of its own; it ends when it goes away.
pub struct Proxy {
    pub addr: SocketAddr,
    state: watch::Sender<State>,
    seen: Arc<Mutex<u64>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Proxy {
    /// Leads to `target` from a free port of 127.0.0.1.
    pub fn start(target: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let addr = listener.local_addr().expect("its address");
        let (state, watched) = watch::channel(State { mode: Mode::Pass, target, cuts: 0, delay: Duration::ZERO });
        let (stop, stopped) = oneshot::channel::<()>();
        let seen = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, watched, counter) => {}
                }
            });
        });
        Self { addr, state, seen, stop: Some(stop), thread: Some(thread) }
    }
    pub fn port(&self) -> u16 {
        self.addr.port()
    }
    /// How many connections came so far.
    pub fn connections(&self) -> u64 {
        *self.seen.lock().expect("the count")
    }
    /// Where new connections lead from here on; those there are keep their way.
    pub fn aim(&self, target: SocketAddr) {
        self.state.send_modify(|s| s.target = target);
    }
    pub fn mode(&self, mode: Mode) {
        self.state.send_modify(|s| s.mode = mode);
    }
    /// Ends every connection there is.
    pub fn cut(&self) {
        self.state.send_modify(|s| s.cuts += 1);
    }
    /// Each direction takes this much longer.
    pub fn delay(&self, each_way: Duration) {
        self.state.send_modify(|s| s.delay = each_way);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, state: watch::Receiver<State>, seen: Arc<Mutex<u64>>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    while let Ok((client, _)) = listener.accept().await {
        if let Ok(mut seen) = seen.lock() {
            *seen += 1;
        }
        tokio::spawn(pass(client, state.clone()));
    }
}

async fn pass(client: TcpStream, mut state: watch::Receiver<State>) {
    let begun = *state.borrow_and_update();
    if begun.mode == Mode::Refuse {
        return;
    }
    // Behind a black hole nobody answers, not even the operating system of the other side.
    let mut passes = state.clone();
    let target = tokio::select! {
        found = passes.wait_for(|s| s.mode != Mode::BlackHole) => match found { Ok(s) => s.target, Err(_) => return },
        () = over(state.clone(), begun.cuts) => return,
    };
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = both(copy(from_client, to_server, state.clone()), copy(from_server, to_client, state.clone())) => {}
        () = over(state, begun.cuts) => {}
    }
}

/// Returns when connections of this number are cut.
async fn over(mut state: watch::Receiver<State>, cuts: u64) {
    let _ = state.wait_for(|s| s.cuts > cuts).await;
}

async fn both(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    tokio::join!(one, other);
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        let delay = state.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if state.wait_for(|s| s.mode != Mode::BlackHole).await.is_err() {
            return;
        }
        let Some(bytes) = buffer.get(..n) else { return };
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
