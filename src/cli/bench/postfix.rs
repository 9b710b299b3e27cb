//! Postfix's measuring tools: `smtp-sink`, which takes mail and forgets it, and `smtp-source`, which sends it as fast as it can.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// Where the tools may lie when nobody says: the path, or where `scripts/bench-mail` unpacks them.
const PLACES: [&str; 3] = ["/usr/sbin", "/usr/lib/postfix/sbin", "target/postfix/usr/sbin"];

/// The two tools.
pub(super) struct Tools {
    sink: PathBuf,
    source: PathBuf,
}

impl Tools {
    /// Finds them in `dir`, or where Debian's package puts them.
    pub fn find(dir: Option<&Path>) -> anyhow::Result<Self> {
        let places: Vec<&Path> = dir.map_or_else(|| PLACES.iter().map(Path::new).collect(), |dir| vec![dir]);
        let find = |name: &str| {
            let found = places.iter().map(|place| place.join(name)).find(|path| path.is_file());
            found.with_context(|| {
                format!("{name} was not found; `scripts/bench-mail` fetches it, or name its directory with --tools")
            })
        };
        Ok(Self { sink: find("smtp-sink")?, source: find("smtp-source")? })
    }

    /// The command; a package that was only unpacked keeps its libraries beside it.
    fn command(tool: &Path) -> Command {
        let mut command = Command::new(tool);
        let libraries = tool.parent().and_then(Path::parent).map(|usr| usr.join("lib/postfix"));
        if let Some(libraries) = libraries.filter(|dir| dir.is_dir()) {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts a sink on a free port of the loopback.
    pub fn sink(&self) -> anyhow::Result<Sink> {
        // Between finding a free port and the sink's listening another process could take it: then the sink ends, which is seen.
        let address = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let mut command = Self::command(&self.sink);
        // It refuses to run as root unless told whom to become.
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .args([&address.to_string(), "1000"])
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("can't start {}", self.sink.display()))?;
        let mut sink = Sink { child, address };
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(status) = sink.child.try_wait()? {
                bail!("smtp-sink ended at once: {status}");
            }
            ensure!(Instant::now() < until, "smtp-sink does not listen on {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(sink)
    }

    /// How many messages a second `smtp-source` sends: the limit of this sink on this machine.
    pub fn limit(&self, to: SocketAddr, connections: u32, messages: u32, size: usize) -> anyhow::Result<f64> {
        let began = Instant::now();
        let status = Self::command(&self.source)
            .arg("-d")
            .args(["-s", &connections.to_string(), "-m", &messages.to_string(), "-l", &size.to_string()])
            .args(["-f", "gaung@klp.example.id", "-t", "pegawai@klp.example.id"])
            .arg(to.to_string())
            .status()
            .with_context(|| format!("can't start {}", self.source.display()))?;
        ensure!(status.success(), "smtp-source failed: {status}");
        Ok(f64::from(messages) / began.elapsed().as_secs_f64())
    }
}

/// A running sink; it ends when dropped.
pub(super) struct Sink {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this process is the machine's master; the owner of its own directory in /proc tells.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}
