//! The maildir: what a mail server puts into `new/` is taken in and moved to `cur/`. A file is moved after it was taken in, so that
//! a crash between the two only takes it in again, which changes nothing.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Incoming, LARGEST, receive};
use crate::app::App;
use crate::domain::bounce::ReportSource;
use crate::service::ServiceError;
use crate::service::dispatch::Progress;

/// Files that one run takes in at most; the next beat goes on.
const FILES_A_RUN: usize = 500;
/// Flags of a maildir (`:2,`): seen, and for what could not be used, also flagged for a person.
const SEEN: &str = ":2,S";
const UNUSABLE: &str = ":2,FS";

/// Whether the directory was found missing: said once, not once a second.
static MISSING: AtomicBool = AtomicBool::new(false);

/// Takes in what lies in the maildir, if one is configured. One bad file never stops the others.
///
/// # Errors
/// [`ServiceError::Busy`] when the database does not answer: the files stay where they are.
pub async fn sweep(app: &App) -> Result<Progress, ServiceError> {
    let dir = &app.config.mail.maildir;
    let mut progress = Progress::default();
    if dir.as_os_str().is_empty() {
        return Ok(progress);
    }
    for name in on_disk(listing(dir.clone())).await? {
        if app.is_stopping() {
            break;
        }
        match take(app, dir, &name).await {
            Ok(true) => progress.done += 1,
            Ok(false) => {}
            // The mail it is about is being handed over at this moment; the next beat looks again.
            Err(ServiceError::Busy { retry_after_s }) if retry_after_s >= super::NOT_SETTLED_S => {}
            Err(error @ ServiceError::Busy { .. }) => return Err(error),
            Err(error) => {
                progress.failed += 1;
                tracing::error!(%error, cause = ?error, file = %name, "a file in the maildir can't be taken in");
            }
        }
    }
    Ok(progress)
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ServiceError::Internal(format!("reading the maildir ended abnormally: {error}")))
}

/// The names in `new/`, the oldest first: a maildir's names begin with the second.
fn listing(dir: PathBuf) -> impl FnOnce() -> Vec<String> + Send + 'static {
    move || {
        let entries = match std::fs::read_dir(dir.join("new")) {
            Ok(entries) => {
                MISSING.store(false, Ordering::Relaxed);
                entries
            }
            Err(error) => {
                if !MISSING.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, dir = %dir.display(), "mail.maildir has no new/ that can be read");
                }
                return Vec::new();
            }
        };
        let plain = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut names: Vec<String> = plain.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort_unstable();
        names.truncate(FILES_A_RUN);
        names
    }
}

/// Takes in one file and moves it. False where somebody else was faster.
async fn take(app: &App, dir: &Path, name: &str) -> Result<bool, ServiceError> {
    let path = dir.join("new").join(name);
    let source = path.clone();
    let raw = match on_disk(move || read(&source)).await? {
        Ok(raw) => raw,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(ServiceError::Internal(format!("{error}"))),
    };
    let taken = receive(app, Incoming { source: ReportSource::Maildir, recipient: None, raw }).await;
    let flags = match taken {
        Ok(_) => SEEN,
        Err(ServiceError::Refused { .. } | ServiceError::Invalid(_)) => UNUSABLE,
        Err(error) => return Err(error),
    };
    let bare = name.split(":2,").next().unwrap_or(name);
    let (cur, target) = (dir.join("cur"), dir.join("cur").join(format!("{bare}{flags}")));
    let moved = on_disk(move || std::fs::create_dir_all(&cur).and_then(|()| std::fs::rename(&path, &target))).await?;
    match moved {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(ServiceError::Internal(format!("can't be moved to cur/: {error}"))),
    }
}

/// A file's octets, as many as are taken in at most.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    std::fs::File::open(path)?.take(LARGEST as u64).read_to_end(&mut raw)?;
    Ok(raw)
}
