//! The leads' report of the day: once a working day at a set time of their own, only where there is something to tell.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::caller::Caller;
use super::dispatch::Progress;
use super::error::ServiceError;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::campaign::CampaignState;
use crate::domain::event::EventKind;
use crate::domain::id::{UnitId, UserId};
use crate::domain::outbox::MailKind;
use crate::domain::role::{Act, Role};
use crate::domain::zone;
use crate::mail::render::{NextOpening, ReportedCampaign};
use crate::store::daily_report::{self, ReportedRow};
use crate::store::outbox::{self, NewMail};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError, user};

/// A report that is later than this is not sent: the day is half over, and tomorrow's tells it.
const LATEST: TimeDelta = TimeDelta::hours(4);
/// So many campaigns stand in one report.
const LONGEST: i64 = 30;
/// What ended within this time is told once more.
const ENDED_WITHIN: TimeDelta = TimeDelta::days(1);

/// Puts the reports that are due into the outbox: one a user and working day, whoever sweeps, and however often.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn plan(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    // Nobody's day is further on than there.
    let latest = (now + TimeDelta::hours(14)).date_naive();
    let readers = app.db.read(move |conn| Ok::<_, ServiceError>(daily_report::readers(conn, latest)?)).await?;
    let mut progress = Progress::default();
    for reader in readers {
        let Some(day) = due_day(app, &reader.zone, now) else { continue };
        let made = app.db.write(Actor::System, move |tx| {
            tx.without_entry("a report is only planned; its sending is recorded");
            if !daily_report::take_day(tx, reader.id, day)? || campaigns(tx.conn, reader.id, now)?.is_empty() {
                return Ok(false);
            }
            let dedupe = Some(format!("daily_report:{}:{day}", reader.id));
            outbox::enqueue(tx, &[NewMail { user_id: Some(reader.id), dedupe, ..NewMail::new(MailKind::DailyReport) }])?;
            Ok::<_, ServiceError>(true)
        });
        progress.done += u64::from(made.await?);
    }
    Ok(progress)
}

/// The day whose report is due to who lives in this zone: a working day, past the set time and not long past it.
pub(in crate::service) fn due_day(app: &App, zone_name: &str, now: DateTime<Utc>) -> Option<NaiveDate> {
    let tz = zone::parse(zone_name).unwrap_or(app.config.institution.default_zone);
    let day = now.with_timezone(&tz).date_naive();
    let time = TimeDelta::minutes(app.config.mail.report_at.minutes().into());
    let at = zone::resolve_local(day.and_time(chrono::NaiveTime::MIN) + time, tz);
    (at <= now && now < at + LATEST && app.calendar.works_on(day)).then_some(day)
}

/// Where the user runs campaigns; nowhere for who no longer does.
fn roots(conn: &mut Conn, id: UserId) -> Result<Vec<UnitId>, StoreError> {
    let grants = user::grants(conn, id)?;
    Ok(grants
        .into_iter()
        .filter(|grant| grant.role == Role::Lead && grant.role.may(Act::RunCampaigns))
        .map(|grant| grant.unit_id)
        .collect())
}

/// What there is to tell a user.
fn campaigns(conn: &mut Conn, id: UserId, now: DateTime<Utc>) -> Result<Vec<ReportedRow>, StoreError> {
    let roots = roots(conn, id)?;
    daily_report::reported(conn, Some(&roots), now - ENDED_WITHIN, LONGEST)
}

/// What the mail tells, as of now.
pub(in crate::service) fn told(
    app: &App,
    conn: &mut Conn,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<ReportedCampaign>, StoreError> {
    let small_group = i64::from(app.config.privacy.small_group);
    let mut told = Vec::new();
    for row in campaigns(conn, id, now)? {
        let next = daily_report::next_opening(conn, row.id)?.map(|(wave, at)| NextOpening { wave, at });
        let closes_at = row.closes_at.map(|at| at.0);
        let last_mail_at = match row.state {
            CampaignState::Paused => None,
            _ => super::delivery::last_mail_at(app, conn, (row.id, row.mails_open, closes_at), now)?,
        };
        told.push(ReportedCampaign {
            asked: row.asked,
            done: (row.asked >= small_group).then_some(row.done),
            mails_failed: row.mails_failed,
            mails_unknown: row.mails_unknown,
            next: next.filter(|_| matches!(row.state, CampaignState::Running | CampaignState::Paused)),
            last_mail_at,
            paused_because: row.pause_reason.filter(|_| row.state == CampaignState::Paused),
            url: format!("{}/campaigns/{}", app.config.institution.base_url, row.id),
            title: row.title,
        });
    }
    Ok(told)
}

/// Whether the caller is one who gets a mail once a day: the report of who runs campaigns, the checkpoint of who audits.
fn gets_any(caller: &Caller) -> Result<(), ServiceError> {
    let audits = match caller {
        Caller::User { grants, .. } => grants.iter().any(|grant| grant.role == Role::Auditor),
        Caller::Operator => false,
    };
    if audits { Ok(()) } else { caller.reach(Act::RunCampaigns).map(drop) }
}

/// Whether the caller gets their mail of the day; none for who neither runs campaigns nor audits and so gets none.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn is_wanted(app: &App, caller: &Caller) -> Result<Option<bool>, ServiceError> {
    let (Ok(id), Ok(())) = (caller.user_id(), gets_any(caller)) else { return Ok(None) };
    app.db.read(move |conn| Ok(Some(daily_report::is_wanted(conn, id)?))).await
}

/// Begins or stops to send the caller their mail of the day. Repeating it changes nothing.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who neither runs campaigns nor audits.
pub async fn want(app: &App, caller: &Caller, wanted: bool) -> Result<(), ServiceError> {
    gets_any(caller)?;
    let id = caller.user_id()?;
    app.db
        .write(caller.actor(), move |tx| {
            tx.without_entry("it is as before");
            if daily_report::want(tx, id, wanted)? {
                let kind = if wanted { EventKind::DailyReportWanted } else { EventKind::DailyReportStopped };
                let subject = user::get(tx.conn, id)?.subject_ref;
                tx.record(NewEntry::new(kind).subject(subject));
            }
            Ok(())
        })
        .await
}
