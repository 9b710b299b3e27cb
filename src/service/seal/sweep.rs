//! The sealing sweep: numbers what is unsealed in batches, then signs the tree that came of it.

use chrono::{DateTime, Utc};

use super::batch::{BATCH, number};
use super::key::{self, Ring};
use super::record::{self, Record};
use super::sign::sign;
use super::{Halt, Stop, judge, off};
use crate::app::App;
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::service::dispatch::Progress;
use crate::service::error::ServiceError;
use crate::store::seal::{self, CheckpointRow, LogRow};
use crate::store::{Conn, Db, StoreError};

/// Batches before what came of them is signed.
const BATCHES: usize = 10;
/// A sweep that moved on at least so many entries has probably left some: the next one follows at once.
pub const BUSY: u64 = BATCH.unsigned_abs();

/// Seals what is unsealed. A reason not to is kept for readiness and the log page (`App::sealing`) and is no failure: it stops
/// sealing, nothing else.
///
/// # Errors
/// The database's failure.
pub async fn sweep(app: &App) -> Result<Progress, ServiceError> {
    let (done, stop) = match run(app).await {
        Ok(done) => (done, None),
        Err(Halt::Stop(stop)) => (0, Some(stop)),
        Err(Halt::Store(error)) => return Err(error.into()),
    };
    app.sealing.note(stop);
    Ok(Progress { done, failed: 0 })
}

/// What the database holds.
struct Found {
    log: Option<LogRow>,
    signed: Option<CheckpointRow>,
    waiting: bool,
}

fn find(conn: &mut Conn) -> Result<Found, StoreError> {
    let log = seal::current(conn)?;
    let signed = match &log {
        Some(log) => seal::latest(conn, log.no)?,
        None => None,
    };
    Ok(Found { log, signed, waiting: seal::oldest_unsealed(conn)?.is_some() })
}

async fn run(app: &App) -> Result<u64, Halt> {
    let found = app.db.read(find).await?;
    if found.log.is_none() && !found.waiting {
        return Ok(0);
    }
    let signed = found.log.as_ref().is_some_and(|log| is_signed(found.signed.as_ref(), log));
    if !found.waiting && signed && app.sealing.fits() {
        return Ok(0);
    }
    let (ring, record) = files(app).await?;
    let Some(mut log) = begun(app, found.log, ring.as_ref(), record.as_ref()).await? else { return Ok(0) };
    agrees(app, record).await?;
    let ring = match ring {
        Some(ring) => ring,
        // Beginning has just made it, or it is not here.
        None => files(app).await?.0.ok_or(Stop::NoKey)?,
    };
    let signers = ring.signers((&app.config, app.clock.now()), &log.origin, &app.db.read(seal::keys).await?)?;
    let mut numbered: Vec<DateTime<Utc>> = Vec::new();
    for _ in 0..BATCHES {
        let Some(next) = number(app, log.no).await? else { break };
        let few = i64::try_from(next.at.len()).is_ok_and(|n| n < BATCH);
        numbered.extend(next.at);
        log = next.log;
        if few || app.is_stopping() {
            break;
        }
    }
    app.sealing.found_to_fit();
    if !is_signed(found.signed.as_ref(), &log) {
        sign(app, &signers).await?;
        told_lag(app, &numbered, log.began_at.0);
    }
    Ok(numbered.len() as u64)
}

/// Whether a log's tree is signed as it stands.
fn is_signed(signed: Option<&CheckpointRow>, log: &LogRow) -> bool {
    signed.is_some_and(|signed| signed.log_no == log.no && signed.size >= log.size)
}

/// The keys and the record, from the files beside the database.
async fn files(app: &App) -> Result<(Option<Ring>, Option<Record>), Halt> {
    let app = app.clone();
    off(move || Ok((Ring::load(&app.config)?, record::read(&record::path(&app.config))?))).await
}

/// The log that goes on; begun now where there is none. None where another process is just beginning it.
async fn begun(app: &App, log: Option<LogRow>, ring: Option<&Ring>, record: Option<&Record>) -> Result<Option<LogRow>, Halt> {
    if log.is_some() {
        return Ok(log);
    }
    if let Some(record) = record {
        return Err(Stop::Behind { recorded: record.size(), here: 0 }.into());
    }
    let newest = match ring {
        Some(ring) => ring.newest()?,
        None => {
            let app = app.clone();
            off(move || Ring::load_or_make(&app.config)?.newest()).await?
        }
    };
    let origin = app.config.ledger_origin();
    let begun = app.db.write(Actor::System, move |tx| {
        tx.without_entry("the log's first checkpoint is the witness");
        seal::begin(tx, 1, &origin, 0)?;
        let log = seal::current(tx.conn)?;
        if let Some(log) = &log {
            key::register_first(tx, log, newest)?;
        }
        Ok::<_, StoreError>(log)
    });
    match begun.await {
        Err(StoreError::Taken(_)) => Ok(None),
        other => Ok(other?),
    }
}

/// Whether the database goes on from what was signed last.
pub(super) async fn agrees(app: &App, record: Option<Record>) -> Result<(), Halt> {
    let file = record::path(&app.config).display().to_string();
    app.db.read(move |conn| compare(conn, record.as_ref(), &file)).await
}

fn compare(conn: &mut Conn, record: Option<&Record>, file: &str) -> Result<(), Halt> {
    let (logs, known) = (seal::logs(conn)?, seal::keys(conn)?);
    if let Some(record) = record
        && let Some(log) = logs.iter().find(|log| log.origin == record.origin())
        && !record.is_by(&key::verifiers(&log.origin, &known))
    {
        return Err(Stop::BadRecord(format!("{file}: its signature is not by a key of this log")).into());
    }
    judge(conn, &logs, record, file)
}

/// Why nothing would be sealed here now, for who only looks; none also where nothing was sealed yet. Blocks.
///
/// # Errors
/// The database's failure.
pub fn why_not(db: &Db, config: &Config, now: DateTime<Utc>) -> Result<Option<Stop>, StoreError> {
    let looked = || {
        let (ring, record) = (Ring::load(config)?, record::read(&record::path(config))?);
        let file = record::path(config).display().to_string();
        let (log, known) = db.read_blocking(|conn| {
            compare(conn, record.as_ref(), &file)?;
            Ok::<_, Halt>((seal::current(conn)?, seal::keys(conn)?))
        })?;
        if let Some(log) = log {
            ring.ok_or(Stop::NoKey)?.signers((config, now), &log.origin, &known)?;
        }
        Ok::<(), Halt>(())
    };
    match looked() {
        Ok(()) => Ok(None),
        Err(Halt::Stop(stop)) => Ok(Some(stop)),
        Err(Halt::Store(error)) => Err(error),
    }
}

/// How long each entry waited for its signature. What was there before the log began waited for the log.
fn told_lag(app: &App, numbered: &[DateTime<Utc>], began: DateTime<Utc>) {
    let now = app.clock.now();
    for at in numbered.iter().filter(|at| **at >= began) {
        app.meter.time("gaung_seal_lag_seconds", &[], (now - *at).to_std().unwrap_or_default());
    }
    app.meter.count("gaung_sealed_entries_total", &[], numbered.len() as u64);
}
