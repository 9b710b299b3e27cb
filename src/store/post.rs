//! Registered posts: publications of layers 0 to 2 that tasks may point at.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{campaigns, posts};
use super::sql_text::{Count, SqlText};
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{AccountId, AssignmentId, CampaignId, PostId, UnitId, WaveId};
use crate::domain::platform::Platform;

/// A post as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = posts, treat_none_as_default_value = false)]
pub struct PostRow {
    /// The post's id.
    pub id: PostId,
    /// The campaign it was made for, if any.
    pub campaign_id: Option<CampaignId>,
    /// The wave it was made for, if any.
    pub wave_id: Option<WaveId>,
    /// The assignment that it completes; none when a lead registered it.
    pub assignment_id: Option<AssignmentId>,
    /// Whose it is.
    pub account_id: AccountId,
    /// The account's unit.
    pub unit_id: UnitId,
    /// The account's layer, 0 to 2.
    pub layer: i16,
    /// Where it is.
    pub platform: Platform,
    /// Its canonical address.
    pub url: String,
    /// The platform and its own id of the post: one post answers at several addresses.
    pub url_key: String,
    /// When it was registered.
    pub registered_at: At,
    /// When it was taken off the register.
    pub removed_at: Option<At>,
}

/// The post with this id, if there is one, removed or not.
///
/// # Errors
/// The database's failure.
pub fn find(conn: &mut Conn, id: PostId) -> Result<Option<PostRow>, StoreError> {
    Ok(posts::table.find(id).select(PostRow::as_select()).first(conn).optional()?)
}

/// The post on the register with this key, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_by_key(conn: &mut Conn, url_key: &str) -> Result<Option<PostRow>, StoreError> {
    let active = posts::table.filter(posts::url_key.eq(url_key)).filter(posts::removed_at.is_null());
    Ok(active.select(PostRow::as_select()).first(conn).optional()?)
}

/// The post on the register that completes this assignment, if there is one.
///
/// # Errors
/// The database's failure.
pub fn find_of_assignment(conn: &mut Conn, wave_id: WaveId, assignment_id: AssignmentId) -> Result<Option<PostRow>, StoreError> {
    // The wave comes first because an index serves it.
    let active = posts::table
        .filter(posts::wave_id.eq(wave_id))
        .filter(posts::assignment_id.eq(assignment_id))
        .filter(posts::removed_at.is_null());
    Ok(active.select(PostRow::as_select()).first(conn).optional()?)
}

/// Puts a post on the register.
///
/// # Errors
/// [`StoreError::Taken`] when it is there already.
pub fn insert(tx: &mut Tx<'_>, post: &PostRow) -> Result<(), StoreError> {
    diesel::insert_into(posts::table).values(post).execute(tx.conn)?;
    Ok(())
}

