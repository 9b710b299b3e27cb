//! Starts the program in a directory of its own, with nothing of the tester's environment.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::support::database::{Engine, TestDatabase};

/// An installation: a directory to run in, and a database.
pub struct Site {
    pub dir: tempfile::TempDir,
    pub database: TestDatabase,
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
    /// Said this on stderr.
    #[track_caller]
    pub fn complains(self, part: &str) -> Self {
        assert!(self.err.contains(part), "not {part:?}: {self:#?}");
        self
    }
    /// The result.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }
}

impl Site {
    /// With a migrated database.
    pub fn new(engine: Engine) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), database: TestDatabase::fresh(engine) }
    }
    /// With nothing yet.
    pub fn empty(engine: Engine) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), database: TestDatabase::empty(engine) }
    }
    /// A file in the directory.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
    /// The names in the directory.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
    /// The program, with the site's data directory and database.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        command.args(["--data-dir", "data", "--database", &self.database.url()]);
        command
    }
    /// The program without a flag of the site's.
    pub fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gaung"));
        command.args(arguments).current_dir(self.dir.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments))
    }
    /// Runs it to its end without the site's flags.
    pub fn run_bare(&self, arguments: &[&str]) -> Ran {
        finish(self.bare_command(arguments))
    }
    /// Runs it to its end with this on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ran(child)
    }
    /// Starts it and waits for its first line.
    pub fn start(&self, arguments: &[&str]) -> Running {
        // No balancer follows it.
        let mut child = self.command(arguments).env("GAUNG__SERVER__DRAIN_S", "0").spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first_line = String::new();
        out.read_line(&mut first_line).unwrap();
        if first_line.is_empty() {
            panic!("it ended at once: {:#?}", ran(child));
        }
        Running { child: Some(child), first_line, _out: out }
    }
}

fn finish(mut command: Command) -> Ran {
    ran(command.spawn().unwrap())
}

fn ran(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A process that runs until it is told to stop; killed when the test forgets it.
pub struct Running {
    child: Option<Child>,
    pub first_line: String,
    _out: BufReader<ChildStdout>,
}

impl Running {
    /// Sends SIGTERM and waits for the end.
    pub fn terminate(mut self) -> Ran {
        let child = self.child.take().unwrap();
        let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
        ran(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
