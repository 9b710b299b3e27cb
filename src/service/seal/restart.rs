//! The two ways out where the database and the record of what was signed last disagree, both by a person's decision: to begin a new log
//! that names the old one's last checkpoint, or, where there is no record, to say that the database's last checkpoint is the newest.

use serde_json::json;

use super::batch::Batch;
use super::key::{self, Ring};
use super::record::{self, Held, Record};
use super::sign::sign;
use super::{Halt, Stop, off};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::EntryId;
use crate::ledger::text::base64;
use crate::service::error::ServiceError;
use crate::store::log::{self, LogQuery};
use crate::store::seal::{self, CheckpointRow, LogRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{StoreError, Tx};

/// The longest reason.
const LONGEST: usize = 500;

/// What a new beginning came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restarted {
    /// The new log's name.
    pub origin: String,
    /// Its key.
    pub vkey: String,
    /// The old log's name and the size of its last checkpoint, where there was one.
    pub old: Option<(String, u64)>,
    /// Where its last checkpoint is kept.
    pub kept: Option<std::path::PathBuf>,
}

/// Begins a new log under a new name. Its first entry names the old log's last checkpoint; the old checkpoints stay, and whoever kept one
/// can tell that they are not gone on from.
///
/// # Errors
/// [`ServiceError::Refused`] without a reason, a key, or a log that could be ended.
pub async fn restart(app: &App, reason: &str) -> Result<Restarted, ServiceError> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > LONGEST || reason.chars().any(char::is_control) {
        let message =
            format!("give a reason of at most {LONGEST} characters in one line: it is shown to everybody who checks the log");
        return Err(ServiceError::field("reason", "ledger.reason", message));
    }
    let path = record::path(&app.config);
    let maker = app.clone();
    let known = app.db.read(seal::keys).await?;
    let (ring, held, last) = off(move || {
        let held = Held::take(&path)?;
        let record = held.read()?;
        let ring = match known.as_slice() {
            [] => Ring::load_or_make(&maker.config)?,
            // Another key would not be the log's: before anything is ended, it is found out.
            known => {
                let ring = Ring::load(&maker.config)?.ok_or(Stop::NoKey)?;
                ring.signers((&maker.config, maker.clock.now()), "ledger", known)?;
                ring
            }
        };
        Ok((ring, held, record))
    })
    .await?;
    let newest = ring.newest().map_err(Halt::Stop)?;
    let base = app.config.ledger_origin();
    let old = last.clone();
    let log = app.db.write(Actor::Operator, move |tx| begin(tx, old.as_ref(), &base, &reason, newest)).await?;
    let keys = app.db.read(seal::keys).await?;
    let signers = ring.signers((&app.config, app.clock.now()), &log.origin, &keys).map_err(Halt::Stop)?;
    let (held, kept) = off(move || {
        let kept = match &last {
            Some(record) => Some((held.keep_old(record)?, record.origin().to_owned(), record.size())),
            None => None,
        };
        Ok((held, kept))
    })
    .await?;
    drop(held);
    sign(app, &signers).await?;
    let vkey = key::verifiers(&log.origin, &keys).first().map(ToString::to_string).unwrap_or_default();
    let (kept, old) = kept.map_or((None, None), |(kept, origin, size)| (Some(kept), Some((origin, size))));
    Ok(Restarted { origin: log.origin, vkey, old, kept })
}

