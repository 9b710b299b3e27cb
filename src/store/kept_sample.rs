//! Samples that are kept: what decided the draw, its strata, its items, and what was found.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, SmallInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{sample_items, sample_strata, samples};
use super::sql_text::SqlText;
use super::tx::Tx;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::finding::Finding;
use crate::domain::id::{AssignmentId, CampaignId, EntryId, SampleId, UnitId, UserId};

/// A sample as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = samples, treat_none_as_default_value = false)]
pub struct SampleRow {
    /// Its id.
    pub id: SampleId,
    /// The public value that the auditor typed; empty while a draw is announced.
    pub value: String,
    /// Where the log stood: with the value, the seed.
    pub anchor: String,
    /// How many were asked for.
    pub asked: i32,
    /// Of one campaign, or of all.
    pub campaign_id: Option<CampaignId>,
    /// Completions recorded before this instant.
    pub until_at: At,
    /// Who drew it.
    pub drawn_by: UserId,
    /// When.
    pub drawn_at: At,
    /// When its findings were sealed.
    pub sealed_at: Option<At>,
    /// SHA-256 of the findings' file, in hex.
    pub findings_sha256: Option<String>,
    /// What was announced, as JSON; none before there were announcements.
    pub plan: Option<String>,
    /// The entry that announced it.
    pub announced_in: Option<EntryId>,
    /// When it was announced.
    pub announced_at: Option<At>,
}

impl SampleRow {
    /// Whether it is announced and not drawn: a value is never empty.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.plan.is_some() && self.value.is_empty()
    }
}

/// A stratum as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sample_strata, treat_none_as_default_value = false)]
pub struct StratumRow {
    /// The sample.
    pub sample_id: SampleId,
    /// Its number, from 1.
    pub no: i32,
    /// The layer's number.
    pub layer: i16,
    /// The top unit; none: the small ones together.
    pub unit_id: Option<UnitId>,
    /// Completions in it.
    pub population: i32,
    /// Those drawn.
    pub drawn: i32,
}

/// An item as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sample_items, treat_none_as_default_value = false)]
pub struct ItemRow {
    /// The sample.
    pub sample_id: SampleId,
    /// Its number, from 1.
    pub no: i32,
    /// Its stratum's number.
    pub stratum: i32,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The hash that put it here, in hex.
    pub order_sha256: String,
    /// What was found.
    pub finding: Option<Finding>,
    /// The auditor's words.
    pub note: String,
    /// When it was found.
    pub found_at: Option<At>,
}

/// Inserts a sample with its strata and items.
///
/// # Errors
/// The database's failure.
pub fn insert(tx: &mut Tx<'_>, row: &SampleRow, strata: &[StratumRow], items: &[ItemRow]) -> Result<(), StoreError> {
    diesel::insert_into(samples::table).values(row).execute(tx.conn)?;
    insert_items(tx, strata, items)
}

/// An announced sample was drawn by this value.
///
/// # Errors
/// [`StoreError::Stale`] where it was drawn already; the database's failure.
pub fn set_drawn(tx: &mut Tx<'_>, id: SampleId, value: &str) -> Result<(), StoreError> {
    let waiting = samples::table.filter(samples::id.eq(id)).filter(samples::value.eq(""));
    let set = (samples::value.eq(value), samples::drawn_at.eq(At(tx.now)));
    match diesel::update(waiting).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(StoreError::Stale),
    }
}

/// Inserts what was drawn.
///
/// # Errors
/// The database's failure.
pub fn insert_items(tx: &mut Tx<'_>, strata: &[StratumRow], items: &[ItemRow]) -> Result<(), StoreError> {
    if !strata.is_empty() {
        insert_batch!(tx.conn, sample_strata::table, strata);
    }
    if !items.is_empty() {
        insert_batch!(tx.conn, sample_items::table, items);
    }
    Ok(())
}

/// The samples, the newest first, at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, limit: i64) -> Result<Vec<SampleRow>, StoreError> {
    Ok(samples::table
        .order((samples::drawn_at.desc(), samples::id.desc()))
        .limit(limit)
        .select(SampleRow::as_select())
        .load(conn)?)
}

