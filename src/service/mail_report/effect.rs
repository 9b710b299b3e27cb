//! What follows from what came back: an address is given up, counted, or left alone. The same rule holds for a refusal at hand-over.

use chrono::TimeDelta;
use serde_json::json;

use crate::app::App;
use crate::domain::bounce::{self, ReportKind};
use crate::domain::breaker::Tally;
use crate::domain::event::EventKind;
use crate::domain::id::{MailId, MemberId, UnitId};
use crate::domain::member::MemberState;
use crate::domain::outbox::MailState;
use crate::domain::suppression::{Silence, SuppressionReason};
use crate::mail::report::Report;
use crate::service::delivery::health::{self, Stopped, Tallies};
use crate::service::{ServiceError, suppression, task};
use crate::store::mail_report::{self, AboutMail, MailReportRow};
use crate::store::outbox::Settlement;
use crate::store::tx::NewEntry;
use crate::store::{StoreError, Tx, member, notice};

/// After so many days without a report, a mail that was handed over counts as arrived.
const QUIET_DAYS: i64 = 7;

/// Whom a mail went to.
pub(super) struct Person {
    pub email_norm: String,
    subject_ref: String,
    member: Option<(MemberId, UnitId)>,
}

impl Person {
    /// The member, or the console user; none where that one is gone, or was erased.
    pub fn of(tx: &mut Tx<'_>, mail: &AboutMail) -> Result<Option<Self>, StoreError> {
        if let Some(id) = mail.member_id {
            return Self::of_member(tx, id, mail.id);
        }
        let Some(id) = mail.user_id else { return Ok(None) };
        let found = mail_report::user_address(tx.conn, id)?;
        Ok(found.map(|(email_norm, subject_ref)| Self { email_norm, subject_ref, member: None }))
    }

    /// A mail that asks the reader of a new address went there, not to the address on file.
    fn of_member(tx: &mut Tx<'_>, id: MemberId, mail_id: MailId) -> Result<Option<Self>, StoreError> {
        let Some(row) = member::find(tx.conn, id)?.filter(|row| row.state != MemberState::Erased) else { return Ok(None) };
        let email_norm = notice::new_address(tx.conn, mail_id)?.unwrap_or(row.email_norm);
        Ok(Some(Self { email_norm, subject_ref: row.subject_ref, member: Some((row.id, row.unit_id)) }))
    }
}

/// Does what a new report about a mail asks for, and records it.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    app: &App,
    (row, report): (&MailReportRow, &Report),
    mail: &AboutMail,
    person: Option<Person>,
) -> Result<Stopped, ServiceError> {
    // One mail comes back once; a second report about it is kept and counts no more.
    let returned = row.kind.is_return() && mail_report::mark_returned(tx, mail.id)?;
    record(tx, row, mail, person.as_ref(), returned);
    // What a receiver refuses after it had taken it counts against its destination, as if it had been refused at once.
    let mut tallies = Tallies::default();
    if let (true, ReportKind::HardBounce | ReportKind::Refused, Some(domain)) = (returned, row.kind, &mail.domain) {
        tallies.add(domain, row.campaign_id, Tally { refused: 1, ..Tally::default() });
    }
    let stopped = tallies.note(tx, &health::rules(&app.config.mail.breaker))?;
    let Some(person) = person else { return Ok(stopped) };
    match row.kind {
        ReportKind::HardBounce | ReportKind::SoftBounce if !report.concerns(&person.email_norm) => {}
        ReportKind::HardBounce => bounced(tx, app, &person, ReportKind::HardBounce)?,
        ReportKind::SoftBounce if returned => bounced(tx, app, &person, ReportKind::SoftBounce)?,
        ReportKind::Delivered => mail_report::clear_soft_bounces(tx, &person.email_norm)?,
        ReportKind::Complaint => {
            suppression::suppress(tx, &person.email_norm, Silence::All, SuppressionReason::Complained)?;
        }
        ReportKind::Unsubscribe => {
            if let Some((id, _)) = person.member {
                task::unsubscribe_by_mail(tx, id)?;
            }
        }
        // Refusals are about us, replies and delays about nothing.
        ReportKind::SoftBounce
        | ReportKind::Refused
        | ReportKind::Delayed
        | ReportKind::NotSpam
        | ReportKind::AutoReply
        | ReportKind::Unrecognised => {}
    }
    Ok(stopped)
}

fn record(tx: &mut Tx<'_>, row: &MailReportRow, mail: &AboutMail, person: Option<&Person>, returned: bool) {
    let kind = if returned { EventKind::MailReturned } else { EventKind::MailReported };
    let payload = json!({
        "mail": mail.id, "mail_kind": mail.kind, "report": row.id, "kind": row.kind, "status": row.status, "source": row.source,
    });
    let mut entry = NewEntry::new(kind).payload(payload);
    entry.campaign_id = row.campaign_id;
    entry.wave_id = row.wave_id;
    entry.unit_id = person.and_then(|p| p.member).map(|(_, unit_id)| unit_id);
    entry.subject_ref = person.map(|p| p.subject_ref.clone());
    entry.detail = row.detail.as_ref().map(|words| json!({ "why": words }));
    tx.record(entry);
}

/// The one rule: a hard bounce gives the address up, so many soft ones in a row stop its tasks.
fn bounced(tx: &mut Tx<'_>, app: &App, person: &Person, kind: ReportKind) -> Result<(), ServiceError> {
    let email = &person.email_norm;
    match (kind, person.member) {
        (ReportKind::HardBounce, _) => {
            suppression::suppress(tx, email, Silence::All, SuppressionReason::Bounced)?;
        }
        (ReportKind::SoftBounce, Some((member_id, _))) => {
            let quiet_before = tx.now - TimeDelta::days(QUIET_DAYS);
            let arrived = mail_report::has_arrived_since(tx.conn, member_id, email, quiet_before)?;
            let bounces = mail_report::add_soft_bounce(tx, email, arrived)?;
            if bounces >= i64::from(app.config.mail.soft_bounce_limit) {
                suppression::suppress(tx, email, Silence::Tasks, SuppressionReason::Bounced)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What follows from refusals at hand-over, within the write that settled them: a mail that failed because there is nobody, or was put
/// off until it was given up, counts as if it had come back.
///
/// # Errors
/// The database's failure.
pub(in crate::service) fn after_settle(tx: &mut Tx<'_>, app: &App, settled: &[Settlement]) -> Result<(), ServiceError> {
    for Settlement { claimed, verdict, .. } in settled {
        let said = verdict.why.as_deref().filter(|_| verdict.state == MailState::Failed).and_then(bounce::of_reply);
        let (Some(kind), Some(member_id)) = (said, claimed.member_id) else { continue };
        // A claim that somebody else settled meanwhile is not this one's to judge.
        if !mail_report::failed_by(tx.conn, claimed.id, claimed.attempt)? {
            continue;
        }
        if let Some(person) = Person::of_member(tx, member_id, claimed.id)? {
            bounced(tx, app, &person, kind)?;
        }
    }
    Ok(())
}
