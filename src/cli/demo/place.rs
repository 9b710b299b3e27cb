//! Where the demo lives: a directory of its own, and never on top of anything else.

use std::path::{Path, PathBuf};

use crate::app::App;
use crate::cli::Place;
use crate::cli::failure::Failure;
use crate::config::{Config, MailTransport};
use crate::store::db::Place as DatabasePlace;
use crate::store::{StoreError, migrate, promises};

/// Says that a directory is a demo's, so that the next demo may clear it away.
const MARK: &str = ".gaung-demo";
/// Where the demo lives when nobody says otherwise.
const DIR: &str = "gaung-demo";

/// The configuration of the demo: mail stays in the built-in mailbox, whatever the file says; nobody outside is ever mailed.
pub(super) fn config(place: &Place, port: Option<u16>) -> Result<Config, Failure> {
    let dir = place.data_dir.clone().unwrap_or_else(|| PathBuf::from(DIR));
    clear(&dir)?;
    let place = Place { data_dir: Some(dir), ..place.clone() };
    let mut config = crate::cli::start::config(&place, port)?;
    config.mail.transport = MailTransport::Mailbox;
    config.server.dev_mailbox = true;
    // Nobody balances a demonstration.
    config.server.drain_s = 0;
    config.institution.name = "Kementerian Layanan Publik".into();
    config.institution.short_name = "KLP".into();
    config.mail.from_address = "gaung@klp.example.id".into();
    Ok(config)
}

/// Clears away an earlier demo; refuses any other directory that holds something.
fn clear(dir: &Path) -> Result<(), Failure> {
    let environment = |e: std::io::Error| Failure::environment(format!("{}: {e}", dir.display()));
    let holds_something = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => false,
        Err(e) => return Err(environment(e)),
    };
    if holds_something {
        if !dir.join(MARK).exists() {
            return Err(Failure::refused(format!(
                "{} holds something that no demo made; name an empty or new directory with --data-dir",
                dir.display()
            )));
        }
        std::fs::remove_dir_all(dir).map_err(environment)?;
    }
    std::fs::create_dir_all(dir).map_err(environment)?;
    std::fs::write(dir.join(MARK), "Made by `gaung demo`; the next demo clears this directory away.\n").map_err(environment)
}

/// Brings the database to this version's form; refuses one that already holds people.
pub(super) fn check_empty(app: &App) -> Result<(), Failure> {
    migrate::up(&app.db)?;
    let totals = app.db.read_blocking(promises::totals).map_err(|e: StoreError| Failure::from(e))?;
    if totals.members > 0 || totals.ledger_entries > 0 {
        let which = match app.db.place() {
            DatabasePlace::Sqlite(path) => path.display().to_string(),
            DatabasePlace::Postgres(_) => "this PostgreSQL database".to_owned(),
        };
        return Err(Failure::refused(format!("{which} is not empty; the demo runs in an empty database only")));
    }
    Ok(())
}
