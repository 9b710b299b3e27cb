//! How the log stands: for its page, for readiness, for whoever wants to check it without an account.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::key::{self, Known};
use crate::app::App;
use crate::service::error::ServiceError;
use crate::store::seal::{self, CheckRow, CheckpointRow, LogRow};
use crate::store::{Conn, StoreError};

/// What is known of the log's being whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Badge {
    /// Every entry up to this size was read anew and is what was sealed.
    Intact {
        /// How many entries.
        size: i64,
        /// When the last of them was read.
        at: DateTime<Utc>,
    },
    /// An entry is not what was sealed.
    Broken {
        /// The first such entry, counted from 0.
        entry: i64,
        /// What was found.
        why: String,
        /// When it was found.
        at: DateTime<Utc>,
    },
    /// No round has come to its end yet.
    NotChecked,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries it is of.
    pub size: i64,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
}

impl From<CheckpointRow> for Checkpoint {
    fn from(row: CheckpointRow) -> Self {
        Self { size: row.size, note: row.note, signed_at: row.signed_at.0 }
    }
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The log that goes on; none before the first sealing.
    pub log: Option<LogRow>,
    /// Logs that ended.
    pub former: Vec<LogRow>,
    /// What was signed last.
    pub checkpoint: Option<Checkpoint>,
    /// For how long the oldest entry has waited to be sealed; none where none waits.
    pub waiting_s: Option<i64>,
    /// Why nothing is sealed, as the last sweep of this process found it.
    pub stop: Option<super::Stop>,
    /// Whether it is whole.
    pub badge: Badge,
    /// The keys of all logs, the newest first.
    pub keys: Vec<Known>,
}

impl Badge {
    pub(super) fn of(check: Option<&CheckRow>) -> Self {
        let Some(check) = check else { return Self::NotChecked };
        match (check.broken_leaf, check.broken_found_at, check.sound_size, check.sound_at) {
            (Some(entry), at, _, _) => {
                Self::Broken { entry, why: check.broken_why.clone().unwrap_or_default(), at: at.unwrap_or(check.began_at).0 }
            }
            (None, _, Some(size), Some(at)) => Self::Intact { size, at: at.0 },
            _ => Self::NotChecked,
        }
    }
}

/// How the log stands now.
///
/// # Errors
/// The database's failure.
pub async fn status(app: &App) -> Result<Status, ServiceError> {
    let (now, stop) = (app.clock.now(), app.sealing.stop());
    let read = app.db.read(move |conn| look(conn, now));
    Ok(Status { stop, ..read.await? })
}

fn look(conn: &mut Conn, now: DateTime<Utc>) -> Result<Status, StoreError> {
    let mut former = seal::logs(conn)?;
    let log = former.pop();
    let (checkpoint, check) = match &log {
        Some(log) => (seal::latest(conn, log.no)?, seal::check_of(conn, log.no)?),
        None => (None, None),
    };
    let waiting_s = seal::oldest_unsealed(conn)?.map(|at| (now - at).num_seconds().max(0));
    let badge = Badge::of(check.as_ref());
    let checkpoint = checkpoint.map(Checkpoint::from);
    Ok(Status { log, former, checkpoint, waiting_s, stop: None, badge, keys: key::known(conn)? })
}
