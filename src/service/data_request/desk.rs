//! What the desk does: puts on file what came by letter, shows what is asked, answers.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::names::{self, NamedIn};
use super::{DataRequest, WORDS, Wish};
use crate::app::App;
use crate::domain::address_change::AddressAsker;
use crate::domain::data_request::{AskedBy, ClockStanding, DataRequestRefusal, NoticeTopic, RequestKind, RequestState};
use crate::domain::event::EventKind;
use crate::domain::id::{DataRequestId, MemberId};
use crate::domain::member::MemberState;
use crate::domain::plain_text::{self, TextError};
use crate::domain::role::Act;
use crate::service::form::Faults;
use crate::service::task::{self, MyData};
use crate::service::{Caller, ServiceError, address_change, consent, erase, member as members};
use crate::store::data_request::{self, DataRequestRow};
use crate::store::member::{self, MemberRow};
use crate::store::notice::{self, Told};
use crate::store::tx::NewEntry;
use crate::store::{Conn, StoreError, Tx, outbox, unit};

/// Requests on one page.
const SHOWN: i64 = 200;
/// How far back a letter may have come.
const LATEST_ENTRY: TimeDelta = TimeDelta::days(30);

fn seen(conn: &mut Conn, row: DataRequestRow, now: DateTime<Utc>) -> Result<DataRequest, StoreError> {
    let person = member::get(conn, row.member_id)?;
    Ok(DataRequest {
        id: row.id,
        member_id: row.member_id,
        name: person.name,
        email: person.email,
        unit: unit::get(conn, row.unit_id)?.name,
        kind: row.kind,
        state: row.state,
        asked_by: row.asked_by,
        asked_at: row.asked_at.0,
        due_at: row.due_at.0,
        clock: ClockStanding::of(row.due_at.0, row.answered_at.map(|at| at.0), now),
        answered_at: row.answered_at.map(|at| at.0),
        wish: serde_json::from_value(row.wish.0).unwrap_or_default(),
        answer: row.answer,
    })
}

/// Requests that the caller answers: those that wait, the most urgent first; or those that were answered, the newest first.
///
/// # Errors
/// `Forbidden` for who answers none.
pub async fn list(app: &App, caller: &Caller, answered: bool) -> Result<Vec<DataRequest>, ServiceError> {
    let (roots, now) = (caller.reach(Act::AnswerDataRequests)?, app.clock.now());
    app.db
        .read(move |conn| {
            let rows = data_request::list(conn, roots.as_deref(), answered, SHOWN)?;
            rows.into_iter().map(|row| Ok(seen(conn, row, now)?)).collect()
        })
        .await
}

/// A request, and the texts that name its person where it asks for erasure.
///
/// # Errors
/// `NotFound` out of the caller's reach; `Forbidden`.
pub async fn show(app: &App, caller: &Caller, id: DataRequestId) -> Result<(DataRequest, Vec<NamedIn>), ServiceError> {
    let (who, now) = (caller.clone(), app.clock.now());
    who.reach(Act::AnswerDataRequests)?;
    app.db
        .read_at_length(move |conn| {
            let row = data_request::get(conn, id)?;
            who.check(conn, Act::AnswerDataRequests, row.unit_id)?;
            let person = member::get(conn, row.member_id)?;
            let looks = row.kind == RequestKind::Erase && row.answered_at.is_none() && person.state != MemberState::Erased;
            let named = if looks { names::of(conn, &person)? } else { Vec::new() };
            Ok((seen(conn, row, now)?, named))
        })
        .await
}

/// Everything that is held about a request's person, as they themselves get it.
///
/// # Errors
/// `NotFound` out of the caller's reach; `Forbidden`; `request.erased`.
pub async fn data_of(app: &App, caller: &Caller, id: DataRequestId) -> Result<MyData, ServiceError> {
    let (this, who) = (app.clone(), caller.clone());
    who.reach(Act::AnswerDataRequests)?;
    app.db
        .read_at_length(move |conn| {
            let row = data_request::get(conn, id)?;
            who.check(conn, Act::AnswerDataRequests, row.unit_id)?;
            let person = member::get(conn, row.member_id)?;
            if person.state == MemberState::Erased {
                return Err(DataRequestRefusal::Erased.into());
            }
            task::held(&this, conn, person)
        })
        .await
}

/// A request that came by letter, by telephone or in person.
#[derive(Debug, Clone)]
pub struct Filing {
    /// Whose data it is about.
    pub member_id: MemberId,
    /// What is asked for.
    pub kind: RequestKind,
    /// What is to be put right.
    pub wish: Wish,
    /// When it came; none: now.
    pub came_at: Option<DateTime<Utc>>,
}

/// Puts a request on file.
///
/// # Errors
/// `NotFound` for a member out of the caller's reach; `Forbidden`; `request.waiting`; `Invalid` for a time to come, or a wish.
pub async fn file(app: &App, caller: &Caller, filing: Filing) -> Result<DataRequest, ServiceError> {
    let who = caller.clone();
    who.reach(Act::AnswerDataRequests)?;
    let wish = if filing.kind == RequestKind::Correct { filing.wish.checked()? } else { Wish::default() };
    app.db
        .write(caller.actor(), move |tx| {
            let person = members::living(tx.conn, filing.member_id)?;
            who.check(tx.conn, Act::AnswerDataRequests, person.unit_id)?;
            let came_at = filing.came_at.unwrap_or(tx.now);
            if came_at > tx.now || came_at < tx.now - LATEST_ENTRY {
                let problem = "Give the time at which the request came: within the last 30 days";
                return Err(ServiceError::field("came_at", "request.came_at", problem));
            }
            let row = task::file_right(tx, &person, (filing.kind, RequestState::Open, AskedBy::Desk), &wish, came_at)?;
            let now = tx.now;
            Ok(seen(tx.conn, row, now)?)
        })
        .await
}

