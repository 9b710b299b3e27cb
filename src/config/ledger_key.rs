//! The keys that sign the log, in a file that its owner alone reads: 64 hexadecimal digits a line, the newest first.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::master_secret::others_may_read;

/// The key's name in messages.
const KEY: &str = "ledger.key_file";
/// More lines than anybody has keys.
const MOST: usize = 100;

/// An Ed25519 seed (RFC 8032 section 5.1.5): the secret itself.
pub type Seed = [u8; 32];

fn failed(path: &Path, problem: impl Into<String>) -> ConfigError {
    ConfigError::SecretFile { key: KEY, path: path.to_owned(), problem: problem.into() }
}

/// The seeds in a file; none where there is no such file.
///
/// # Errors
/// [`ConfigError::SecretFile`] where it can't be read, can be read by others although it was `made_here`, or holds something else.
pub fn load_ledger_keys(path: &Path, made_here: bool) -> Result<Option<Vec<Seed>>, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| failed(path, format!("can't be read: {e}")))?,
    };
    // A file that an orchestrator mounts has the mode that it gives.
    if made_here && others_may_read(path).map_err(|e| failed(path, format!("can't be read: {e}")))? {
        return Err(failed(path, "can be read by other users of this machine: `chmod 600` it"));
    }
    let seed = |line: &str| hex::decode(line.trim()).ok().and_then(|bytes| Seed::try_from(bytes).ok());
    let seeds: Option<Vec<Seed>> = text.lines().filter(|line| !line.trim().is_empty()).map(seed).take(MOST).collect();
    match seeds {
        Some(seeds) if !seeds.is_empty() => Ok(Some(seeds)),
        _ => Err(failed(path, "must hold 64 hexadecimal digits a line, one line a key, the newest first")),
    }
}

/// Makes a file with one new key. Of several processes that start at once, one makes it, and all read the same.
///
/// # Errors
/// [`ConfigError::SecretFile`] where it can't be made.
pub fn create_ledger_key(path: &Path) -> Result<(), ConfigError> {
    let draft = write(path, &[rand::random()]).map_err(|e| failed(path, format!("can't be made: {e}")))?;
    let linked = match std::fs::hard_link(&draft, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    let _ = std::fs::remove_file(&draft);
    linked.and_then(|()| sync_dir(path)).map_err(|e| failed(path, format!("can't be made: {e}")))
}

/// Puts these keys in the place of the file's.
///
/// # Errors
/// [`ConfigError::SecretFile`] where it can't be written; then it is as it was.
pub fn replace_ledger_keys(path: &Path, seeds: &[Seed]) -> Result<(), ConfigError> {
    let replaced = write(path, seeds).and_then(|draft| std::fs::rename(draft, path)).and_then(|()| sync_dir(path));
    replaced.map_err(|e| failed(path, format!("can't be written: {e}")))
}

/// A file beside `path`, on the disk, for its owner alone.
fn write(path: &Path, seeds: &[Seed]) -> std::io::Result<PathBuf> {
    let dir = dir_of(path);
    std::fs::create_dir_all(&dir)?;
    let draft = dir.join(format!(".ledger.key.{:016x}", rand::random::<u64>()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    for seed in seeds {
        writeln!(file, "{}", hex::encode(seed))?;
    }
    file.sync_all()?;
    Ok(draft)
}

fn dir_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A name is on the disk when its directory is.
fn sync_dir(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(dir_of(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("below").join("ledger.key");
        assert_eq!(load_ledger_keys(&path, true).unwrap(), None);
        create_ledger_key(&path).unwrap();
        let first = load_ledger_keys(&path, true).unwrap().unwrap();
        create_ledger_key(&path).unwrap();
        assert_eq!(load_ledger_keys(&path, true).unwrap().unwrap(), first, "never overwritten");
        let [old] = first.as_slice() else { panic!("one key") };
        replace_ledger_keys(&path, &[[7; 32], *old]).unwrap();
        assert_eq!(load_ledger_keys(&path, true).unwrap().unwrap(), [[7; 32], *old]);
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "no draft is left: {names:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
            let refused = load_ledger_keys(&path, true).unwrap_err().to_string();
            assert!(refused.contains("chmod 600") && !refused.contains("0707"), "{refused}");
        }
    }

    #[test]
    fn what_is_no_key_is_named_without_being_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.key");
        for text in ["", "\n\n", "abc\n", &"z".repeat(64), &"a".repeat(63)] {
            std::fs::write(&path, text).unwrap();
            #[cfg(unix)]
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let refused = load_ledger_keys(&path, true).unwrap_err().to_string();
            assert!(refused.contains("64 hexadecimal digits") && !refused.contains("aaaa"), "{refused}");
        }
    }
}
