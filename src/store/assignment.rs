//! Assignments one by one: the row, its lock, its guarded moves between states, and the counters that move with it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use super::db::Conn;
use super::error::StoreError;
use super::schema::assignments;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::assignment::AssignmentState;
use crate::domain::id::{AccountId, AssignmentId, CampaignId, MemberId, TaskId, UnitId, WaveId};
use crate::domain::kind::Action;
use crate::domain::platform::Platform;
use crate::domain::text_enum::TextEnum as _;

/// An assignment as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = assignments, treat_none_as_default_value = false)]
pub struct AssignmentRow {
    /// The assignment's id.
    pub id: AssignmentId,
    /// What is asked.
    pub task_id: TaskId,
    /// In which wave.
    pub wave_id: WaveId,
    /// In which campaign.
    pub campaign_id: CampaignId,
    /// Of which account.
    pub account_id: AccountId,
    /// Of whom.
    pub member_id: MemberId,
    /// The unit that it counts for.
    pub unit_id: UnitId,
    /// Where it stands.
    pub state: AssignmentState,
    /// When it was made.
    pub planned_at: At,
    /// When its mail was handed over.
    pub notified_at: Option<At>,
    /// When the member first answered; never set by opening the page.
    pub opened_at: Option<At>,
    /// When it was done, declined, expired or withdrawn.
    pub settled_at: Option<At>,
    /// When a reviewer checked it.
    pub checked_at: Option<At>,
    /// Its deadline.
    pub expires_at: At,
    /// When to remind; none when that is done or not wanted.
    pub remind_at: Option<At>,
    /// Raising it revokes the assignment's links.
    pub link_version: i32,
    /// Its place in the spread of variants.
    pub variant_no: i32,
}

/// The assignment with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: AssignmentId) -> Result<Option<AssignmentRow>, StoreError> {
    Ok(assignments::table.find(id).select(AssignmentRow::as_select()).first(conn).optional()?)
}

