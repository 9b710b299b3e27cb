//! PgBouncer in transaction mode between a process and its database.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::cluster::give;
use super::{free_port, wait_until};

/// A running PgBouncer; it ends when the test forgets it.
pub struct Pooler {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Pooler {
    /// In front of the server of this URL, with so few connections to it that clients share them.
    pub fn start(server: &url::Url, connections: u32) -> Self {
        let dir = tempfile::Builder::new().prefix("gaung-pgbouncer").tempdir().expect("a temporary directory");
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).expect("its mode");
        give(dir.path());
        let port = free_port();
        let (host, server_port) = (server.host_str().expect("a host"), server.port().expect("a port"));
        let (user, password) = (server.username(), server.password().unwrap_or_default());
        let log = dir.path().join("pgbouncer.log");
        let ini = format!(
            "[databases]\n* = host={host} port={server_port} user={user} password={password}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 1000\nserver_idle_timeout = 10\n\
             query_wait_timeout = 60\nignore_startup_parameters = extra_float_digits\nlogfile = {}\n",
            log.display()
        );
        let file = dir.path().join("pgbouncer.ini");
        std::fs::write(&file, ini).expect("its configuration");
        give(&file);
        // It refuses to run as root. setpriv becomes it, so that its id is the child's.
        let mut command = if rustix::process::getuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "pgbouncer"]);
            command
        } else {
            Command::new("pgbouncer")
        };
        let child =
            command.arg("-q").arg(&file).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = child.spawn().expect("pgbouncer starts: apt-get install pgbouncer");
        let pooler = Self { child, port, dir };
        wait_until(Duration::from_secs(10), "pgbouncer listens", || std::net::TcpStream::connect(pooler.address()).is_ok());
        pooler
    }
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }
    /// The way to a database through it.
    pub fn url(&self, direct: &str) -> String {
        let mut url = url::Url::parse(direct).expect("a URL");
        url.set_port(Some(self.port)).expect("a port");
        url.to_string()
    }
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("pgbouncer.log")).unwrap_or_default()
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
