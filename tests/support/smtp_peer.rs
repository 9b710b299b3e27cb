//! An SMTP server that others wrote (Debian's aiosmtpd), in a process of its own; it ends with the test.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::smtp_server::Certificate;
use super::smtp_tls::pem_files;

/// What the server asks of its clients.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// `none`, `starttls` (nothing goes without) or `implicit`.
    pub tls: &'static str,
    pub certificate: Certificate,
    /// User and password, without which nothing goes.
    pub login: Option<(&'static str, &'static str)>,
    pub utf8: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { tls: "none", certificate: Certificate::Good, login: None, utf8: true }
    }
}

/// The running server.
pub struct SmtpPeer {
    pub port: u16,
    child: Child,
    files: tempfile::TempDir,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl SmtpPeer {
    pub fn start(rules: Rules) -> Self {
        let files = pem_files(rules.certificate);
        let (user, password) = rules.login.unwrap_or_default();
        let asked =
            json!({ "tls": rules.tls, "directory": files.path(), "user": user, "password": password, "utf8": rules.utf8 });
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/smtp_peer.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(asked.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's python3, with python3-aiosmtpd (scripts/test installs them)");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("a port: is python3-aiosmtpd installed?").unwrap().trim().parse().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                into.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { port, child, files, taken }
    }

    /// The file of the authority behind [`Certificate::Good`].
    pub fn ca_file(&self) -> std::path::PathBuf {
        self.files.path().join("ca.pem")
    }

    /// What it took, once there are `count` of them.
    pub fn messages(&self, count: usize) -> Vec<Value> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let taken = self.taken.lock().unwrap().clone();
            if taken.len() >= count {
                return taken;
            }
            assert!(Instant::now() < until, "{} of {count} messages: {taken:#?}", taken.len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
