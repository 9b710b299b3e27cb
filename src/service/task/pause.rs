//! *Pause*, *resume* and *leave*: one click, by the member's own page, by any of their task links, or by the mail program's
//! unsubscribe button.
//!
//! Unsubscribing is pausing: it stops every task and reminder at once, and the member can come back by the same link. The
//! address is not suppressed, because only an operator could undo that.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::link::{self, MemberLink};
use super::view::first_name;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::locale::Locale;
use crate::domain::member::{MemberRefusal, MemberState};
use crate::service::ServiceError;
use crate::store::member::{self, MemberRow};
use crate::store::preference::{self, Preferences};
use crate::store::tx::NewEntry;
use crate::store::types::At;
use crate::store::{Tx, consent, outbox};

/// Where a member stands after pressing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// What to call them.
    pub first_name: String,
    /// Their language.
    pub locale: Locale,
    /// Active, paused or gone.
    pub state: MemberState,
}

impl From<&MemberRow> for Standing {
    fn from(row: &MemberRow) -> Self {
        Self { first_name: first_name(&row.name).to_owned(), locale: row.locale, state: row.state }
    }
}

/// Stops every task and reminder for the member until they resume. Repeating it changes nothing.
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn pause_all(app: &App, token: &str) -> Result<Standing, ServiceError> {
    pause(app, token, "page", None).await
}

/// [`pause_all`] for so many days: then the member comes back by themselves. Choosing anew while paused changes the end.
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn pause_for(app: &App, token: &str, days: u16) -> Result<Standing, ServiceError> {
    let until = app.clock.now() + TimeDelta::days(days.clamp(1, LONGEST_PAUSE).into());
    pause(app, token, "page", Some(until)).await
}

/// What a mail program's unsubscribe button does (RFC 8058): [`pause_all`].
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn unsubscribe(app: &App, token: &str) -> Result<Standing, ServiceError> {
    pause(app, token, "one_click", None).await
}

/// The longest pause that ends by itself, in days.
const LONGEST_PAUSE: u16 = 366;

async fn pause(app: &App, token: &str, by: &'static str, until: Option<DateTime<Utc>>) -> Result<Standing, ServiceError> {
    let link = MemberLink::open(app, token)?;
    app.db
        .write(Actor::System, move |tx| {
            let mut row = link.enter(tx)?;
            pause_within(tx, &mut row, by, until)?;
            Ok(Standing::from(&row))
        })
        .await
}

/// What a mail to the address in List-Unsubscribe does: the same as the button beside it.
pub(in crate::service) fn unsubscribe_by_mail(tx: &mut Tx<'_>, id: MemberId) -> Result<(), ServiceError> {
    match member::lock(tx, id)? {
        Some(mut row) => pause_within(tx, &mut row, "mail", None),
        None => Ok(()),
    }
}

fn pause_within(
    tx: &mut Tx<'_>,
    row: &mut MemberRow,
    by: &'static str,
    until: Option<DateTime<Utc>>,
) -> Result<(), ServiceError> {
    let before = preference::of(tx.conn, row.id)?;
    let same = row.state == MemberState::Paused && (by != "page" || before.paused_until == until);
    if row.state.is_gone() || same {
        tx.without_entry("the member is paused or gone already");
        return Ok(());
    }
    if before.paused_until != until {
        preference::save(tx, row.id, Preferences { paused_until: until, ..before })?;
    }
    row.state = MemberState::Paused;
    member::save(tx, row)?;
    let suppressed = outbox::suppress_for_member(tx, row.id)?;
    let until = until.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    record(tx, EventKind::MemberPaused, row, json!({ "by": by, "mail_suppressed": suppressed, "until": until }));
    Ok(())
}

