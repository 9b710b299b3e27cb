//! What is done after an erasure, by a sweep: the list outside of the database, what a mail on its way still wrote, and the files.

use std::path::PathBuf;

use chrono::{TimeDelta, Timelike as _};

use super::list;
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::data_request::{NoticeTopic, RequestState, SOON};
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::role::{Act, Role};
use crate::domain::text_enum::TextEnum as _;
use crate::fault;
use crate::service::dispatch::Progress;
use crate::service::error::ServiceError;
use crate::store::erase::{self, ErasureRow, Swept};
use crate::store::notice::{self, Told};
use crate::store::tx::NewEntry;
use crate::store::{Conn, address_mark, data_request, member, user};

/// Erasures looked at in one run; the next goes on.
const AT_ONCE: i64 = 100;
/// A file of at most so many octets is written anew at once: that takes a fraction of a second.
const SMALL: u64 = 64 << 20;
/// A larger one is written anew in these hours of the institution's day, when hardly anybody waits.
const QUIET: std::ops::Range<u32> = 1..4;
/// For so long an address that comes back is told of as an erased person's.
const MARKS_KEPT: TimeDelta = TimeDelta::days(365);

/// Where the list of erasures lies.
#[must_use]
pub fn list_path(app: &App) -> PathBuf {
    app.config.data.dir.join("erasures.list")
}

/// Does what is open about erasures and requests; idle where nothing is.
///
/// # Errors
/// The database's or the disk's failure; what is left is done by the next run.
pub async fn sweep(app: &App) -> Result<Progress, ServiceError> {
    let now = app.clock.now();
    let lapsed = lapse(app).await? + remind(app).await?;
    let open = app.db.read(move |conn| Ok::<_, ServiceError>(erase::list_open(conn, AT_ONCE)?)).await?;
    let mut done = lapsed + prune_marks(app).await?;
    if !open.is_empty() {
        let hour = now.with_timezone(&app.config.institution.default_zone).hour();
        let quiet = QUIET.contains(&hour) || erase::octets(&app.db) <= SMALL;
        done += finish(app, open, quiet).await?;
    }
    Ok(Progress { done, failed: 0 })
}

/// [`sweep`] whatever the hour: for an operator who has seen to it that nobody waits. Says how many erasures are finished.
///
/// # Errors
/// As [`sweep`].
pub async fn sweep_now(app: &App) -> Result<u64, ServiceError> {
    let mut done = 0;
    loop {
        let open = app.db.read(move |conn| Ok::<_, ServiceError>(erase::list_open(conn, AT_ONCE)?)).await?;
        let finished = if open.is_empty() { 0 } else { finish(app, open, true).await? };
        done += finished;
        if finished == 0 {
            return Ok(done);
        }
    }
}

async fn finish(app: &App, open: Vec<ErasureRow>, quiet: bool) -> Result<u64, ServiceError> {
    let unlisted: Vec<ErasureRow> = open.iter().filter(|row| row.listed_at.is_none()).cloned().collect();
    if !unlisted.is_empty() {
        fault::point("erase.before_list");
        let (path, rows) = (list_path(app), unlisted.clone());
        let appended = tokio::task::spawn_blocking(move || list::append(&path, &rows)).await;
        let failed = |why: String| ServiceError::Internal(format!("the list of erasures: {why}"));
        appended.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))?;
        fault::point("erase.listed");
    }
    if !quiet && unlisted.is_empty() {
        return Ok(0);
    }
    let domain = app.config.message_id_domain().to_owned();
    let ready: Vec<MemberId> = app
        .db
        .write(Actor::System, move |tx| {
            tx.without_entry("the erasure is on the log");
            erase::mark_listed(tx, &unlisted.iter().map(|row| row.member_id).collect::<Vec<_>>())?;
            let mut ready = Vec::new();
            for row in open {
                // What a mail on its way comes to is written when it has arrived: until then the erasure is not finished.
                if !erase::is_being_mailed(tx.conn, row.member_id)? {
                    erase::forget_late(tx, row.member_id, &domain)?;
                    ready.push(row.member_id);
                }
            }
            Ok::<_, ServiceError>(ready)
        })
        .await?;
    if ready.is_empty() || !quiet {
        return Ok(0);
    }
    let db = app.db.clone();
    fault::point("erase.before_sweep");
    let swept = tokio::task::spawn_blocking(move || erase::sweep_file(&db)).await;
    let swept = swept.map_err(|error| ServiceError::Internal(format!("sweeping ended abnormally: {error}")))??;
    fault::point("erase.swept");
    if swept == Swept::Later {
        return Ok(0);
    }
    let n = ready.len() as u64;
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("the erasure is on the log");
            let now = tx.now;
            Ok::<_, ServiceError>(erase::mark_swept(tx, &ready, now)?)
        })
        .await?;
    Ok(n)
}

/// Requests that are due within a day: whoever may answer them is told, once.
async fn remind(app: &App) -> Result<u64, ServiceError> {
    let before = app.clock.now() + SOON;
    let due = move |conn: &mut Conn| Ok::<_, ServiceError>(data_request::list_due(conn, before, AT_ONCE)?);
    if app.db.read(due).await?.is_empty() {
        return Ok(0);
    }
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.may(Act::AnswerDataRequests)).collect();
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("a reminder is no step of the request");
            let mut told = 0;
            // Read again: another replica may have told them meanwhile.
            for row in due(tx.conn)? {
                for id in user::with_roles(tx.conn, row.unit_id, &roles)? {
                    notice::enqueue(tx, Told::User(id), NoticeTopic::RequestDue, row.id.uuid())?;
                    told += 1;
                }
            }
            Ok::<_, ServiceError>(told)
        })
        .await
}

/// Requests that nobody confirmed in time.
async fn lapse(app: &App) -> Result<u64, ServiceError> {
    let now = app.clock.now();
    let old = app.db.read(move |conn| Ok::<_, ServiceError>(data_request::list_unconfirmed(conn, now, AT_ONCE)?)).await?;
    if old.is_empty() {
        return Ok(0);
    }
    app.db
        .write(Actor::System, move |tx| {
            let mut lapsed = 0;
            for row in old {
                if data_request::settle(tx, &row, RequestState::Lapsed, "")? {
                    let subject_ref = member::get(tx.conn, row.member_id)?.subject_ref;
                    let entry = NewEntry::new(EventKind::DataRequestLapsed).unit(row.unit_id).subject(subject_ref);
                    tx.record(entry.payload(serde_json::json!({ "request": row.id, "kind": row.kind })));
                    lapsed += 1;
                }
            }
            if lapsed == 0 {
                tx.without_entry("they were confirmed or answered meanwhile");
            }
            Ok::<_, ServiceError>(lapsed)
        })
        .await
}

async fn prune_marks(app: &App) -> Result<u64, ServiceError> {
    let before = app.clock.now() - MARKS_KEPT;
    if !app.db.read(move |conn| Ok::<_, ServiceError>(address_mark::any_before(conn, before)?)).await? {
        return Ok(0);
    }
    app.db
        .write(Actor::System, move |tx| {
            tx.without_entry("marks of erased people have had their time");
            Ok::<_, ServiceError>(address_mark::prune(tx, before)? as u64)
        })
        .await
}
