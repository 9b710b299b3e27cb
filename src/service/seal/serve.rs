//! The log for whoever reads it over HTTP, in the paths of C2SP tlog-tiles: checkpoints and hash tiles for everybody, since they hold
//! nothing but hashes; the entries themselves for those who may read the whole log.

use super::Checkpoint;
use crate::app::App;
use crate::domain::role::Act;
use crate::ledger::tile::{Layer, TILE, Tile, push_entry};
use crate::service::Caller;
use crate::service::error::ServiceError;
use crate::store::Conn;
use crate::store::seal::{self, LogRow};

/// The newest checkpoint of a log (`no`; none: the one that goes on), as it was signed.
///
/// # Errors
/// [`ServiceError::NotFound`] where nothing was signed yet, or there is no such log.
pub async fn checkpoint(app: &App, no: Option<i32>) -> Result<String, ServiceError> {
    app.db
        .read(move |conn| {
            let log = log(conn, no)?;
            let latest = seal::latest(conn, log.no)?.ok_or(ServiceError::NotFound("the checkpoint"))?;
            Ok(latest.note)
        })
        .await
}

/// What was signed last, for a line on a page; none while nothing was.
///
/// # Errors
/// The database's failure.
pub async fn latest(app: &App) -> Result<Option<Checkpoint>, ServiceError> {
    let read = app.db.read(|conn| match seal::current(conn)? {
        Some(log) => seal::latest(conn, log.no),
        None => Ok(None),
    });
    Ok(read.await?.map(Checkpoint::from))
}

/// The keys of all logs, one a line, the newest first.
///
/// # Errors
/// The database's failure.
pub async fn vkeys(app: &App) -> Result<String, ServiceError> {
    let known = app.db.read(super::key::known).await?;
    Ok(known.into_iter().map(|key| format!("{}\n", key.vkey)).collect())
}

/// A tile's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether it is complete, and so never changes.
    pub is_full: bool,
}

fn tile_of(path: &str) -> Result<Tile, ServiceError> {
    Tile::of_path(path).ok_or(ServiceError::NotFound("the tile"))
}

/// A hash tile by its path, `tile/<level>/<number>[.p/<width>]`.
///
/// # Errors
/// [`ServiceError::NotFound`] for a path that is none, and for a tile that the log does not have, or not so wide.
pub async fn hashes(app: &App, no: Option<i32>, path: &str) -> Result<Served, ServiceError> {
    let tile = tile_of(path)?;
    let Layer::Hashes(level) = tile.layer else { return Err(ServiceError::NotFound("the tile")) };
    let read = app.db.read(move |conn| {
        let log = log(conn, no)?;
        Ok::<_, ServiceError>(seal::tile(conn, log.no, level, tile.index)?)
    });
    let found = read.await?.unwrap_or_default();
    let wide = found.get(..usize::from(tile.width) * 32).ok_or(ServiceError::NotFound("the tile"))?;
    Ok(Served { bytes: wide.to_vec(), is_full: u64::from(tile.width) == TILE })
}

/// A bundle of entries by its path, `tile/entries/<number>[.p/<width>]`.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who may not read the whole log; [`ServiceError::NotFound`] for one that the log does not have.
pub async fn entries(app: &App, caller: &Caller, no: Option<i32>, path: &str) -> Result<Vec<u8>, ServiceError> {
    let tile = tile_of(path)?;
    if tile.layer != Layer::Entries {
        return Err(ServiceError::NotFound("the tile"));
    }
    let caller = caller.clone();
    app.db
        .read(move |conn| {
            caller.check_whole(conn, Act::ViewLog)?;
            let log = log(conn, no)?;
            let first = tile.index.checked_mul(TILE).and_then(|first| i64::try_from(first).ok());
            let end = first.and_then(|first| first.checked_add(i64::from(tile.width)));
            let (Some(first), Some(end)) = (first, end.filter(|end| *end <= log.size)) else {
                return Err(ServiceError::NotFound("the tile"));
            };
            let mut bundle = Vec::new();
            let rows = seal::sealed(conn, log.first_leaf + first, log.first_leaf + end)?;
            if rows.len() != usize::from(tile.width) {
                return Err(ServiceError::Internal(format!("entries are missing in the bundle {}", tile.index)));
            }
            for row in rows {
                let bytes = seal::leaf(row)?.encode().map_err(|e| ServiceError::Internal(e.to_string()))?;
                if !push_entry(&mut bundle, &bytes) {
                    return Err(ServiceError::Internal("an entry is too large".into()));
                }
            }
            Ok(bundle)
        })
        .await
}

fn log(conn: &mut Conn, no: Option<i32>) -> Result<LogRow, ServiceError> {
    let found = match no {
        None => seal::current(conn)?,
        Some(no) => seal::logs(conn)?.into_iter().find(|log| log.no == no),
    };
    found.ok_or(ServiceError::NotFound("the log"))
}