/// Brings a paused member back. Repeating it changes nothing.
///
/// # Errors
/// `link.*`, `member.left`; or the database's failure.
pub async fn resume(app: &App, token: &str) -> Result<Standing, ServiceError> {
    let link = MemberLink::open(app, token)?;
    app.db
        .write(Actor::System, move |tx| {
            let mut row = link.enter(tx)?;
            match row.state {
                MemberState::Left | MemberState::Erased => return Err(MemberRefusal::Left.into()),
                MemberState::Active => tx.without_entry("the member is active already"),
                MemberState::Paused => bring_back(tx, &mut row)?,
            }
            Ok(Standing::from(&row))
        })
        .await
}

fn bring_back(tx: &mut Tx<'_>, row: &mut MemberRow) -> Result<(), ServiceError> {
    let chosen = preference::of(tx.conn, row.id)?;
    let until = chosen.paused_until.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    if until.is_some() {
        preference::save(tx, row.id, Preferences { paused_until: None, ..chosen })?;
    }
    row.state = MemberState::Active;
    member::save(tx, row)?;
    record(tx, EventKind::MemberResumed, row, json!({ "paused_until": until }));
    Ok(())
}

/// Brings a member back whose pause is over; says whether it was.
pub(super) fn come_back(tx: &mut Tx<'_>, id: MemberId) -> Result<bool, ServiceError> {
    let Some(mut row) = member::lock(tx, id)? else { return Ok(false) };
    let until = preference::of(tx.conn, id)?.paused_until;
    let over = row.state == MemberState::Paused && until.is_some_and(|until| until <= tx.now);
    if over {
        bring_back(tx, &mut row)?;
    }
    Ok(over)
}

/// Ends it for good: every consent is withdrawn, and nothing is asked any more. Repeating it changes nothing. Unlike pausing,
/// it takes a form from a page: a mail scanner that posts to every link must not end anything for good.
///
/// # Errors
/// `link.*`, `form.not_from_page`; or the database's failure.
pub async fn leave(app: &App, token: &str, nonce: &str) -> Result<Standing, ServiceError> {
    let link = MemberLink::open(app, token)?;
    let member = app.db.read(move |conn| link.member(conn)).await?;
    // The form stands on the member's own page and on a task's.
    let mut pages = vec![member.id.uuid()];
    if let MemberLink::Task(task) = link {
        pages.push(task.id.uuid());
    }
    if !pages.into_iter().any(|page| link::form_made_at(app, page, nonce).is_ok()) {
        return Err(link::LinkRefusal::FormNotFromPage.into());
    }
    app.db
        .write(Actor::System, move |tx| {
            let mut row = link.enter(tx)?;
            if row.state.is_gone() {
                tx.without_entry("the member has left already");
                return Ok(Standing::from(&row));
            }
            withdraw_consents(tx, &mut row)?;
            row.state = MemberState::Left;
            member::save(tx, &row)?;
            let suppressed = outbox::suppress_for_member(tx, row.id)?;
            record(tx, EventKind::MemberLeft, &row, json!({ "mail_suppressed": suppressed }));
            Ok(Standing::from(&row))
        })
        .await
}

fn withdraw_consents(tx: &mut Tx<'_>, row: &mut MemberRow) -> Result<(), ServiceError> {
    let now = At(tx.now);
    for mut open in consent::list_by_member(tx.conn, row.id)?.into_iter().filter(|consent| consent.withdrawn_at.is_none()) {
        open.withdrawn_at = Some(now);
        consent::save(tx, &open)?;
        row.set_consented(open.kind, None);
        // What was asked for and never given is only closed.
        if open.given_at.is_some() {
            let payload = json!({ "kind": open.kind, "text_version": open.text_version });
            record(tx, EventKind::ConsentWithdrawn, row, payload);
        }
    }
    Ok(())
}

fn record(tx: &mut Tx<'_>, kind: EventKind, row: &MemberRow, payload: Value) {
    tx.record(NewEntry::new(kind).unit(row.unit_id).subject(&row.subject_ref).payload(payload));
}
