//! The mails of campaigns that have very many of them, counted by a sweep for their delivery pages.

use chrono::TimeDelta;

use crate::app::App;
use crate::domain::actor::Actor;
use crate::service::ServiceError;
use crate::service::dispatch::Progress;
use crate::store::{figures, mail_delivery};

/// A campaign's mails are counted again after this time, while anything may still change.
const COUNTED_EACH: TimeDelta = TimeDelta::minutes(5);
/// For so long after its end, something may still come back.
const LATE: TimeDelta = TimeDelta::days(14);
/// It is looked so often which campaigns there are.
const LOOKED_EACH: TimeDelta = TimeDelta::minutes(1);
/// The name under which it is kept when it was looked.
const LOOKED: &str = "large campaigns";

/// Counts the mails of one large campaign whose figures are old.
///
/// # Errors
/// The database's failure.
pub async fn count(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let counted = app.db.read(move |conn| {
        if !figures::is_old(conn, LOOKED, now - LOOKED_EACH)? {
            return Ok::<_, ServiceError>(None);
        }
        let mut due: Vec<_> = mail_delivery::large(conn)?
            .into_iter()
            .filter(|large| {
                let still = large.ended_at.zip(large.counted_at).is_none_or(|(ended, counted)| counted.0 < ended.0 + LATE);
                still && large.counted_at.is_none_or(|at| at.0 < now - COUNTED_EACH)
            })
            .collect();
        due.sort_by_key(|large| large.counted_at);
        match due.first() {
            None => Ok(Some(None)),
            Some(large) => Ok(Some(Some((large.id, mail_delivery::count_all(conn, large.id)?)))),
        }
    });
    let Some(counted) = counted.await? else { return Ok(Progress::default()) };
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("numbers that a page shows");
            match counted {
                Some((id, rows)) => mail_delivery::save(tx, id, &rows)?,
                // None is left: it is looked again in a while.
                None => figures::save(tx, LOOKED, 0)?,
            }
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(Progress::default())
}
