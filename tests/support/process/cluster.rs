//! A private PostgreSQL cluster that a test may stop, kill, start again, follow with a standby, and promote.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _};

use rustix::process::{Pid, Signal, kill_process};

use super::{free_port, wait_until};

/// A cluster; it is stopped and removed when the test forgets it.
pub struct Cluster {
    place: tempfile::TempDir,
    port: u16,
    password: String,
    settings: Vec<(String, String)>,
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = diesel::sql_types::Text)]
    said: String,
}

impl Cluster {
    /// A new one with these settings; it is running when this returns.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let cluster = Self::empty(uuid::Uuid::new_v4().simple().to_string(), settings);
        let password_file = cluster.place.path().join("password");
        std::fs::write(&password_file, &cluster.password).expect("the password file");
        give(&password_file);
        let data = cluster.data();
        let (data, file) = (data.to_string_lossy(), format!("--pwfile={}", password_file.display()));
        let options = ["-D", &data, "-U", "postgres", "--auth=scram-sha-256", &file, "--encoding=UTF8", "--locale=C.UTF-8"];
        succeed(as_server("initdb").args(options).arg("--no-sync"));
        let hba = cluster.data().join("pg_hba.conf");
        let line = "host replication all 127.0.0.1/32 scram-sha-256\n";
        let text = std::fs::read_to_string(&hba).expect("pg_hba.conf");
        std::fs::write(&hba, text + line).expect("pg_hba.conf");
        cluster.go();
        cluster
    }

    fn empty(password: String, settings: &[(&str, &str)]) -> Self {
        let place = tempfile::Builder::new().prefix("gaung-cluster").tempdir().expect("a temporary directory");
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).expect("its mode");
        for name in ["data", "socket"] {
            let dir = place.path().join(name);
            std::fs::create_dir(&dir).expect("a directory");
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o700)).expect("its mode");
            give(&dir);
        }
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { place, port: free_port(), password, settings }
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }
    pub fn port(&self) -> u16 {
        self.port
    }
    pub fn password(&self) -> &str {
        &self.password
    }
    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        self.url_by(self.address(), database)
    }
    /// The same by another way: a proxy, a pooler.
    pub fn url_by(&self, way: SocketAddr, database: &str) -> String {
        format!("postgres://postgres:{}@{way}/{database}", self.password)
    }
    /// A new database in it, with this program's tables.
    pub fn database(&self, name: &str) -> String {
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        let url = self.url(name);
        let place = gaung::store::db::Place::Postgres(url.clone());
        let options = gaung::store::db::PoolOptions { size: 2, ..Default::default() };
        let db = gaung::store::Db::open(place, options, gaung::clock::SteadyClock::shared()).expect("the new database");
        gaung::store::migrate::up(&db).expect("its tables");
        url
    }
    /// Runs statements in one of its databases.
    #[track_caller]
    pub fn execute(&self, database: &str, sql: &str) {
        let mut conn = PgConnection::establish(&self.url(database)).expect("the cluster answers");
        conn.batch_execute(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    /// What an expression is, as text; `None` while the cluster does not answer.
    pub fn ask(&self, database: &str, expression: &str) -> Option<String> {
        let mut conn = PgConnection::establish(&self.url(database)).ok()?;
        let said = diesel::sql_query(format!("SELECT ({expression})::text AS said")).get_result::<Said>(&mut conn);
        said.ok().map(|s| s.said)
    }

    /// Starts it, also again.
    pub fn go(&self) {
        let mut options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=200 -c wal_level=replica",
            self.port,
            self.place.path().join("socket").display()
        );
        for (key, value) in &self.settings {
            options.push_str(&format!(" -c {key}={value}"));
        }
        self.control(&["start", "-s", "-w", "-t", "60", "-l", &self.log_file(), "-o", &options]);
    }
    fn log_file(&self) -> String {
        self.data().join("server.log").to_string_lossy().into_owned()
    }
    /// Stops it in an orderly way: connections are ended.
    pub fn stop(&self) {
        self.control(&["stop", "-s", "-m", "fast"]);
    }
    /// As if its power had gone: no checkpoint, no farewell.
    pub fn crash(&self) {
        self.control(&["stop", "-s", "-m", "immediate"]);
    }
    /// SIGKILL for the postmaster and each of its children.
    pub fn kill(&self) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("the postmaster's id");
        let postmaster = file.lines().next().expect("its first line").to_owned();
        let children = Command::new("pgrep").args(["-P", &postmaster]).output().expect("pgrep runs");
        // The postmaster first: it would answer a child's death by starting it anew.
        for id in std::iter::once(postmaster.as_str()).chain(String::from_utf8_lossy(&children.stdout).lines()) {
            let id = id.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
            let _ = kill_process(id, Signal::KILL);
        }
        wait_until(Duration::from_secs(10), "the cluster is dead", || PgConnection::establish(&self.url("postgres")).is_err());
        let _ = std::fs::remove_file(self.data().join("postmaster.pid"));
    }
    /// A standby that follows it by streaming, under this name; it has caught up when this returns.
    pub fn standby(&self, name: &str, settings: &[(&str, &str)]) -> Self {
        let standby = Self::empty(self.password.clone(), settings);
        let data = standby.data();
        let source =
            format!("host=127.0.0.1 port={} user=postgres password={} application_name={name}", self.port, self.password);
        let (data, source) = (data.to_string_lossy().into_owned(), source.as_str());
        succeed(as_server("pg_basebackup").args(["-D", &data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", source]));
        standby.go();
        wait_until(Duration::from_secs(30), "the standby streams", || {
            self.ask("postgres", "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").as_deref() == Some("1")
        });
        standby
    }
    /// A base backup of it, as a cluster that has not been started.
    pub fn base_backup(&self) -> Self {
        let copy = Self::empty(self.password.clone(), &[]);
        let data = copy.data().to_string_lossy().into_owned();
        let source = format!("host=127.0.0.1 port={} user=postgres password={}", self.port, self.password);
        succeed(as_server("pg_basebackup").args(["-D", &data, "-X", "none", "-c", "fast", "--no-sync", "-d", &source]));
        copy
    }
    /// Starts a base backup and brings it, from an archive of the log, to a point in time; it takes writes when this returns.
    pub fn recover(&mut self, archive: &Path, until: &str) {
        self.settings = vec![
            ("restore_command".into(), format!("'cp {}/%f %p'", archive.display())),
            ("recovery_target_time".into(), format!("'{until}'")),
            ("recovery_target_action".into(), "promote".into()),
        ];
        let signal = self.data().join("recovery.signal");
        std::fs::write(&signal, "").expect("the signal");
        give(&signal);
        self.go();
        wait_until(Duration::from_secs(30), "the cluster has come to its point in time", || {
            self.ask("postgres", "SELECT pg_is_in_recovery()").as_deref() == Some("false")
        });
    }
    /// Makes a standby the primary; it takes writes when this returns.
    pub fn promote(&self) {
        self.control(&["promote", "-s", "-w", "-t", "60"]);
    }
    /// The end of its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data().join("server.log")).unwrap_or_default()
    }
    fn control(&self, arguments: &[&str]) {
        // Its output must not be a pipe: the server would hold it open.
        let mut command = as_server("pg_ctl");
        command.args(arguments).arg("-D").arg(self.data()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().expect("pg_ctl runs");
        assert!(status.success(), "pg_ctl {arguments:?}: {}", self.log());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut command = as_server("pg_ctl");
        command.args(["stop", "-s", "-m", "immediate"]).arg("-D").arg(self.data());
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// A program of PostgreSQL's, run as the user that Debian's package made: the server refuses to run as root.
fn as_server(name: &str) -> Command {
    let program = binaries().join(name);
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Gives a file to the user that the server runs as.
pub fn give(path: &Path) {
    if is_root() {
        succeed(Command::new("chown").arg("postgres").arg(path));
    }
}

/// The newest server binaries, Debian's place first.
fn binaries() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("pg_ctl").exists())
        .collect();
    found.sort();
    let in_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|dir| dir.join("pg_ctl").exists());
    found.pop().map(|(_, bin)| bin).or_else(in_path).expect("PostgreSQL's server binaries: apt-get install postgresql")
}

#[track_caller]
fn succeed(command: &mut Command) {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert!(status.success(), "{command:?}: {said}");
}
