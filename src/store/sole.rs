//! A SQLite database serves one process: who runs it holds a lock for as long as it runs. It ends with the process, however that ends.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::db::Place;
use super::error::StoreError;
use super::snapshot::beside;

/// The lock; given back when this goes away.
#[derive(Debug)]
pub struct Sole {
    _file: Option<File>,
}

/// Takes the lock; none where another process has it. PostgreSQL serves many.
///
/// # Errors
/// The disk's failure.
pub fn take(place: &Place) -> Result<Option<Sole>, StoreError> {
    let Place::Sqlite(path) = place else { return Ok(Some(Sole { _file: None })) };
    let path = beside(path, ".lock");
    let failed = |e: std::io::Error| StoreError::Down(format!("{}: {e}", path.display()));
    let file = open(&path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Sole { _file: Some(file) })),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(failed(error.into())),
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::Sqlite(dir.path().join("gaung.db"));
        let first = take(&place).unwrap();
        assert!(first.is_some());
        assert!(take(&place).unwrap().is_none());
        drop(first);
        assert!(take(&place).unwrap().is_some());
        let many = Place::Postgres(String::new());
        assert!(take(&many).unwrap().is_some() && take(&many).unwrap().is_some());
    }
}