/// Says for which wave a post was made that was registered without one.
///
/// # Errors
/// [`StoreError::Stale`] when it has one, or was removed.
pub fn attach(tx: &mut Tx<'_>, id: PostId, campaign_id: CampaignId, wave_id: WaveId) -> Result<(), StoreError> {
    let loose = posts::table.filter(posts::id.eq(id)).filter(posts::wave_id.is_null()).filter(posts::removed_at.is_null());
    let changed = diesel::update(loose).set((posts::campaign_id.eq(campaign_id), posts::wave_id.eq(wave_id))).execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Takes a post off the register, and off the claim that it answers.
///
/// # Errors
/// [`StoreError::Stale`] when it is off already.
pub fn remove(tx: &mut Tx<'_>, id: PostId) -> Result<(), StoreError> {
    let active = posts::table.filter(posts::id.eq(id)).filter(posts::removed_at.is_null());
    let changed = diesel::update(active).set(posts::removed_at.eq(At(tx.now))).execute(tx.conn)?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    super::claim::answer::remove(tx, id)
}

/// Whether a task of a released campaign points at the post; drafts, and waves that were left out, do not count.
///
/// # Errors
/// The database's failure.
pub fn is_target(conn: &mut Conn, id: PostId) -> Result<bool, StoreError> {
    let found: Count = diesel::sql_query(
        "SELECT count(*) AS n FROM tasks t JOIN waves w ON w.id = t.wave_id JOIN campaigns c ON c.id = w.campaign_id \
         WHERE t.target_post_id = $1 AND w.state NOT IN ('skipped', 'cancelled') AND c.state NOT IN ('draft', 'submitted', 'cancelled')",
    )
    .bind::<Uid, _>(id)
    .get_result(conn)?;
    Ok(found.n > 0)
}

/// The unit of a campaign, if there is one with this id.
///
/// # Errors
/// The database's failure.
pub fn campaign_unit(conn: &mut Conn, id: CampaignId) -> Result<Option<UnitId>, StoreError> {
    Ok(campaigns::table.find(id).select(campaigns::unit_id).first(conn).optional()?)
}

/// A post with the names that a list shows.
#[derive(Debug, Clone, QueryableByName)]
pub struct PostLine {
    /// The post.
    #[diesel(sql_type = Uid)]
    pub id: PostId,
    /// The campaign it was made for, if any.
    #[diesel(sql_type = Nullable<Uid>)]
    pub campaign_id: Option<CampaignId>,
    /// The wave it was made for, if any.
    #[diesel(sql_type = Nullable<Uid>)]
    pub wave_id: Option<WaveId>,
    /// Whose it is.
    #[diesel(sql_type = Uid)]
    pub account_id: AccountId,
    /// The account's handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// The name the account shows.
    #[diesel(sql_type = Text)]
    pub display_name: String,
    /// The account's unit.
    #[diesel(sql_type = Uid)]
    pub unit_id: UnitId,
    /// The unit's name.
    #[diesel(sql_type = Text)]
    pub unit_name: String,
    /// The account's layer.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// Where it is.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// Its canonical address.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// When it was registered.
    #[diesel(sql_type = Ts)]
    pub registered_at: At,
    /// How many tasks point at it.
    #[diesel(sql_type = BigInt)]
    pub tasks: i64,
}

/// When the posts of these waves were registered, the earliest first; at most 2,000.
///
/// # Errors
/// The database's failure.
pub fn list_times(conn: &mut Conn, wave_ids: &[WaveId]) -> Result<Vec<(WaveId, At)>, StoreError> {
    let of_waves = posts::table.filter(posts::wave_id.eq_any(wave_ids)).filter(posts::removed_at.is_null());
    let rows: Vec<(Option<WaveId>, At)> =
        of_waves.order(posts::registered_at.asc()).limit(2_000).select((posts::wave_id, posts::registered_at)).load(conn)?;
    Ok(rows.into_iter().filter_map(|(wave_id, at)| Some((wave_id?, at))).collect())
}

/// Posts on the register in the subtrees of `roots` (none: everywhere), of one campaign or of all; the newest first, before
/// the id `before`.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    roots: Option<&[UnitId]>,
    campaign_id: Option<CampaignId>,
    before: Option<PostId>,
    limit: i64,
) -> Result<Vec<PostLine>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT p.id, p.campaign_id, p.wave_id, p.account_id, a.handle, a.display_name, p.unit_id, u.name AS unit_name, p.layer, \
         p.platform, p.url, p.registered_at, (SELECT count(*) FROM tasks t WHERE t.target_post_id = p.id) AS tasks \
         FROM posts p JOIN accounts a ON a.id = p.account_id JOIN units u ON u.id = p.unit_id WHERE p.removed_at IS NULL",
    );
    if let Some(roots) = roots {
        sql.push(" AND p.unit_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id IN ").ids(roots).push(")");
    }
    if let Some(id) = campaign_id {
        sql.push(" AND p.campaign_id = ").id(id);
    }
    if let Some(before) = before {
        sql.push(" AND p.id < ").id(before);
    }
    sql.push(" ORDER BY p.id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A post as the page of a task shows it.
#[derive(Debug, Clone, QueryableByName)]
pub struct PostCard {
    /// Its address.
    #[diesel(sql_type = Text)]
    pub url: String,
    /// Where it is.
    #[diesel(sql_type = Text)]
    pub platform: Platform,
    /// The name its account shows.
    #[diesel(sql_type = Text)]
    pub display_name: String,
    /// The account's handle.
    #[diesel(sql_type = Text)]
    pub handle: String,
    /// The unit's name.
    #[diesel(sql_type = Text)]
    pub unit_name: String,
}

/// A post on the register, as a card.
///
/// # Errors
/// The database's failure.
pub fn find_card(conn: &mut Conn, id: PostId) -> Result<Option<PostCard>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT p.url, p.platform, a.display_name, a.handle, u.name AS unit_name FROM posts p \
         JOIN accounts a ON a.id = p.account_id JOIN units u ON u.id = p.unit_id WHERE p.removed_at IS NULL AND p.id = ",
    );
    sql.id(id);
    Ok(sql.query().load(conn)?.into_iter().next())
}
