//! The keys that sign the log: where the secret halves lie, which of them sign now, and how one takes another's place.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::json;

use super::{Halt, Stop};
use crate::app::App;
use crate::config::{Config, ConfigError, Seed, create_ledger_key, load_ledger_keys, replace_ledger_keys};
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::ledger::note::{KeyKind, Signer, VerifierKey};
use crate::service::error::ServiceError;
use crate::store::seal::{self, KeyRow, LogRow};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Conn, StoreError, Tx};

/// The keys that this process can sign with, the newest first.
pub struct Ring(Vec<Seed>);

/// A key as verifiers know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Its written form (C2SP signed-note): `name+id+base64`.
    pub vkey: String,
    /// The log that it signs.
    pub origin: String,
    /// The size of the first checkpoint that it may have signed.
    pub from_size: i64,
    /// The last size that it signed; none while it signs.
    pub until_size: Option<i64>,
    /// From when on it signs no more; none for the newest.
    pub retires_at: Option<DateTime<Utc>>,
}

impl Ring {
    /// The keys in the file; none where there is no file.
    ///
    /// # Errors
    /// [`Stop::BadKey`] says what is wrong with it.
    pub fn load(config: &Config) -> Result<Option<Self>, Stop> {
        let found = load_ledger_keys(&config.ledger_key_file(), config.ledger.key_file.as_os_str().is_empty());
        Ok(found.map_err(|e| Stop::BadKey(e.to_string()))?.map(Self))
    }

    /// The keys in the file, which is made where there is none: for a log that nobody signed yet.
    ///
    /// # Errors
    /// [`Stop::BadKey`].
    pub fn load_or_make(config: &Config) -> Result<Self, Stop> {
        if let Some(ring) = Self::load(config)? {
            return Ok(ring);
        }
        create_ledger_key(&config.ledger_key_file()).map_err(|e| Stop::BadKey(e.to_string()))?;
        Self::load(config)?.ok_or(Stop::NoKey)
    }

    /// The public half of the newest.
    ///
    /// # Errors
    /// [`Stop::BadKey`] for a ring without keys.
    pub fn newest(&self) -> Result<[u8; 32], Stop> {
        let seed = self.0.first().ok_or(Stop::NoKey)?;
        public(seed)
    }

    /// Those that sign this log's checkpoints now, the newest first.
    ///
    /// # Errors
    /// [`Stop::OtherKey`] where the newest known key is not among them.
    pub fn signers(&self, (config, now): (&Config, DateTime<Utc>), origin: &str, known: &[KeyRow]) -> Result<Vec<Signer>, Stop> {
        let other = || Stop::OtherKey(config.ledger_key_file().display().to_string());
        let newest = known.iter().find(|key| key.retires_at.is_none()).ok_or_else(other)?;
        let mut signers = Vec::new();
        for key in known.iter().filter(|key| signs(key, now)) {
            for seed in &self.0 {
                if public(seed)?.as_slice() == key.public {
                    signers.push(Signer::from_seed(origin, KeyKind::Ed25519, *seed).map_err(|e| Stop::BadKey(e.to_string()))?);
                } else if *key == *newest && self.0.iter().all(|seed| public(seed).is_ok_and(|p| p.as_slice() != key.public)) {
                    return Err(other());
                }
            }
        }
        if signers.is_empty() { Err(other()) } else { Ok(signers) }
    }
}

/// Whether a known key signs now.
fn signs(key: &KeyRow, now: DateTime<Utc>) -> bool {
    key.retires_at.is_none_or(|at| at.0 > now)
}

/// The public half of a seed.
fn public(seed: &Seed) -> Result<[u8; 32], Stop> {
    // Any name will do: the public half has none.
    let signer = Signer::from_seed("key", KeyKind::Ed25519, *seed).map_err(|e| Stop::BadKey(e.to_string()))?;
    Ok(*signer.key().public())
}

/// The keys of a log as a verifier takes them, the newest first.
#[must_use]
pub fn verifiers(origin: &str, known: &[KeyRow]) -> Vec<VerifierKey> {
    let key = |key: &KeyRow| {
        let public = <[u8; 32]>::try_from(key.public.as_slice()).ok()?;
        VerifierKey::new(origin, KeyKind::Ed25519, public).ok()
    };
    known.iter().filter_map(key).collect()
}

