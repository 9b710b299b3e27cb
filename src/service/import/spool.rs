//! The file as it came, on disk without a name: a slow sender must not keep the one write waiting.

use std::fs::File;
use std::io::{Read, Seek as _, Write as _};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::ledger::content_hash::to_hex;
use crate::service::error::ServiceError;

/// The largest file, in octets.
const MAX_OCTETS: u64 = 512 * 1024 * 1024;

/// A file that is gone as soon as it is closed.
pub(super) struct Spooled {
    pub file: File,
    pub sha256: String,
}

/// Takes the whole source.
///
/// # Errors
/// `Invalid` for a source above 512 MiB or one that breaks off; `Internal` where the data directory cannot be written.
pub(super) async fn take(dir: PathBuf, source: impl Read + Send + 'static) -> Result<Spooled, ServiceError> {
    let taken = tokio::task::spawn_blocking(move || copy(&dir, source)).await;
    taken.map_err(|error| ServiceError::Internal(format!("taking an import ended abnormally: {error}")))?
}

fn copy(dir: &std::path::Path, mut source: impl Read) -> Result<Spooled, ServiceError> {
    let failed = |error: std::io::Error| ServiceError::Internal(format!("{}: {error}", dir.display()));
    std::fs::create_dir_all(dir).map_err(failed)?;
    let mut file = tempfile::tempfile_in(dir).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    let mut octets = 0_u64;
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let message = format!("The file could not be read to its end ({error}); send it again");
                return Err(ServiceError::field("file", "csv.read", message));
            }
        };
        octets += read as u64;
        if octets > MAX_OCTETS {
            return Err(ServiceError::field("file", "import.too_large", "The file is larger than 512 MiB; split it"));
        }
        let part = buffer.get(..read).unwrap_or_default();
        hash.update(part);
        file.write_all(part).map_err(failed)?;
    }
    file.rewind().map_err(failed)?;
    Ok(Spooled { file, sha256: to_hex(&hash.finalize()) })
}
