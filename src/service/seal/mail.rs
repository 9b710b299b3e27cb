//! The auditors' checkpoint of the day: what lies in somebody else's mailbox is out of this installation's hands.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::status::{Badge, Checkpoint};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::id::UserId;
use crate::domain::outbox::MailKind;
use crate::service::daily_report::due_day;
use crate::service::dispatch::Progress;
use crate::service::error::ServiceError;
use crate::store::outbox::{self, NewMail};
use crate::store::{Conn, StoreError, daily_report, seal};

/// The mails of each day stand under these names.
fn name(id: UserId, day: NaiveDate) -> String {
    format!("checkpoint:{id}:{day}")
}

/// Puts the checkpoint mails that are due into the outbox: one an auditor and working day, whoever sweeps, and however often.
///
/// # Errors
/// [`ServiceError`] when the database fails.
pub async fn plan(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let readers = app.db.read(|conn| Ok::<_, ServiceError>(daily_report::auditors(conn)?)).await?;
    let due: BTreeMap<UserId, String> =
        readers.into_iter().filter_map(|reader| Some((reader.id, name(reader.id, due_day(app, &reader.zone, now)?)))).collect();
    if due.is_empty() {
        return Ok(Progress::default());
    }
    let read = app.db.read(move |conn| {
        let known = daily_report::planned(conn, due.values().cloned().collect())?;
        // Before anything was sealed there is nothing to mail.
        let sealed = told(conn)?.is_some();
        Ok::<_, ServiceError>(due.into_iter().filter(|(_, name)| sealed && !known.contains(name)).collect::<Vec<_>>())
    });
    let due = read.await?;
    if due.is_empty() {
        return Ok(Progress::default());
    }
    let done = due.len() as u64;
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("a mail is only planned; its sending is recorded");
            let mails = due.into_iter().map(|(id, name)| NewMail {
                user_id: Some(id),
                dedupe: Some(name),
                ..NewMail::new(MailKind::Checkpoint)
            });
            outbox::enqueue(tx, &mails.collect::<Vec<_>>())?;
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(Progress { done, failed: 0 })
}

/// What the mail tells, as of now; none before anything was sealed.
pub(in crate::service) fn told(conn: &mut Conn) -> Result<Option<(Checkpoint, Badge)>, StoreError> {
    let Some(log) = seal::current(conn)? else { return Ok(None) };
    let badge = Badge::of(seal::check_of(conn, log.no)?.as_ref());
    Ok(seal::latest(conn, log.no)?.map(|row| (Checkpoint::from(row), badge)))
}