/// The assignment with this id, whose row stays locked until the commit: fifty presses of one button follow each other.
///
/// # Errors
/// The database's failure.
pub fn lock(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Option<AssignmentRow>, StoreError> {
    if !tx.conn.is_sqlite() {
        diesel::sql_query("SELECT id FROM assignments WHERE id = $1 FOR UPDATE").bind::<Uid, _>(id).execute(tx.conn)?;
    }
    find(tx.conn, id)
}

/// Sets open assignments done. That their members acted shows in `opened_at`.
///
/// # Errors
/// [`StoreError::Stale`] when one of them is not open.
pub fn finish_all(tx: &mut Tx<'_>, ids: &[AssignmentId]) -> Result<(), StoreError> {
    let mut sql = SqlText::new();
    sql.push("UPDATE assignments SET state = 'done', settled_at = ").at(tx.now).push(", opened_at = coalesce(opened_at, ");
    sql.at(tx.now).push(") WHERE ").among("id", ids, tx.conn.is_sqlite());
    sql.still("state", &[AssignmentState::Planned.as_str(), AssignmentState::Notified.as_str()]);
    if sql.kept().execute(tx.conn)? == ids.len() { Ok(()) } else { Err(StoreError::Stale) }
}

/// Moves an assignment from the state it was read in to another. That its member acted shows in `opened_at`.
///
/// # Errors
/// [`StoreError::Stale`] when it is no longer in the state it was read in.
pub fn move_to(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    from: AssignmentState,
    to: AssignmentState,
    settled_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let changed = diesel::update(assignments::table.filter(assignments::id.eq(id)).filter(assignments::state.eq(from)))
        .set((assignments::state.eq(to), assignments::settled_at.eq(settled_at.map(At))))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Notes that the member acted, if nothing was noted yet.
///
/// # Errors
/// The database's failure.
pub fn note_opened(tx: &mut Tx<'_>, id: AssignmentId) -> Result<(), StoreError> {
    diesel::update(assignments::table.filter(assignments::id.eq(id)).filter(assignments::opened_at.is_null()))
        .set(assignments::opened_at.eq(At(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes that a reviewer checked it.
///
/// # Errors
/// [`StoreError::Stale`] when it is no longer done.
pub fn check(tx: &mut Tx<'_>, id: AssignmentId) -> Result<(), StoreError> {
    let done = assignments::table.filter(assignments::id.eq(id)).filter(assignments::state.eq(AssignmentState::Done));
    let changed = diesel::update(done)
        .set((assignments::state.eq(AssignmentState::Checked), assignments::checked_at.eq(At(tx.now))))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// A counter of a wave that a member's act moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Done, checked or not.
    Done,
    /// Declined.
    Declined,
    /// Expired.
    Expired,
    /// Withdrawn with the campaign; not counted by unit.
    Withdrawn,
}

impl Counter {
    const fn column(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Moves a wave's counter, and its unit's, in the transaction of the change that they count. Last in it: the rows are busy. Everywhere
/// the wave's row comes before its units' and these before its pace: two writes that meet in one order never wait for each other.
///
/// # Errors
/// The database's failure.
pub fn count(tx: &mut Tx<'_>, wave_id: WaveId, unit_id: UnitId, counter: Counter, by: i64) -> Result<(), StoreError> {
    let column = counter.column();
    let mut sql = SqlText::new();
    sql.push(&format!("INSERT INTO wave_counts (wave_id, {column}) VALUES (")).id(wave_id).push(", ").big(by);
    sql.push(&format!(") ON CONFLICT (wave_id) DO UPDATE SET {column} = wave_counts.{column} + excluded.{column}"));
    sql.query().execute(tx.conn)?;
    if counter != Counter::Withdrawn {
        let mut sql = SqlText::new();
        sql.push(&format!("INSERT INTO wave_unit_counts (wave_id, unit_id, {column}) VALUES (")).id(wave_id).push(", ");
        sql.id(unit_id).push(", ").big(by).push(") ON CONFLICT (wave_id, unit_id) DO UPDATE SET ");
        sql.push(&format!("{column} = wave_unit_counts.{column} + excluded.{column}"));
        sql.query().execute(tx.conn)?;
    }
    Ok(())
}

/// One line of a member's own list.
#[derive(Debug, Clone, QueryableByName)]
pub struct MemberTaskRow {
    /// The assignment.
    #[diesel(sql_type = Uid)]
    pub id: AssignmentId,
    /// The version of its links.
    #[diesel(sql_type = Integer)]
    pub link_version: i32,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: AssignmentState,
    /// Its deadline.
    #[diesel(sql_type = Ts)]
    pub expires_at: At,
    /// When it was made.
    #[diesel(sql_type = Ts)]
    pub planned_at: At,
    /// When its mail was handed over.
    #[diesel(sql_type = Nullable<Ts>)]
    pub notified_at: Option<At>,
    /// When it was done, declined, expired or withdrawn.
    #[diesel(sql_type = Nullable<Ts>)]
    pub settled_at: Option<At>,
    /// When its mail is tried next; none when it is not waiting.
    #[diesel(sql_type = Nullable<Ts>)]
    pub mail_at: Option<At>,
    /// The campaign's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// What to do.
    #[diesel(sql_type = Text)]
    pub action: Action,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// With which account.
    #[diesel(sql_type = Text)]
    pub handle: String,
}

/// A member's assignments made since an instant, or still open; the newest first, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list_of_member(
    conn: &mut Conn,
    member_id: MemberId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<MemberTaskRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT a.id, a.link_version, a.state, a.expires_at, a.planned_at, a.notified_at, a.settled_at, \
         (SELECT MIN(o.next_attempt_at) FROM outbox o WHERE o.assignment_id = a.id AND o.kind = 'task' \
         AND o.state IN ('pending', 'deferred') AND NOT o.held) AS mail_at, c.title, t.action, t.platform, ac.handle \
         FROM assignments a JOIN campaigns c ON c.id = a.campaign_id JOIN tasks t ON t.id = a.task_id \
         JOIN accounts ac ON ac.id = a.account_id WHERE a.member_id = ",
    );
    sql.id(member_id).push(" AND (a.planned_at >= ").at(since).push(" OR a.state IN ('planned', 'notified')) ");
    sql.push("ORDER BY a.planned_at DESC, a.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}
