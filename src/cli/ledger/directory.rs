//! A directory on disk as the place of an export: whole files by rename, and a way to wait until they are on the disk.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::ledger::export::{Place, Source};

/// A directory.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// A directory that is there.
    ///
    /// # Errors
    /// What the system says; also where it is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::read_dir(path)?;
        Ok(Self(path.to_owned()))
    }

    /// A directory, made where it is missing.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Self::open(path)
    }
}

/// What is missing is no failure, also where a name on its way is a file.
fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Source for Directory {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if_there(fs::read(self.0.join(path)))
    }

    fn names(&self, dir: &str) -> io::Result<Vec<String>> {
        let Some(entries) = if_there(fs::read_dir(self.0.join(dir)))? else { return Ok(Vec::new()) };
        let mut names: Vec<String> =
            entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned())).collect::<Result<_, _>>()?;
        names.sort_unstable();
        Ok(names)
    }
}

impl Place for Directory {
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.0.join(path);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let draft = path.with_file_name(name);
        File::create(&draft)?.write_all(bytes)?;
        fs::rename(&draft, &path)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        if_there(fs::remove_file(self.0.join(path))).map(drop)
    }

    fn settle(&self) -> io::Result<()> {
        // Tens of thousands of files: one word to the file system instead of one for each.
        Ok(rustix::fs::syncfs(File::open(&self.0)?)?)
    }
}
