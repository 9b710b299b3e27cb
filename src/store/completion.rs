//! Completions: what members say they did, each with its evidence; one current one an assignment, one use of a post.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use super::columns::Columns;
use super::db::Conn;
use super::error::StoreError;
use super::schema::completions;
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::assignment::EvidenceLevel;
use crate::domain::id::{AccountId, AssignmentId, CampaignId, CompletionId, UnitId, UserId, WaveId};
use crate::domain::kind::Action;
use crate::domain::platform::Platform;

/// A completion as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = completions, treat_none_as_default_value = false)]
pub struct CompletionRow {
    /// The completion's id.
    pub id: CompletionId,
    /// What was completed.
    pub assignment_id: AssignmentId,
    /// With which account.
    pub account_id: AccountId,
    /// In which wave.
    pub wave_id: WaveId,
    /// How well it is evidenced.
    pub level: EvidenceLevel,
    /// The canonical address of the post, if one was given.
    pub url: Option<String>,
    /// The platform and its own id of the post.
    pub url_key: Option<String>,
    /// Whether the member says that the words are their own.
    pub own_words: bool,
    /// Whether it looks automatic and waits for the member's confirmation; until then it does not count.
    pub suspected: bool,
    /// When *Done* was pressed.
    pub completed_at: At,
    /// When a reviewer looked.
    pub checked_at: Option<At>,
    /// Who looked.
    pub checked_by: Option<UserId>,
    /// When the member took it back, or something else took its place.
    pub undone_at: Option<At>,
}

/// The completion with this id, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: CompletionId) -> Result<Option<CompletionRow>, StoreError> {
    Ok(completions::table.find(id).select(CompletionRow::as_select()).first(conn).optional()?)
}

/// The assignment's completion that stands, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_current(conn: &mut Conn, assignment_id: AssignmentId) -> Result<Option<CompletionRow>, StoreError> {
    let current =
        completions::table.filter(completions::assignment_id.eq(assignment_id)).filter(completions::undone_at.is_null());
    Ok(current.select(CompletionRow::as_select()).first(conn).optional()?)
}

/// Inserts a completion.
///
/// # Errors
/// [`StoreError::Taken`] where the assignment has one, or where the post was given for another completion.
pub fn insert(tx: &mut Tx<'_>, completion: &CompletionRow) -> Result<(), StoreError> {
    diesel::insert_into(completions::table).values(completion).execute(tx.conn)?;
    Ok(())
}

/// Inserts many completions at once.
///
/// # Errors
/// As [`insert`]: then none of them.
pub fn insert_all(tx: &mut Tx<'_>, completions: &[CompletionRow]) -> Result<(), StoreError> {
    match tx.conn {
        Conn::Pg(conn) => by_column(completions).insert(conn)?,
        Conn::Lite(conn) => diesel::insert_into(completions::table).values(completions).execute(conn)?,
    };
    Ok(())
}

fn by_column(rows: &[CompletionRow]) -> Columns {
    Columns::of("completions")
        .with::<Uid, _>("id", rows.iter().map(|row| row.id))
        .with::<Uid, _>("assignment_id", rows.iter().map(|row| row.assignment_id))
        .with::<Uid, _>("account_id", rows.iter().map(|row| row.account_id))
        .with::<Uid, _>("wave_id", rows.iter().map(|row| row.wave_id))
        .with::<Text, _>("level", rows.iter().map(|row| row.level))
        .with::<Nullable<Text>, _>("url", rows.iter().map(|row| row.url.clone()))
        .with::<Nullable<Text>, _>("url_key", rows.iter().map(|row| row.url_key.clone()))
        .with::<Bool, _>("own_words", rows.iter().map(|row| row.own_words))
        .with::<Bool, _>("suspected", rows.iter().map(|row| row.suspected))
        .with::<Ts, _>("completed_at", rows.iter().map(|row| row.completed_at))
        .with::<Nullable<Ts>, _>("checked_at", rows.iter().map(|row| row.checked_at))
        .with::<Nullable<Uid>, _>("checked_by", rows.iter().map(|row| row.checked_by))
        .with::<Nullable<Ts>, _>("undone_at", rows.iter().map(|row| row.undone_at))
}

