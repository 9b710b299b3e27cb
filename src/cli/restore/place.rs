//! Putting a copy into a data directory: made ready beside the database, then renamed over it, so that at every instant one of the two is there.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::sync_dir;
use crate::cli::failure::Failure;
use crate::cli::{Place, start};
use crate::clock::{Clock as _, SteadyClock, SystemClock};
use crate::config::{SECRET_FILE, SecretUrl};
use crate::service::restore::{self, HoldRow};
use crate::store::db::Place as DatabasePlace;
use crate::store::snapshot::{self, beside};
use crate::store::sole;

/// Connections of a pool that was given up close within this time.
const CLOSING: Duration = Duration::from_secs(5);

/// What was done.
pub struct Placed {
    /// The database that is in place.
    pub database: PathBuf,
    /// What was there before.
    pub aside: Vec<PathBuf>,
    /// How dispatch is held.
    pub hold: HoldRow,
    /// Whether the directory had no signing secret.
    pub has_new_secret: bool,
}

/// Puts it there.
pub fn put(place: &Place, file: &Path, data_dir: &Path) -> Result<Placed, Failure> {
    start::private_dir(data_dir).with_context(|| data_dir.display().to_string()).map_err(Failure::Environment)?;
    let database = data_dir.join("gaung.db");
    let in_use = || {
        let shown = database.display();
        Failure::refused(format!(
            "{shown} is in use: stop `gaung serve` and every other command on it first; nothing was changed"
        ))
    };
    let Some(_sole) = sole::take(&DatabasePlace::Sqlite(database.clone()))? else { return Err(in_use()) };
    let ready = beside(&database, ".restoring");
    for suffix in ["", "-wal", "-shm"] {
        // What an earlier run left that was ended in the middle.
        let _ = std::fs::remove_file(beside(&ready, suffix));
    }
    copy(file, &ready)
        .with_context(|| format!("can't copy {} to {}", file.display(), ready.display()))
        .map_err(Failure::Environment)?;
    let has_new_secret = !data_dir.join(SECRET_FILE).exists();
    let hold = hold(place, &ready, data_dir)?;
    let aside = set_aside(&database, in_use)?;
    std::fs::rename(&ready, &database)
        .and_then(|()| sync_dir(&database))
        .with_context(|| database.display().to_string())
        .map_err(Failure::Environment)?;
    Ok(Placed { database, aside, hold, has_new_secret: has_new_secret && data_dir.join(SECRET_FILE).exists() })
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = options.open(to)?;
    std::io::copy(&mut File::open(from)?, &mut to)?;
    to.sync_all()
}

/// Brings the copy to this version's form and holds its dispatch, before anybody can start on it.
fn hold(place: &Place, ready: &Path, data_dir: &Path) -> Result<HoldRow, Failure> {
    let place = Place {
        data_dir: Some(data_dir.to_owned()),
        database: Some(SecretUrl::new(format!("sqlite:{}", ready.display()))),
        ..place.clone()
    };
    let config = start::config(&place, None)?;
    start::log(&config)?;
    let app = crate::app::App::build(config, SteadyClock::shared())?;
    crate::store::migrate::up(&app.db)?;
    let hold = start::block_on(async { Ok(restore::hold(&app).await?) })?;
    drop(app);
    let began = Instant::now();
    while !snapshot::close_up(ready)? {
        if began.elapsed() > CLOSING {
            return Err(Failure::environment(format!("{} could not be closed; nothing was changed", ready.display())));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(hold)
}

/// Keeps what is there under another name, without taking its own away: the new one is renamed over it.
fn set_aside(database: &Path, in_use: impl Fn() -> Failure) -> Result<Vec<PathBuf>, Failure> {
    if !database.exists() {
        return Ok(Vec::new());
    }
    let suffix = format!(".before-restore-{}", SystemClock.now().format("%Y%m%dT%H%M%S%3fZ"));
    let mut aside = Vec::new();
    let failed =
        |what: &Path, e: std::io::Error| Failure::environment(format!("{}: {e}; the old database is untouched", what.display()));
    match snapshot::close_up(database) {
        Ok(true) => {}
        Ok(false) => return Err(in_use()),
        // It is damaged, which may be why it is replaced: what lies beside it must not be taken for the new one's.
        Err(_) => {
            for beside_it in ["-wal", "-shm"] {
                let (from, to) = (beside(database, beside_it), beside(&beside(database, &suffix), beside_it));
                if from.exists() {
                    std::fs::rename(&from, &to).map_err(|e| failed(&from, e))?;
                    aside.push(to);
                }
            }
        }
    }
    let kept = beside(database, &suffix);
    if std::fs::hard_link(database, &kept).is_err() {
        // Some file systems know no links.
        copy(database, &kept).map_err(|e| failed(&kept, e))?;
    }
    aside.insert(0, kept);
    Ok(aside)
}