/// Ends the log that goes on, begins the next with the entry that says so, and numbers that entry first.
fn begin(tx: &mut Tx<'_>, old: Option<&Record>, base: &str, reason: &str, newest: [u8; 32]) -> Result<LogRow, ServiceError> {
    let logs = seal::logs(tx.conn)?;
    let ended = logs.last();
    if ended.is_none() && old.is_none() {
        return Err(ServiceError::Refused {
            code: "ledger.not_begun",
            message: "nothing was sealed yet, so there is nothing to begin anew".into(),
        });
    }
    let first_leaf = seal::next_leaf(tx.conn)?;
    let has = match ended {
        Some(log) => seal::latest(tx.conn, log.no)?,
        None => None,
    };
    let mut no = ended.map_or(0, |log| log.no);
    if let Some(log) = ended {
        seal::end(tx, log.no, reason)?;
        keep_last(tx, log, old)?;
    }
    let used = |origin: &str| logs.iter().any(|log| log.origin == origin);
    if let Some(old) = old.filter(|old| !used(old.origin())) {
        // The database does not even know the log that was signed last: it is one of those that ended.
        no += 1;
        seal::begin(tx, no, old.origin(), first_leaf)?;
        seal::end(tx, no, reason)?;
        if let Some(lost) = seal::current(tx.conn)? {
            keep_last(tx, &lost, Some(old))?;
        }
    }
    let mut origin = base.to_owned();
    no += 1;
    let mut number = no;
    while used(&origin) || old.is_some_and(|old| old.origin() == origin) {
        origin = format!("{base}/{number}");
        number += 1;
    }
    seal::begin(tx, no, &origin, first_leaf)?;
    let log = seal::current(tx.conn)?.ok_or(StoreError::Stale)?;
    key::register_first(tx, &log, newest)?;
    let id = tell(tx, &origin, old, has.as_ref(), reason);
    tx.flush()?;
    first(tx, log, id)
}

/// The new log's first entry.
fn tell(tx: &mut Tx<'_>, origin: &str, old: Option<&Record>, has: Option<&CheckpointRow>, reason: &str) -> EntryId {
    let entry = NewEntry::new(EventKind::LedgerRestarted);
    let id = entry.id;
    let last = old.map(|old| json!({ "log": old.origin(), "size": old.size(), "root": base64(&old.root()) }));
    let here = has.map(|row| json!({ "size": row.size, "root": base64(&row.root) }));
    tx.record(
        entry
            .payload(json!({ "log": origin, "last_signed": last, "last_in_database": here }))
            .detail(json!({ "reason": reason })),
    );
    id
}

/// What was signed last stays with the old log's checkpoints, also where its entries are lost.
fn keep_last(tx: &mut Tx<'_>, log: &LogRow, old: Option<&Record>) -> Result<(), StoreError> {
    let Some(old) = old.filter(|old| old.origin() == log.origin) else { return Ok(()) };
    let size = i64::try_from(old.size()).unwrap_or(i64::MAX);
    if seal::checkpoint_at(tx.conn, log.no, size)?.is_none() {
        let row = CheckpointRow { log_no: log.no, size, root: old.root().to_vec(), note: old.note(), signed_at: At(tx.now) };
        seal::signed(tx, &row)?;
    }
    Ok(())
}

fn first(tx: &mut Tx<'_>, log: LogRow, id: EntryId) -> Result<LogRow, ServiceError> {
    let wanted = LogQuery { id: Some(id), ..LogQuery::default() };
    let rows = log::list(tx.conn, &wanted, 1)?;
    let batch = Batch::of(tx.conn, log, rows)?;
    if !batch.number(tx)? {
        return Err(StoreError::Stale.into());
    }
    Ok(batch.after())
}

/// Takes the database's newest checkpoint for the last that was signed, where there is no record: on a new replica.
///
/// # Errors
/// [`ServiceError::Refused`] where there is a record, no checkpoint, or no key of this log.
pub async fn adopt(app: &App) -> Result<CheckpointRow, ServiceError> {
    let (log, latest, keys) = app
        .db
        .read(|conn| {
            let log = seal::current(conn)?;
            let latest = match &log {
                Some(log) => seal::latest(conn, log.no)?,
                None => None,
            };
            Ok::<_, StoreError>((log, latest, seal::keys(conn)?))
        })
        .await?;
    let refused = |code, message: &str| ServiceError::Refused { code, message: message.to_owned() };
    let (Some(log), Some(latest)) = (log, latest) else {
        return Err(refused("ledger.not_begun", "the database holds no signed checkpoint"));
    };
    let (maker, path, note, origin) = (app.clone(), record::path(&app.config), latest.note.clone(), log.origin);
    off(move || {
        let held = Held::take(&path)?;
        if held.read()?.is_some() {
            return Err(Stop::BadRecord(format!("{} is there already, and says what was signed last", path.display())));
        }
        Ring::load(&maker.config)?.ok_or(Stop::NoKey)?.signers((&maker.config, maker.clock.now()), &origin, &keys)?;
        held.write(&note)
    })
    .await?;
    Ok(latest)
}
