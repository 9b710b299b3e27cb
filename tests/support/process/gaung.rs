//! The program as a process: started, asked, frozen, told to stop, killed. What it logs lies in a file of the data directory's neighbour.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// How a process is to be started.
#[derive(Debug, Clone)]
pub struct Start {
    data_dir: PathBuf,
    url: String,
    env: Vec<(String, String)>,
    program: PathBuf,
    /// Goes before the program: `faketime` and the like.
    wrapper: Vec<String>,
}

/// A running process; killed when the test forgets it.
pub struct Process {
    child: Child,
    /// What it said first: where it listens.
    pub first_line: String,
    log: PathBuf,
    _out: BufReader<ChildStdout>,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// `None`: by a signal.
    pub code: Option<i32>,
    /// From the asking to the end.
    pub took: Duration,
    pub log: String,
}

impl Start {
    /// This build's binary, in this data directory, on this database, with nothing of the tester's environment.
    pub fn new(data_dir: &Path, url: &str) -> Self {
        Self {
            data_dir: data_dir.to_path_buf(),
            url: url.to_owned(),
            env: Vec::new(),
            program: env!("CARGO_BIN_EXE_gaung").into(),
            wrapper: Vec::new(),
        }
    }
    /// With one more setting, as `GAUNG__SECTION__KEY`, or any other variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }
    pub fn envs<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.env.extend(pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())));
        self
    }
    /// On another database, or by another way to it.
    pub fn on(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }
    /// Another build.
    pub fn program(mut self, path: &Path) -> Self {
        self.program = path.to_path_buf();
        self
    }
    /// Run by another program.
    pub fn wrapped(mut self, words: &[&str]) -> Self {
        self.wrapper = words.iter().map(|w| (*w).to_owned()).collect();
        self
    }
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.wrapper.iter();
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(arguments).arg("--data-dir").arg(&self.data_dir).args(["--database", &self.url]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.env.iter().map(|(k, v)| (k, v))).stdin(Stdio::null());
        command
    }
    /// Runs it to its end; its code, and what it said on both streams.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }
    /// `gaung serve` on a port of its choice.
    pub fn serve(&self, more: &[&str]) -> Process {
        self.spawn(&[&["serve", "--port", "0"], more].concat())
    }
    /// `gaung worker`.
    pub fn worker(&self) -> Process {
        self.spawn(&["worker"])
    }
    /// Starts it and waits for its first line.
    pub fn spawn(&self, arguments: &[&str]) -> Process {
        match self.try_spawn(arguments) {
            Ok(process) => process,
            Err(log) => panic!("{arguments:?} ended at once: {log}"),
        }
    }
    /// Starts it and waits for its first line; its log where it ended without one.
    pub fn try_spawn(&self, arguments: &[&str]) -> Result<Process, String> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let log = self.data_dir.join(format!("process-{number}.log"));
        let file = File::create(&log).expect("a log file");
        let mut child = self.command(arguments).stdout(Stdio::piped()).stderr(file).spawn().expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut first_line = String::new();
        out.read_line(&mut first_line).expect("its first line");
        let mut process = Process { child, first_line, log, _out: out };
        if process.first_line.is_empty() {
            let _ = process.child.wait();
            return Err(process.log());
        }
        Ok(process)
    }
}

impl Process {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        self.first_line.trim().rsplit_once(' ').expect("a line that ends with an address").1
    }
    pub fn address(&self) -> std::net::SocketAddr {
        self.base().trim_start_matches("http://").parse().expect("an address")
    }
    pub fn id(&self) -> u32 {
        self.child.id()
    }
    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(id, signal).expect("the process is there");
    }
    /// No more of it runs until [`Process::thaw`].
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }
    /// SIGKILL.
    pub fn kill(mut self) -> Ended {
        let began = Instant::now();
        let _ = self.child.kill();
        self.wait(began)
    }
    /// SIGTERM, and the end.
    pub fn terminate(mut self) -> Ended {
        let began = Instant::now();
        self.signal(Signal::TERM);
        self.wait(began)
    }
    /// Waits for its end.
    pub fn ended(mut self) -> Ended {
        self.wait(Instant::now())
    }
    fn wait(&mut self, began: Instant) -> Ended {
        let status = self.child.wait().expect("it ends");
        Ended { code: status.code(), took: began.elapsed(), log: self.log() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(6_000);
            eprintln!("--- the end of a process's log ---\n{}", log.get(from..).unwrap_or(&log));
        }
    }
}

impl Ended {
    /// It came to an orderly end within this time, and nothing went wrong on the way.
    #[track_caller]
    pub fn in_order(&self, within: Duration) {
        assert_eq!(self.code, Some(0), "{self:#?}");
        assert!(self.took <= within, "it took {:?}: {}", self.took, self.log);
        assert!(!self.log.contains("panicked"), "{}", self.log);
    }
}