/// Every key of every log, the newest first.
///
/// # Errors
/// The database's failure.
pub fn known(conn: &mut Conn) -> Result<Vec<Known>, StoreError> {
    let (logs, keys) = (seal::logs(conn)?, seal::keys(conn)?);
    let mut found = Vec::new();
    for log in logs.iter().rev() {
        for key in keys.iter().filter(|key| key.from_log <= log.no && key.until_log.is_none_or(|until| until >= log.no)) {
            let Some(vkey) = verifiers(&log.origin, std::slice::from_ref(key)).pop() else { continue };
            found.push(Known {
                vkey: vkey.to_string(),
                origin: log.origin.clone(),
                from_size: if key.from_log == log.no { key.from_size } else { 0 },
                until_size: key.until_size.filter(|_| key.until_log == Some(log.no)),
                retires_at: key.retires_at.map(|at| at.0),
            });
        }
    }
    Ok(found)
}

/// Makes the first key of a log known, unless one is.
pub(super) fn register_first(tx: &mut Tx<'_>, log: &LogRow, public: [u8; 32]) -> Result<(), StoreError> {
    if seal::keys(tx.conn)?.is_empty() {
        register(tx, log, public)?;
    }
    Ok(())
}

fn register(tx: &mut Tx<'_>, log: &LogRow, public: [u8; 32]) -> Result<(), StoreError> {
    let row = KeyRow {
        public: public.to_vec(),
        from_log: log.no,
        from_size: log.size,
        added_at: At(tx.now),
        retires_at: None,
        until_log: None,
        until_size: None,
    };
    seal::add_key(tx, &row)
}

/// Notes where those left off whose time is over.
pub(super) fn note_former(tx: &mut Tx<'_>, known: &[KeyRow], log: &LogRow) -> Result<(), StoreError> {
    for key in known.iter().filter(|key| key.until_size.is_none()) {
        if key.retires_at.is_some_and(|at| at.0 <= tx.now) {
            let last = seal::latest(tx.conn, log.no)?.map_or(0, |last| last.size);
            seal::left_off(tx, &key.public, log.no, last)?;
        }
    }
    Ok(())
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The new key's written form.
    pub vkey: String,
    /// From when on the old one signs no more.
    pub both_until: DateTime<Utc>,
    /// Whether the key was made here; else it stood in the file already.
    pub made: bool,
}

/// Puts a new key in the place of the one that signs; both sign for a while. The new key is the file's first one where that is not
/// known yet, as after an operator put it there; else it is made and put there.
///
/// # Errors
/// [`ServiceError::Refused`] where nothing was sealed yet, or the file can't be written.
pub async fn rotate(app: &App) -> Result<Rotated, ServiceError> {
    let (log, known) = app.db.read(|conn| Ok::<_, StoreError>((seal::current(conn)?, seal::keys(conn)?))).await?;
    let log = log.ok_or(ServiceError::Refused {
        code: "ledger.not_begun",
        message: "nothing was sealed yet: the first key is made with the first checkpoint".into(),
    })?;
    let mut ring = Ring::load(&app.config).map_err(Halt::Stop)?.ok_or(Halt::Stop(Stop::NoKey))?;
    ring.signers((&app.config, app.clock.now()), &log.origin, &known).map_err(Halt::Stop)?;
    let newest = ring.newest().map_err(Halt::Stop)?;
    let made = known.iter().any(|key| key.public == newest);
    if made {
        let mut seeds = vec![rand::random::<Seed>()];
        seeds.append(&mut ring.0);
        let path = app.config.ledger_key_file();
        replace_ledger_keys(&path, &seeds).map_err(|error: ConfigError| ServiceError::Refused {
            code: "ledger.key_file",
            message: format!(
                "{error}; where the file is put there by somebody else, put a new line of `openssl rand -hex 32` on top"
            ),
        })?;
        ring = Ring(seeds);
    }
    let newest = ring.newest().map_err(Halt::Stop)?;
    let vkey = VerifierKey::new(&log.origin, KeyKind::Ed25519, newest).map_err(|e| ServiceError::Internal(e.to_string()))?;
    let overlap = TimeDelta::days(app.config.ledger.key_overlap_days.into());
    let (told, both_until) = (vkey.to_string(), app.clock.now() + overlap);
    app.db
        .write(Actor::Operator, move |tx| {
            let Some(log) = seal::current(tx.conn)? else { return Err(ServiceError::NotFound("the log")) };
            register(tx, &log, newest)?;
            seal::retire_others(tx, &newest, At(both_until))?;
            let payload = json!({ "log": log.origin, "vkey": told, "from_size": log.size, "both_until": both_until });
            tx.record(NewEntry::new(EventKind::LedgerKeyRotated).payload(payload));
            Ok(())
        })
        .await?;
    Ok(Rotated { vkey: vkey.to_string(), both_until, made })
}
