//! A file in two steps: first it is checked and kept, then exactly that file is imported. It lies in the database, so that any replica
//! finds it, and is forgotten after a day.

use std::fs::File;
use std::io::{self, Read, Seek as _};

use chrono::{DateTime, TimeDelta, Utc};

use super::spool::{self, Spooled};
use super::{Checked, ImportKind, ImportOptions, ImportReport, import_spooled};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::{UploadId, UserId};
use crate::domain::text_enum::TextEnum as _;
use crate::service::caller::Caller;
use crate::service::dispatch::Progress;
use crate::service::error::ServiceError;
use crate::store::types::{At, Doc};
use crate::store::upload::{self, UploadRow};
use crate::store::{Db, StoreError};

/// How long a file is kept.
const KEEP: TimeDelta = TimeDelta::hours(24);
/// The files of one user that are kept at once.
const MAX_KEPT: i64 = 5;
/// A part of a file, in octets.
const PART: usize = 512 * 1024;
/// The longest name of a file that is kept, in characters.
const NAME_CHARACTERS: usize = 120;
/// Files forgotten in one transaction.
const FORGET_AT_ONCE: i64 = 20;

/// A fault of a row.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FoundFault {
    /// The line, from 1; 0 where no line is to blame.
    pub line: u64,
    /// The column, where one is to blame.
    pub column: Option<String>,
    /// A stable code.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

/// Something that was accepted and is worth telling.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FoundNotice {
    /// A stable code.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Found {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that add something.
    pub new: u64,
    /// Rows that change something.
    pub changed: u64,
    /// Rows that say what is on file.
    pub unchanged: u64,
    /// The faults by line, at most 1,000.
    pub errors: Vec<FoundFault>,
    /// How many faults there are in all.
    pub error_count: u64,
    /// What was accepted and is worth telling.
    pub notices: Vec<FoundNotice>,
    /// Whether an import was stopped because what is on file had changed since an earlier check.
    #[serde(default)]
    pub moved: bool,
}

/// A file that was checked.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// What it holds.
    pub kind: ImportKind,
    /// Its name, as the browser gave it.
    pub name: String,
    /// Its SHA-256 in hex, as the log has it.
    pub sha256: String,
    /// What was found.
    pub found: Found,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
    /// When it was imported.
    pub applied_at: Option<DateTime<Utc>>,
}

fn kept_form(report: &ImportReport) -> Result<serde_json::Value, ServiceError> {
    serde_json::to_value(report).map_err(|error| ServiceError::Internal(error.to_string()))
}

fn of(row: UploadRow) -> Result<Upload, ServiceError> {
    let kind = ImportKind::parse(&row.kind).map_err(|_| ServiceError::Internal(format!("an upload of kind {:?}", row.kind)))?;
    let found = serde_json::from_value(row.report.0).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let UploadRow { id, name, sha256, .. } = row;
    Ok(Upload { id, kind, name, sha256, found, expires_at: row.expires_at.0, applied_at: row.applied_at.map(|at| at.0) })
}