/// The sample with this id.
///
/// # Errors
/// [`StoreError::Missing`], or the database's failure.
pub fn get(conn: &mut Conn, id: SampleId) -> Result<SampleRow, StoreError> {
    let found = samples::table.find(id).select(SampleRow::as_select()).first(conn).optional()?;
    found.ok_or(StoreError::Missing("the sample"))
}

/// A sample's strata, by number.
///
/// # Errors
/// The database's failure.
pub fn strata(conn: &mut Conn, id: SampleId) -> Result<Vec<StratumRow>, StoreError> {
    let rows = sample_strata::table.filter(sample_strata::sample_id.eq(id)).order(sample_strata::no.asc());
    Ok(rows.select(StratumRow::as_select()).load(conn)?)
}

/// A sample's items, by number.
///
/// # Errors
/// The database's failure.
pub fn items(conn: &mut Conn, id: SampleId) -> Result<Vec<ItemRow>, StoreError> {
    let rows = sample_items::table.filter(sample_items::sample_id.eq(id)).order(sample_items::no.asc());
    Ok(rows.select(ItemRow::as_select()).load(conn)?)
}

/// What an item claims, for whoever looks at it.
#[derive(Debug, Clone, QueryableByName)]
pub struct ClaimRow {
    /// The assignment.
    #[diesel(sql_type = Uid)]
    pub id: AssignmentId,
    /// The campaign's title.
    #[diesel(sql_type = Text)]
    pub campaign: String,
    /// The layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// The address of the post that was given.
    #[diesel(sql_type = Nullable<Text>)]
    pub url: Option<String>,
    /// When it was done.
    #[diesel(sql_type = Nullable<Ts>)]
    pub settled_at: Option<At>,
}

/// What the items of a sample claim.
///
/// # Errors
/// The database's failure.
pub fn claims(conn: &mut Conn, id: SampleId) -> Result<Vec<ClaimRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT a.id, c.title AS campaign, w.layer, (SELECT k.url FROM completions k WHERE k.assignment_id = a.id \
         ORDER BY k.id DESC LIMIT 1) AS url, a.settled_at FROM sample_items i JOIN assignments a ON a.id = i.assignment_id \
         JOIN campaigns c ON c.id = a.campaign_id JOIN waves w ON w.id = a.wave_id WHERE i.sample_id = ",
    );
    Ok(sql.id(id).clone().query().load(conn)?)
}

/// Records what was found about an item of a sample that is not sealed; says whether it could be.
///
/// # Errors
/// The database's failure.
pub fn record(tx: &mut Tx<'_>, id: SampleId, no: i32, finding: Finding, note: &str) -> Result<bool, StoreError> {
    let now = Some(At(tx.now));
    let of = sample_items::table.filter(sample_items::sample_id.eq(id)).filter(sample_items::no.eq(no));
    let changed = diesel::update(of)
        .set((sample_items::finding.eq(Some(finding)), sample_items::note.eq(note), sample_items::found_at.eq(now)))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Seals a sample's findings; says whether they were open.
///
/// # Errors
/// The database's failure.
pub fn seal(tx: &mut Tx<'_>, id: SampleId, sha256: &str) -> Result<bool, StoreError> {
    let open = samples::table.filter(samples::id.eq(id)).filter(samples::sealed_at.is_null());
    let sealed = diesel::update(open)
        .set((samples::sealed_at.eq(Some(At(tx.now))), samples::findings_sha256.eq(Some(sha256))))
        .execute(tx.conn)?;
    Ok(sealed == 1)
}

/// The sample, whose row stays locked until the commit: nothing is recorded beside its sealing.
///
/// # Errors
/// As [`get`].
pub fn lock(tx: &mut Tx<'_>, id: SampleId) -> Result<SampleRow, StoreError> {
    if !tx.conn.is_sqlite() {
        diesel::sql_query("SELECT id FROM samples WHERE id = $1 FOR UPDATE").bind::<Uid, _>(id).execute(tx.conn)?;
    }
    get(tx.conn, id)
}
