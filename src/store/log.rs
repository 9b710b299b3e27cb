//! Reading the log: newest first, by any mix of filters, one keyset page at a time.

mod find;
mod person;

pub use find::{Found, Place};
pub(super) use person::entries_about;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{campaigns, ledger_entries, units};
use super::sql_text::SqlText;
use super::types::sql::Uid;
use super::types::{At, Doc};
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, EntryId, Id, UnitId, WaveId};

/// An entry as stored; its personal detail lies elsewhere.
#[derive(Debug, Clone, QueryableByName)]
#[diesel(table_name = ledger_entries)]
pub struct EntryRow {
    /// The entry's id.
    pub id: EntryId,
    /// When it happened.
    pub at: At,
    /// What happened.
    pub kind: EventKind,
    /// What kind of actor did it.
    pub actor_kind: String,
    /// Who did it, by reference.
    pub actor_ref: String,
    /// The unit it concerns.
    pub unit_id: Option<UnitId>,
    /// The campaign it concerns.
    pub campaign_id: Option<CampaignId>,
    /// The wave it concerns.
    pub wave_id: Option<WaveId>,
    /// The assignment it concerns.
    pub assignment_id: Option<AssignmentId>,
    /// The person it concerns, by reference.
    pub subject_ref: Option<String>,
    /// Facts without personal data.
    pub payload: Doc<Value>,
    /// The salted commitment to the personal detail.
    pub commitment: Option<Vec<u8>>,
    /// Its place in the sealed log.
    pub leaf_index: Option<i64>,
    /// When it was sealed.
    pub sealed_at: Option<At>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// Of one of these kinds; empty: of any.
    pub kinds: Vec<EventKind>,
    /// By this actor.
    pub actor_ref: Option<String>,
    /// About this campaign.
    pub campaign_id: Option<CampaignId>,
    /// About this wave.
    pub wave_id: Option<WaveId>,
    /// About this unit or one below it.
    pub unit_id: Option<UnitId>,
    /// About this person.
    pub subject_ref: Option<String>,
    /// About this assignment.
    pub assignment_id: Option<AssignmentId>,
    /// Only this entry.
    pub id: Option<EntryId>,
    /// Only units in these subtrees; none: everything.
    pub reach: Option<Vec<UnitId>>,
    /// With `reach`: also entries that concern no unit.
    pub without_unit: bool,
    /// Older than this entry.
    pub before: Option<(DateTime<Utc>, EntryId)>,
    /// Newer than this entry; then the oldest of them come, still newest first.
    pub after: Option<(DateTime<Utc>, EntryId)>,
}

/// At most `limit` entries, newest first, however far they lie apart. For filters that say much: a person, an assignment, a wave's
/// own kinds.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, wanted: &LogQuery, limit: i64) -> Result<Vec<EntryRow>, StoreError> {
    if let Some(id) = wanted.id {
        return one(conn, wanted, id);
    }
    Ok(find::search(conn, wanted, limit, i64::MAX)?.rows)
}

/// At most `limit` entries, newest first, among the next `most` that may match; and where the search stopped, if it did.
///
/// # Errors
/// The database's failure.
pub fn search(conn: &mut Conn, wanted: &LogQuery, limit: i64, most: i64) -> Result<Found, StoreError> {
    find::search(conn, wanted, limit, most)
}

/// One entry, if it lies within the reach.
fn one(conn: &mut Conn, wanted: &LogQuery, id: EntryId) -> Result<Vec<EntryRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT * FROM ledger_entries e WHERE e.id = ").id(id);
    if let Some(roots) = &wanted.reach {
        sql.push(" AND (EXISTS (SELECT 1 FROM unit_closure c WHERE c.descendant_id = e.unit_id AND c.ancestor_id IN ").ids(roots);
        sql.push(if wanted.without_unit { ") OR e.unit_id IS NULL)" } else { "))" });
    }
    Ok(sql.query().load(conn)?)
}

/// The roots of the tree of units.
///
/// # Errors
/// The database's failure.
pub fn root_units(conn: &mut Conn) -> Result<Vec<UnitId>, StoreError> {
    Ok(units::table.filter(units::parent_id.is_null()).select(units::id).load(conn)?)
}

/// The names of units, by id.
///
/// # Errors
/// The database's failure.
pub fn unit_names(conn: &mut Conn, ids: &[UnitId]) -> Result<Vec<(UnitId, String)>, StoreError> {
    Ok(units::table.filter(units::id.eq_any(ids.to_vec())).select((units::id, units::name)).load(conn)?)
}

/// The titles of campaigns, by id.
///
/// # Errors
/// The database's failure.
pub fn campaign_titles(conn: &mut Conn, ids: &[CampaignId]) -> Result<Vec<(CampaignId, String)>, StoreError> {
    Ok(campaigns::table.filter(campaigns::id.eq_any(ids.to_vec())).select((campaigns::id, campaigns::title)).load(conn)?)
}

/// `%` and `_` stand for themselves.
fn like(part: &str) -> String {
    let escaped = part.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// A thing with a name.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Named {
    /// Its id.
    #[diesel(sql_type = Uid)]
    pub id: Id<()>,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
}

fn within(sql: &mut SqlText, column: &str, reach: Option<&[UnitId]>) {
    if let Some(roots) = reach {
        sql.push(" AND ")
            .push(column)
            .push(" IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id IN ")
            .ids(roots)
            .push(")");
    }
}

/// Campaigns of these subtrees whose title holds a part, newest first; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn campaigns_named(conn: &mut Conn, part: &str, reach: Option<&[UnitId]>, limit: i64) -> Result<Vec<Named>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT id, title AS name FROM campaigns WHERE lower(title) LIKE ").text(like(part)).push(" ESCAPE '\\'");
    within(&mut sql, "unit_id", reach);
    sql.push(" ORDER BY id DESC LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// Units of these subtrees whose name or code holds a part, by name; at most `limit`.
///
/// # Errors
/// The database's failure.
pub fn units_named(conn: &mut Conn, part: &str, reach: Option<&[UnitId]>, limit: i64) -> Result<Vec<Named>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT id, name FROM units WHERE (lower(name) LIKE ").text(like(part)).push(" ESCAPE '\\' OR lower(code) LIKE ");
    sql.text(like(part)).push(" ESCAPE '\\')");
    within(&mut sql, "id", reach);
    sql.push(" ORDER BY name, id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}
