//! What a campaign's content refers to, looked up within the campaign's subtree: units, accounts, posts, claims, and ids in use.

use std::collections::HashSet;

use diesel::prelude::*;

use super::claim::ClaimRow;
use super::db::Conn;
use super::error::StoreError;
use super::schema::{accounts, claims, posts, tasks, unit_closure, variants, waves};
use crate::domain::id::{AccountId, CampaignId, ClaimId, PostId, TaskId, UnitId, VariantId, WaveId};
use crate::domain::platform::Platform;

/// Ids a statement, within SQLite's limit on binds.
const CHUNK: usize = 500;

/// A registered post that still stands, with its owner.
#[derive(Debug, Clone, Queryable)]
pub struct PostFacts {
    /// The post.
    pub id: PostId,
    /// Its layer's number.
    pub layer: i16,
    /// Its platform.
    pub platform: Platform,
    /// Its owner's handle in the compared form.
    pub handle_norm: String,
}

/// Of these units, those in the subtree of `root`.
///
/// # Errors
/// The database's failure.
pub fn units_within(conn: &mut Conn, root: UnitId, ids: &[UnitId]) -> Result<HashSet<UnitId>, StoreError> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let query = unit_closure::table
            .filter(unit_closure::ancestor_id.eq(root))
            .filter(unit_closure::descendant_id.eq_any(chunk.to_vec()))
            .select(unit_closure::descendant_id);
        found.extend(query.load::<UnitId>(conn)?);
    }
    Ok(found)
}

/// Of these accounts, those of units in the subtree of `root`.
///
/// # Errors
/// The database's failure.
pub fn accounts_within(conn: &mut Conn, root: UnitId, ids: &[AccountId]) -> Result<HashSet<AccountId>, StoreError> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let query = accounts::table
            .inner_join(unit_closure::table.on(unit_closure::descendant_id.eq(accounts::unit_id)))
            .filter(unit_closure::ancestor_id.eq(root))
            .filter(accounts::id.eq_any(chunk.to_vec()))
            .select(accounts::id);
        found.extend(query.load::<AccountId>(conn)?);
    }
    Ok(found)
}

/// A unit below `root`, `root` itself, or one above it: a regional office carries what head office published, not what another
/// region did.
macro_rules! on_the_line {
    ($root:expr, $unit:expr) => {{
        let below = unit_closure::ancestor_id.eq($root).and(unit_closure::descendant_id.eq($unit));
        below.or(unit_closure::descendant_id.eq($root).and(unit_closure::ancestor_id.eq($unit)))
    }};
}

/// The post with this id, if it stands and its unit lies in the subtree of `root` or above it.
///
/// # Errors
/// The database's failure.
pub fn find_post(conn: &mut Conn, root: UnitId, id: PostId) -> Result<Option<PostFacts>, StoreError> {
    let query = posts::table
        .inner_join(accounts::table.on(accounts::id.eq(posts::account_id)))
        .inner_join(unit_closure::table.on(on_the_line!(root, posts::unit_id)))
        .filter(posts::id.eq(id))
        .filter(posts::removed_at.is_null())
        .select((posts::id, posts::layer, posts::platform, accounts::handle_norm));
    Ok(query.first(conn).optional()?)
}

/// The claim with this id, if its unit lies in the subtree of `root` or above it.
///
/// # Errors
/// The database's failure.
pub fn find_claim(conn: &mut Conn, root: UnitId, id: ClaimId) -> Result<Option<ClaimRow>, StoreError> {
    let query = claims::table
        .inner_join(unit_closure::table.on(on_the_line!(root, claims::unit_id)))
        .filter(claims::id.eq(id))
        .select(ClaimRow::as_select());
    Ok(query.first(conn).optional()?)
}

/// The ids of a content's parts.
#[derive(Debug, Clone, Default)]
pub struct PartIds {
    /// Waves.
    pub waves: Vec<WaveId>,
    /// Tasks.
    pub tasks: Vec<TaskId>,
    /// Suggested texts.
    pub variants: Vec<VariantId>,
}

/// Whether one of these ids belongs to another campaign's plan.
///
/// # Errors
/// The database's failure.
pub fn parts_are_taken(conn: &mut Conn, campaign_id: CampaignId, ids: &PartIds) -> Result<bool, StoreError> {
    for chunk in ids.waves.chunks(CHUNK) {
        let others = waves::table.filter(waves::id.eq_any(chunk.to_vec())).filter(waves::campaign_id.ne(campaign_id));
        if others.select(waves::id).first::<WaveId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    for chunk in ids.tasks.chunks(CHUNK) {
        let others = tasks::table.filter(tasks::id.eq_any(chunk.to_vec())).filter(tasks::campaign_id.ne(campaign_id));
        if others.select(tasks::id).first::<TaskId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    for chunk in ids.variants.chunks(CHUNK) {
        let others = variants::table
            .inner_join(tasks::table.on(tasks::id.eq(variants::task_id)))
            .filter(variants::id.eq_any(chunk.to_vec()))
            .filter(tasks::campaign_id.ne(campaign_id));
        if others.select(variants::id).first::<VariantId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An account with what people know it by.
#[derive(Debug, Clone, Queryable)]
pub struct NamedAccount {
    /// The account.
    pub id: AccountId,
    /// Where it lives.
    pub platform: Platform,
    /// Its handle as entered.
    pub handle: String,
    /// Its handle in the compared form.
    pub handle_norm: String,
}

/// Of these accounts, those of units in the subtree of `root`, by handle.
///
/// # Errors
/// The database's failure.
pub fn accounts_by_id(conn: &mut Conn, root: UnitId, ids: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = accounts::table
            .inner_join(unit_closure::table.on(unit_closure::descendant_id.eq(accounts::unit_id)))
            .filter(unit_closure::ancestor_id.eq(root))
            .filter(accounts::id.eq_any(chunk.to_vec()))
            .order((accounts::handle_norm.asc(), accounts::id.asc()))
            .select((accounts::id, accounts::platform, accounts::handle, accounts::handle_norm));
        found.extend(query.load::<NamedAccount>(conn)?);
    }
    Ok(found)
}

/// The accounts with one of these handles, in the compared form, of units in the subtree of `root`.
///
/// # Errors
/// The database's failure.
pub fn accounts_by_handle(conn: &mut Conn, root: UnitId, handles: &[String]) -> Result<Vec<NamedAccount>, StoreError> {
    let mut found = Vec::new();
    for chunk in handles.chunks(CHUNK) {
        let query = accounts::table
            .inner_join(unit_closure::table.on(unit_closure::descendant_id.eq(accounts::unit_id)))
            .filter(unit_closure::ancestor_id.eq(root))
            .filter(accounts::handle_norm.eq_any(chunk.to_vec()))
            .order((accounts::handle_norm.asc(), accounts::id.asc()))
            .select((accounts::id, accounts::platform, accounts::handle, accounts::handle_norm));
        found.extend(query.load::<NamedAccount>(conn)?);
    }
    Ok(found)
}