/// How a request is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What was asked for is done; for a correction this is what is put right.
    Grant(Wish),
    /// It is refused, for this reason.
    Refuse(String),
}

/// Answers a request: what is granted is done in the same transaction. The person is told by mail, but for one who is erased.
///
/// # Errors
/// `request.answered`, `request.unconfirmed`, `request.console_user`; `Invalid` for a reason or a wish; `NotFound`, `Forbidden`.
pub async fn answer(app: &App, caller: &Caller, id: DataRequestId, answer: Answer) -> Result<DataRequest, ServiceError> {
    let who = caller.clone();
    who.reach(Act::AnswerDataRequests)?;
    let answer = match answer {
        Answer::Refuse(words) => {
            let mut faults = Faults::default();
            let words = faults.take("reason", plain_text::paragraphs(&words, WORDS), TextError::code);
            Answer::Refuse(faults.finish(words)?)
        }
        granted @ Answer::Grant(_) => granted,
    };
    let looked = app.db.read(move |conn| Ok::<_, ServiceError>(data_request::get(conn, id)?)).await?;
    let own_domain = looked.kind == RequestKind::Erase && erase::has_own_domain(app, looked.member_id).await?;
    let this = app.clone();
    app.db
        .write_at_length(caller.actor(), move |tx| {
            let row = data_request::get(tx.conn, id)?;
            who.check(tx.conn, Act::AnswerDataRequests, row.unit_id)?;
            if row.answered_at.is_some() {
                return Err(DataRequestRefusal::Answered.into());
            }
            let person = member::lock(tx, row.member_id)?.ok_or(ServiceError::NotFound("it"))?;
            match answer {
                Answer::Refuse(words) => refuse(tx, &row, &person, &words)?,
                Answer::Grant(wish) => grant(tx, &this, (&row, person), &wish, own_domain)?,
            }
            let now = tx.now;
            let answered = data_request::get(tx.conn, id)?;
            Ok(seen(tx.conn, answered, now)?)
        })
        .await
}

fn record(tx: &mut Tx<'_>, kind: EventKind, row: &DataRequestRow, person: &MemberRow) {
    let late = tx.now > row.due_at.0;
    let entry = NewEntry::new(kind).unit(row.unit_id).subject(&person.subject_ref);
    tx.record(entry.payload(json!({ "request": row.id, "kind": row.kind, "late": late })));
}

fn settle(tx: &mut Tx<'_>, row: &DataRequestRow, state: RequestState, words: &str) -> Result<(), ServiceError> {
    if data_request::settle(tx, row, state, words)? { Ok(()) } else { Err(DataRequestRefusal::Answered.into()) }
}

fn refuse(tx: &mut Tx<'_>, row: &DataRequestRow, person: &MemberRow, words: &str) -> Result<(), ServiceError> {
    settle(tx, row, RequestState::Refused, words)?;
    record(tx, EventKind::DataRequestRefused, row, person);
    Ok(notice::enqueue(tx, Told::Member(person.id), NoticeTopic::RequestAnswered, row.id.uuid())?)
}

fn grant(
    tx: &mut Tx<'_>,
    app: &App,
    (row, person): (&DataRequestRow, MemberRow),
    wish: &Wish,
    own_domain: bool,
) -> Result<(), ServiceError> {
    if row.state == RequestState::Unconfirmed {
        return Err(DataRequestRefusal::Unconfirmed.into());
    }
    settle(tx, row, RequestState::Granted, "")?;
    record(tx, EventKind::DataRequestGranted, row, &person);
    match row.kind {
        RequestKind::Export => {}
        RequestKind::Correct => correct(tx, app, person.clone(), wish)?,
        RequestKind::Withdraw => withdraw(tx, person.clone())?,
        RequestKind::Erase => return erase::erase_within(tx, app, person, own_domain).map(drop),
    }
    Ok(notice::enqueue(tx, Told::Member(person.id), NoticeTopic::RequestAnswered, row.id.uuid())?)
}

fn correct(tx: &mut Tx<'_>, app: &App, mut person: MemberRow, wish: &Wish) -> Result<(), ServiceError> {
    if wish.name.is_empty() && wish.email.is_empty() && wish.zone.is_empty() {
        // What was wished for in words is done where it belongs: on the account's page, or the member's.
        return Ok(());
    }
    let before = person.clone();
    let mut differences = members::put_right(&mut person, &wish.checked()?)?;
    if let Some(wanted) = address_change::held_back(&before, &mut person, &mut differences) {
        address_change::check(tx.conn, &person, &wanted)?;
        address_change::ask(tx, &person, wanted, AddressAsker::Desk)?;
    }
    if !differences.is_empty() {
        erase::revive(tx, app, &[&person.email_norm])?;
        member::save(tx, &person).map_err(members::taken)?;
        tx.record(members::changed(&person, &differences));
    }
    Ok(())
}

fn withdraw(tx: &mut Tx<'_>, mut person: MemberRow) -> Result<(), ServiceError> {
    consent::withdraw_all(tx, &mut person)?;
    if person.state != MemberState::Left {
        person.state = MemberState::Left;
        let suppressed = outbox::suppress_for_member(tx, person.id)?;
        let entry = NewEntry::new(EventKind::MemberLeft).unit(person.unit_id).subject(&person.subject_ref);
        tx.record(entry.payload(json!({ "mail_suppressed": suppressed })));
    }
    Ok(member::save(tx, &person)?)
}
