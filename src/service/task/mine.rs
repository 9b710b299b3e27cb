//! A member's own page: what they were asked lately, and whether they are active.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::link::{self, MemberLink, task_token};
use super::pause::Standing;
use crate::app::App;
use crate::domain::assignment::{AssignmentState, check_open};
use crate::domain::handle::Handle;
use crate::domain::id::AssignmentId;
use crate::domain::kind::Action;
use crate::domain::member::MemberState;
use crate::domain::platform::Platform;
use crate::service::ServiceError;
use crate::store::assignment::{self, MemberTaskRow};
use crate::store::preference;

/// How far back the list goes.
const DAYS: i64 = 30;
/// How long it gets.
const MOST: i64 = 100;

/// A member's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyTasks {
    /// Who they are and where they stand.
    pub standing: Standing,
    /// Their IANA zone.
    pub zone: String,
    /// What is open, and what was asked within the last 30 days; the newest first, at most 100.
    pub tasks: Vec<MyTask>,
    /// When a pause ends by itself.
    pub paused_until: Option<DateTime<Utc>>,
    /// Whether the member's own link opened it, which shows everything about them; a task's link shows less.
    pub by_own_link: bool,
    /// For the page's form that leaves.
    pub nonce: String,
}

/// Where a task stands on its member's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Can be done or declined now; its mail has gone out.
    Open,
    /// Can be done or declined now; its mail is still to come.
    Coming,
    /// Answered, over or taken back.
    Past,
}

/// One task of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MyTask {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The campaign's title.
    pub title: String,
    /// What to do.
    pub action: Action,
    /// Where.
    pub platform: Platform,
    /// With which account, as people write it.
    pub handle: String,
    /// When it was made.
    pub planned_at: DateTime<Utc>,
    /// The deadline.
    pub expires_at: DateTime<Utc>,
    /// Where it stands.
    pub state: AssignmentState,
    /// Whether it can be done or declined now.
    pub is_open: bool,
    /// On which shelf of the page it lies.
    pub shelf: Shelf,
    /// When it was answered, or came to its end.
    pub settled_at: Option<DateTime<Utc>>,
    /// When its mail goes out, if it is still to come.
    pub mail_at: Option<DateTime<Utc>>,
    /// The token of the task's page. None where one task's link opened the list: that link opens no other task.
    pub token: Option<String>,
}

/// The member's own page, by its link or by a task's.
///
/// # Errors
/// `link.*`; or the database's failure.
pub async fn my_tasks(app: &App, token: &str) -> Result<MyTasks, ServiceError> {
    let link = MemberLink::open(app, token)?;
    let now = app.clock.now();
    let (member, rows, chosen) = app
        .db
        .read(move |conn| {
            let member = link.member(conn)?;
            let rows = assignment::list_of_member(conn, member.id, now - TimeDelta::days(DAYS), MOST)?;
            let chosen = preference::of(conn, member.id)?;
            Ok::<_, ServiceError>((member, rows, chosen))
        })
        .await?;
    let tasks = rows.into_iter().map(|row| line(app, row, now, link.is_own())).collect();
    Ok(MyTasks {
        standing: Standing::from(&member),
        zone: member.zone,
        tasks,
        paused_until: chosen.paused_until.filter(|_| member.state == MemberState::Paused),
        by_own_link: link.is_own(),
        nonce: link::nonce(app, member.id.uuid()),
    })
}

fn line(app: &App, row: MemberTaskRow, now: DateTime<Utc>, with_token: bool) -> MyTask {
    let expires_at = row.expires_at.0;
    let is_open = check_open(row.state, expires_at, now).is_ok();
    let shelf = match row.state {
        AssignmentState::Planned if is_open && row.notified_at.is_none() => Shelf::Coming,
        _ if is_open => Shelf::Open,
        _ => Shelf::Past,
    };
    MyTask {
        assignment_id: row.id,
        title: row.title,
        action: row.action,
        platform: row.platform,
        handle: Handle::parse(&row.handle, row.platform).map_or(row.handle, |handle| handle.to_string()),
        planned_at: row.planned_at.0,
        expires_at,
        state: row.state,
        is_open,
        shelf,
        settled_at: row.settled_at.map(|at| at.0),
        mail_at: row.mail_at.map(|at| at.0).filter(|_| shelf == Shelf::Coming),
        token: with_token.then(|| task_token(app, row.id, row.link_version, expires_at)),
    }
}
