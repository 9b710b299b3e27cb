//! When this installation's scheduler last ticked: readiness asks for it.

use chrono::{DateTime, Utc};

use super::dispatch::Progress;
use super::error::ServiceError;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::fault;
use crate::store::heartbeat;

/// The name under which the scheduler's tick is kept.
pub const TICK: &str = "tick";

/// Writes down that a tick has run.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn beat(app: &App) -> Result<Progress, ServiceError> {
    fault::check("heartbeat.before")?;
    app.db
        .write(Actor::System, |tx| {
            tx.without_entry("a heart-beat is no event");
            Ok::<_, ServiceError>(heartbeat::save(tx, TICK)?)
        })
        .await?;
    Ok(Progress::default())
}

/// When the last tick ran, on any replica.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn last_tick(app: &App) -> Result<Option<DateTime<Utc>>, ServiceError> {
    app.db.read(|conn| Ok(heartbeat::find(conn, TICK)?)).await
}

/// What time it is by the database, where that is another clock than this machine's; none also where it does not answer.
pub async fn shared_time(app: &App) -> Option<DateTime<Utc>> {
    app.db.read(|conn| Ok::<_, ServiceError>(heartbeat::shared_time(conn)?)).await.ok().flatten()
}
