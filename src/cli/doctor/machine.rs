//! What the machine provides: a directory to write to, room in it, a secret that others can't read, time zones.

use std::path::{Path, PathBuf};

use super::Check;
use crate::config::{Config, DatabaseUrl, SECRET_FILE};

/// With less than this the next import, wave or backup may not fit.
const LEAST_FREE_MIB: u64 = 512;

/// Whether strangers could see what only developers should.
pub fn exposure(config: &Config) -> Check {
    const CHECK: &str = "exposure";
    let bind = config.server.bind;
    if config.shows_mailbox() && !bind.is_loopback() {
        return Check::bad(
            CHECK,
            format!("everybody who reaches {bind} can open everybody's links at /mailbox"),
            "set server.dev_mailbox = false, or mail.transport = \"smtp\"",
        );
    }
    let is_https = config.institution.base_url.starts_with("https://");
    if bind.is_loopback() && !is_https {
        return Check::good(CHECK, "reached from this machine only");
    }
    if is_https {
        return Check::good(CHECK, format!("reached at {}", config.institution.base_url));
    }
    Check::good(CHECK, format!("listens on {bind}, and links lead to {}", config.institution.base_url))
        .advise("put a proxy that speaks TLS in front, and set institution.base_url to its https:// address")
}

/// Whether files can be made in the data directory.
pub fn data_directory(dir: &Path) -> Check {
    const CHECK: &str = "data directory";
    let shown = dir.display();
    if !dir.exists() {
        return Check::bad(CHECK, format!("{shown} is not there"), "check --data-dir; `gaung migrate` makes it");
    }
    let probe = dir.join(format!(".doctor.{:016x}", rand::random::<u64>()));
    let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe);
    if written.is_ok() {
        let _ = std::fs::remove_file(&probe);
    }
    match written {
        Ok(_) => Check::good(CHECK, format!("{shown} can be written to")),
        Err(e) => Check::bad(CHECK, format!("{shown}: {e}"), "make it a directory that the user of this process owns"),
    }
}

/// Whether there is room beside the data and beside the SQLite file.
pub fn free_space(config: &Config) -> Check {
    const CHECK: &str = "free space";
    let mut places = vec![config.data.dir.clone()];
    if let Ok(DatabaseUrl::Sqlite(path)) = config.database_url()
        && let Some(dir) = path.parent()
        && dir != config.data.dir
    {
        places.push(if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir.to_owned() });
    }
    let mut seen = Vec::new();
    let mut is_enough = true;
    for place in places.iter().filter(|place| place.exists()) {
        match free_mib(place) {
            Ok(mib) => {
                is_enough &= mib >= LEAST_FREE_MIB;
                seen.push(format!("{mib} MiB at {}", place.display()));
            }
            Err(e) => return Check::bad(CHECK, format!("{}: {e}", place.display()), "check that the disk is mounted"),
        }
    }
    let detail = if seen.is_empty() { "nothing to look at yet".to_owned() } else { seen.join(", ") };
    if is_enough {
        return Check::good(CHECK, detail);
    }
    Check::bad(CHECK, detail, format!("keep at least {LEAST_FREE_MIB} MiB free: a full disk refuses every change"))
}

fn free_mib(place: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(place)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024))
}

/// Whether the signing secret is there and its owner's alone.
pub fn secret_key(config: &Config) -> Check {
    const CHECK: &str = "secret key";
    let file = &config.secrets.key_file;
    let (path, is_own) = match (file.as_os_str().is_empty(), config.secrets.key.is_empty()) {
        (false, _) => (file.clone(), false),
        (true, false) => return Check::good(CHECK, "set in the configuration"),
        (true, true) => (config.data.dir.join(SECRET_FILE), true),
    };
    let shown = path.display();
    if is_own && !path.exists() {
        return Check::bad(CHECK, format!("{shown} is not there"), "check --data-dir; `gaung migrate` makes one");
    }
    if is_own && let Err(error) = config.master_secret() {
        return Check::bad(CHECK, error.to_string(), format!("`chmod 600 {shown}`, or put the right file there"));
    }
    match others_may(&path) {
        Ok(0) => Check::good(CHECK, format!("{shown}, readable by its owner only")),
        // A file that an operator placed may be shared with a group on purpose, never with everybody.
        Ok(mode) if mode & 0o007 == 0 => Check::good(CHECK, format!("{shown}, readable by its group")),
        Ok(_) => Check::bad(CHECK, format!("every user of this machine may read {shown}"), format!("`chmod 600 {shown}`")),
        Err(e) => Check::bad(CHECK, format!("{shown}: {e}"), "let the user of this process read it"),
    }
}

/// What the group and everybody may do with a file.
#[cfg(unix)]
fn others_may(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077)
}

#[cfg(not(unix))]
fn others_may(path: &Path) -> std::io::Result<u32> {
    std::fs::metadata(path).map(|_| 0)
}

/// The rules of the time zones that this binary knows.
pub fn time_zones(config: &Config) -> Check {
    let zone = config.institution.default_zone;
    Check::good("time zones", format!("IANA {}; {} unless somebody has another", chrono_tz::IANA_TZDB_VERSION, zone.name()))
}
