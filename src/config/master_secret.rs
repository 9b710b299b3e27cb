//! The signing secret that an installation makes for itself: one file in the data directory, made once, readable by its owner only.

use std::io::Write;
use std::path::Path;

use super::{ConfigError, SecretText};

/// The file's name in the data directory.
pub const SECRET_FILE: &str = "secret.key";
/// The shortest secret: 256 bits.
pub(super) const MIN_SECRET_BYTES: usize = 32;

/// The data directory's secret; makes the directory and the secret where they are missing. Of several processes that start at once,
/// all get the same one.
///
/// # Errors
/// [`ConfigError::SecretFile`] where the file can't be read or made, is too short, or can be read by others.
pub fn load_or_create_secret(dir: &Path) -> Result<SecretText, ConfigError> {
    let path = dir.join(SECRET_FILE);
    let failed = |problem: String| ConfigError::SecretFile { key: "data.dir", path: path.clone(), problem };
    if !path.exists() {
        create(dir, &path).map_err(|e| failed(format!("can't be made: {e}")))?;
    }
    if others_may_read(&path).map_err(|e| failed(format!("can't be read: {e}")))? {
        return Err(failed(
            "can be read by other users of this machine: `chmod 600` it, or replace it if they should not have".into(),
        ));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| failed(format!("can't be read: {e}")))?;
    let secret = text.trim_end();
    if secret.len() < MIN_SECRET_BYTES {
        return Err(failed(format!("holds {} bytes; at least {MIN_SECRET_BYTES} are needed", secret.len())));
    }
    Ok(SecretText::new(secret))
}

/// Writes a new secret beside its place, then links it there: the link fails where another process was first, and that one's counts.
fn create(dir: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let mut draft = tempfile_in(dir)?;
    let random: [u8; 32] = rand::random();
    writeln!(draft.file, "{}", hex::encode(random))?;
    draft.file.sync_all()?;
    match std::fs::hard_link(&draft.path, path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// A file that is removed again when it is dropped.
struct Draft {
    file: std::fs::File,
    path: std::path::PathBuf,
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn tempfile_in(dir: &Path) -> std::io::Result<Draft> {
    let path = dir.join(format!(".{SECRET_FILE}.{:016x}", rand::random::<u64>()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(Draft { file: options.open(&path)?, path })
}

#[cfg(unix)]
pub(super) fn others_may_read(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn others_may_read(_: &Path) -> std::io::Result<bool> {
    Ok(false)
}
