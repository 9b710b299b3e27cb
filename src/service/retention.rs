//! What is kept for how long: a sweep takes what is older in small batches, and each batch is on the log.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::dispatch::Progress;
use super::error::ServiceError;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::CampaignId;
use crate::store::retention::{self, Gone, Kept};
use crate::store::tx::NewEntry;
use crate::store::{Tx, heartbeat};

/// Rows of one batch: a transaction of some milliseconds.
const BATCH: i64 = 2_000;
/// Batches of one run; the next beat goes on.
const BATCHES: usize = 5;
/// Where nothing was old, it is looked again after this time.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(10);
/// The name under which it is kept when nothing was left to do.
const DONE: &str = "retention";

/// What is taken next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Campaign(CampaignId),
    OtherMails,
    Kept(Kept),
    Details,
}

/// The instants before which things go; none where they stay.
#[derive(Debug, Clone, Copy)]
struct Ages {
    mails: Option<DateTime<Utc>>,
    reports: Option<DateTime<Utc>>,
    mailbox: Option<DateTime<Utc>>,
    details: Option<DateTime<Utc>>,
}

impl Ages {
    fn of(app: &App) -> Self {
        let (now, kept) = (app.clock.now(), &app.config.retention);
        let before = |days: u32| (days > 0).then(|| now - TimeDelta::days(days.into()));
        Self {
            mails: before(kept.outbox_days),
            reports: before(kept.mail_report_days),
            mailbox: before(kept.mailbox_days),
            details: before(kept.entry_detail_days),
        }
    }

    fn before(&self, next: Next) -> Option<DateTime<Utc>> {
        match next {
            Next::Campaign(_) | Next::OtherMails => self.mails,
            Next::Kept(Kept::Reports) => self.reports,
            Next::Kept(Kept::Mailbox) => self.mailbox,
            Next::Details => self.details,
        }
    }
}

/// Takes some of what is older than it is kept. Bounded: what is left over is for the next beat.
///
/// # Errors
/// The database's failure; batches that were taken stay taken.
pub async fn prune(app: &App) -> Result<Progress, ServiceError> {
    let (ages, now) = (Ages::of(app), app.clock.now());
    let looked = app.db.read(|conn| Ok::<_, ServiceError>(heartbeat::find(conn, DONE)?)).await?;
    if looked.is_some_and(|at| at <= now && now - at < LOOK_AGAIN) {
        return Ok(Progress::default());
    }
    let mut done = 0;
    for _ in 0..BATCHES {
        if app.is_stopping() {
            break;
        }
        let Some(next) = next(app, ages).await? else {
            rest(app).await?;
            break;
        };
        done += batch(app, ages, next).await?;
    }
    Ok(Progress { done, failed: 0 })
}

async fn rest(app: &App) -> Result<(), ServiceError> {
    app.db
        .write(Actor::System, |tx| {
            tx.without_entry("nothing was old enough to go");
            Ok(heartbeat::save(tx, DONE)?)
        })
        .await
}

async fn next(app: &App, ages: Ages) -> Result<Option<Next>, ServiceError> {
    app.db
        .read(move |conn| {
            if let Some(before) = ages.mails {
                if let Some(id) = retention::over(conn, before)? {
                    return Ok(Some(Next::Campaign(id)));
                }
                if retention::any_other(conn, before)? {
                    return Ok(Some(Next::OtherMails));
                }
            }
            for kept in [Kept::Reports, Kept::Mailbox] {
                if let Some(before) = ages.before(Next::Kept(kept))
                    && retention::any_kept(conn, kept, before)?
                {
                    return Ok(Some(Next::Kept(kept)));
                }
            }
            match ages.details {
                Some(before) if retention::any_detail(conn, before)? => Ok(Some(Next::Details)),
                _ => Ok(None),
            }
        })
        .await
}

async fn batch(app: &App, ages: Ages, next: Next) -> Result<u64, ServiceError> {
    let Some(before) = ages.before(next) else { return Ok(0) };
    app.db
        .write(Actor::System, move |tx| {
            let gone = match next {
                Next::Campaign(id) => {
                    let gone = retention::prune_campaign(tx, id, BATCH)?;
                    if gone.is_none_or(|gone| i64::try_from(gone.rows).is_ok_and(|rows| rows < BATCH)) {
                        retention::finish_campaign(tx, id)?;
                    }
                    gone
                }
                Next::OtherMails => retention::prune_others(tx, before, BATCH)?,
                Next::Kept(kept) => retention::prune_kept(tx, kept, before, BATCH)?,
                Next::Details => retention::prune_details(tx, before, BATCH)?,
            };
            match gone {
                Some(gone) => record(tx, next, before, gone),
                None => tx.without_entry("nothing was left of it"),
            }
            Ok::<_, ServiceError>(gone.map_or(0, |gone| gone.rows as u64))
        })
        .await
}

fn record(tx: &mut Tx<'_>, next: Next, before: DateTime<Utc>, gone: Gone) {
    let what = match next {
        Next::Campaign(_) | Next::OtherMails => "mails",
        Next::Kept(Kept::Reports) => "mail_reports",
        Next::Kept(Kept::Mailbox) => "mailbox",
        Next::Details => "entry_details",
    };
    let payload = json!({ "what": what, "rows": gone.rows, "first": gone.first, "last": gone.last, "before": before });
    let mut entry = NewEntry::new(EventKind::RetentionPruned).payload(payload);
    if let Next::Campaign(id) = next {
        entry.campaign_id = Some(id);
    }
    tx.record(entry);
}