/// Checks a file and keeps it for [`apply`]; a file with faults is not kept, only what was found.
///
/// # Errors
/// As [`super::import`]; `Forbidden` for the operator, who imports by command.
pub async fn check(
    app: &App,
    caller: &Caller,
    kind: ImportKind,
    name: &str,
    source: impl Read + Send + 'static,
) -> Result<UploadId, ServiceError> {
    caller.reach(kind.act())?;
    let user_id = caller.user_id()?;
    let spooled = spool::take(app.config.data.dir.clone(), source).await?;
    let failed = |error: io::Error| ServiceError::Internal(format!("an upload could not be read again: {error}"));
    let octets = spooled.file.metadata().map_err(failed)?.len();
    let (mut file, sha256) = (spooled.file.try_clone().map_err(failed)?, spooled.sha256.clone());
    let looked = import_spooled(app, caller, kind, spooled, ImportOptions { dry_run: true, ..ImportOptions::default() });
    let report = looked.await?;
    file.rewind().map_err(failed)?;
    let now = app.clock.now();
    let row = UploadRow {
        id: UploadId::new(),
        user_id,
        kind: kind.to_string(),
        name: name.chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS).collect(),
        sha256,
        octets: i64::try_from(octets).unwrap_or(i64::MAX),
        report: Doc(kept_form(&report)?),
        created_at: At(now),
        expires_at: At(now + KEEP),
        applied_at: None,
    };
    let id = row.id;
    let keeps_file = report.error_count == 0;
    app.db
        .write_at_length(caller.actor(), move |tx| {
            upload::insert(tx, &row)?;
            if keeps_file {
                store(tx, id, &mut file)?;
            }
            upload::keep_newest(tx, user_id, MAX_KEPT)?;
            tx.without_entry("a file was only checked");
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(id)
}

fn store(tx: &mut crate::store::Tx<'_>, id: UploadId, file: &mut File) -> Result<(), ServiceError> {
    let mut part_no = 0;
    loop {
        let mut part = Vec::with_capacity(PART);
        let read = file.by_ref().take(PART as u64).read_to_end(&mut part);
        if read.map_err(|error| ServiceError::Internal(format!("an upload could not be read again: {error}")))? == 0 {
            return Ok(());
        }
        upload::insert_part(tx, id, part_no, &part)?;
        part_no += 1;
    }
}

async fn own(app: &App, user_id: UserId, id: UploadId) -> Result<Upload, ServiceError> {
    let now = app.clock.now();
    let found = app.db.read(move |conn| upload::find(conn, id).map_err(ServiceError::from)).await?;
    let found = found.filter(|row| row.user_id == user_id && row.expires_at.0 > now);
    found.map_or(Err(ServiceError::NotFound("it")), of)
}

/// A file that the caller had checked.
///
/// # Errors
/// `NotFound` for somebody else's, or after a day.
pub async fn show(app: &App, caller: &Caller, id: UploadId) -> Result<Upload, ServiceError> {
    own(app, caller.user_id()?, id).await
}

/// Imports exactly the file that was checked, if it would do exactly what the check said. Where what is on file has changed since,
/// nothing is imported, and the new finding takes the place of the old one. Importing twice changes nothing.
///
/// # Errors
/// As [`super::import`]; `NotFound` for somebody else's file or after a day; `Refused` with `import.faulty` for one with faults.
pub async fn apply(app: &App, caller: &Caller, id: UploadId) -> Result<Upload, ServiceError> {
    let user_id = caller.user_id()?;
    let kept = own(app, user_id, id).await?;
    if kept.applied_at.is_some() {
        return Ok(kept);
    }
    if kept.found.error_count > 0 {
        let message = "This file has faults; correct them and check it again".to_owned();
        return Err(ServiceError::Refused { code: "import.faulty", message });
    }
    let parts = Parts { db: app.db.clone(), id, next: 0, rest: io::Cursor::new(Vec::new()) };
    let spooled: Spooled = spool::take(app.config.data.dir.clone(), parts).await?;
    if spooled.sha256 != kept.sha256 {
        // Somebody else imported it a moment ago, and its parts are gone.
        let now = own(app, user_id, id).await?;
        let changed = || ServiceError::Internal("an upload is not what it was when it was checked".into());
        return if now.applied_at.is_some() { Ok(now) } else { Err(changed()) };
    }
    let checked = Checked { upload_id: id, new: kept.found.new, changed: kept.found.changed };
    let options = ImportOptions { checked: Some(checked), ..ImportOptions::default() };
    let report = import_spooled(app, caller, kept.kind, spooled, options).await?;
    if !report.applied {
        let mut found = kept_form(&report)?;
        if let Some(found) = found.as_object_mut() {
            found.insert("moved".into(), true.into());
        }
        app.db
            .write(caller.actor(), move |tx| {
                tx.without_entry("a file was only checked again");
                upload::save_report(tx, id, found).map_err(ServiceError::from)
            })
            .await?;
    }
    own(app, user_id, id).await
}

/// The parts of a kept file, read one by one.
struct Parts {
    db: Db,
    id: UploadId,
    next: i32,
    rest: io::Cursor<Vec<u8>>,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let (id, part_no) = (self.id, self.next);
            let part = self.db.read_blocking(|conn| upload::part(conn, id, part_no));
            match part.map_err(|error: StoreError| io::Error::other(error))? {
                Some(part) => self.rest = io::Cursor::new(part),
                None => return Ok(0),
            }
            self.next += 1;
        }
    }
}

/// Forgets files whose time is over. Looks first: mostly there is nothing to write.
///
/// # Errors
/// The database's failure.
pub async fn prune(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let over = app.db.read(move |conn| upload::list_over(conn, now, FORGET_AT_ONCE).map_err(ServiceError::from)).await?;
    if over.is_empty() {
        return Ok(Progress::default());
    }
    let done = over.len() as u64;
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("only files that nobody imported went");
            upload::forget(tx, &over).map_err(ServiceError::from)
        })
        .await?;
    Ok(Progress { done, failed: 0 })
}