/// Takes a completion back; the post it named can be given again.
///
/// # Errors
/// [`StoreError::Stale`] when it was taken back already.
pub fn undo(tx: &mut Tx<'_>, id: CompletionId) -> Result<(), StoreError> {
    let standing = completions::table.filter(completions::id.eq(id)).filter(completions::undone_at.is_null());
    one(diesel::update(standing).set(completions::undone_at.eq(At(tx.now))).execute(tx.conn)?)
}

/// Lets a suspected completion count.
///
/// # Errors
/// [`StoreError::Stale`] when it counts already or was taken back.
pub fn confirm(tx: &mut Tx<'_>, id: CompletionId) -> Result<(), StoreError> {
    let suspected = completions::table
        .filter(completions::id.eq(id))
        .filter(completions::undone_at.is_null())
        .filter(completions::suspected.eq(true));
    one(diesel::update(suspected).set(completions::suspected.eq(false)).execute(tx.conn)?)
}

/// Notes that a reviewer looked; `level` says what the evidence is worth now.
///
/// # Errors
/// [`StoreError::Stale`] when it was taken back meanwhile.
pub fn note_check(tx: &mut Tx<'_>, id: CompletionId, by: UserId, level: EvidenceLevel) -> Result<(), StoreError> {
    let standing = completions::table.filter(completions::id.eq(id)).filter(completions::undone_at.is_null());
    let check = (completions::level.eq(level), completions::checked_at.eq(At(tx.now)), completions::checked_by.eq(by));
    one(diesel::update(standing).set(check).execute(tx.conn)?)
}

const fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// A linked completion that nobody looked at yet. It names the account and the post, which are public, and no person.
#[derive(Debug, Clone, QueryableByName)]
pub struct UncheckedRow {
    /// The completion.
    #[diesel(sql_type = Uid)]
    pub id: CompletionId,
    /// Its campaign.
    #[diesel(sql_type = Uid)]
    pub campaign_id: CampaignId,
    /// The campaign's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// The unit that it counts for.
    #[diesel(sql_type = Uid)]
    pub unit_id: UnitId,
    /// What was asked.
    #[diesel(sql_type = Text)]
    pub action: Action,
    /// Where.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// The account's handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// The address given.
    #[diesel(sql_type = Nullable<Text>)]
    pub url: Option<String>,
    /// When *Done* was pressed.
    #[diesel(sql_type = Ts)]
    pub completed_at: At,
}

/// Linked completions that nobody looked at, in the subtrees of `roots` (none: everywhere), of one campaign or of all; by id,
/// after the id `after`.
///
/// # Errors
/// The database's failure.
pub fn list_unchecked(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    campaign_id: Option<CampaignId>,
    after: Option<CompletionId>,
    limit: i64,
) -> Result<Vec<UncheckedRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT co.id, a.campaign_id, c.title, a.unit_id, t.action, t.platform, ac.handle, co.url, co.completed_at \
         FROM completions co JOIN assignments a ON a.id = co.assignment_id JOIN campaigns c ON c.id = a.campaign_id \
         JOIN tasks t ON t.id = a.task_id JOIN accounts ac ON ac.id = co.account_id \
         WHERE co.level = 'linked' AND co.url IS NOT NULL AND co.checked_at IS NULL AND co.undone_at IS NULL AND NOT co.suspected AND a.state = 'done'",
    );
    if let Some(roots) = roots {
        sql.push(" AND a.unit_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id IN ").ids(roots).push(")");
    }
    if let Some(id) = campaign_id {
        sql.push(" AND a.campaign_id = ").id(id);
    }
    if let Some(after) = after {
        sql.push(" AND co.id > ").id(after);
    }
    sql.push(" ORDER BY co.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}
