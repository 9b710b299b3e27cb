//! The completions from which a sample is drawn, as they stood at an instant.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{SmallInt, Text};

use super::db::Conn;
use super::error::StoreError;
use super::log::EntryRow;
use super::reach::Reach;
use super::sql_text::SqlText;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::assignment::EvidenceLevel;
use crate::domain::event::EventKind;
use crate::domain::id::{AssignmentId, CampaignId, CompletionId, UnitId, WaveId};
use crate::domain::text_enum::TextEnum as _;

/// Which completions.
#[derive(Debug, Clone)]
pub struct Population {
    /// Of this campaign alone.
    pub campaign_id: Option<CampaignId>,
    /// Of units in these subtrees; none: everywhere.
    pub reach: Option<Vec<UnitId>>,
    /// Recorded before this instant and not taken back by then.
    pub until: DateTime<Utc>,
}

/// A completion, as far as the draw needs it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct MemberRow {
    /// The completion.
    #[diesel(sql_type = Uid)]
    pub id: CompletionId,
    /// Its wave.
    #[diesel(sql_type = Uid)]
    pub wave_id: WaveId,
    /// Its assignment.
    #[diesel(sql_type = Uid)]
    pub assignment_id: AssignmentId,
    /// Its layer's number.
    #[diesel(sql_type = SmallInt)]
    pub layer: i16,
    /// Its unit.
    #[diesel(sql_type = Uid)]
    pub unit_id: UnitId,
}

/// A piece of the population, wave by wave, after one of them: each completion is read once, however many there are.
///
/// # Errors
/// The database's failure.
pub fn members(
    conn: &mut Conn,
    of: &Population,
    after: Option<(WaveId, CompletionId)>,
    limit: i64,
) -> Result<Vec<MemberRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT k.id, k.wave_id, k.assignment_id, w.layer, a.unit_id FROM completions k JOIN assignments a ON a.id = k.assignment_id \
         JOIN waves w ON w.id = k.wave_id WHERE k.completed_at < ",
    );
    sql.at(of.until).push(" AND (k.undone_at IS NULL OR k.undone_at >= ").at(of.until).push(")");
    if let Some(id) = of.campaign_id {
        sql.push(" AND a.campaign_id = ").id(id);
        sql.push(" AND k.wave_id IN (SELECT id FROM waves WHERE campaign_id = ").id(id).push(")");
    }
    match (Reach::of(conn, of.reach.as_deref())?, &of.reach) {
        (Reach::All, _) | (_, None) => {}
        (_, Some(roots)) => {
            sql.push(" AND EXISTS (SELECT 1 FROM unit_closure c WHERE c.descendant_id = a.unit_id AND c.ancestor_id IN ")
                .ids(roots);
            sql.push(")");
        }
    }
    if let Some((wave_id, id)) = after {
        sql.push(" AND (k.wave_id, k.id) > (").id(wave_id).push(", ").id(id).push(")");
    }
    sql.push(" ORDER BY k.wave_id, k.id LIMIT ").big(limit);
    Ok(sql.query().load(conn)?)
}

/// A drawn completion in full.
#[derive(Debug, Clone, QueryableByName)]
pub struct DrawnRow {
    /// The completion.
    #[diesel(sql_type = Uid)]
    pub id: CompletionId,
    /// Its campaign.
    #[diesel(sql_type = Uid)]
    pub campaign_id: CampaignId,
    /// The campaign's title.
    #[diesel(sql_type = Text)]
    pub campaign: String,
    /// The wave's name.
    #[diesel(sql_type = Text)]
    pub wave: String,
    /// Its evidence.
    #[diesel(sql_type = Text)]
    pub level: EvidenceLevel,
    /// When it was recorded.
    #[diesel(sql_type = Ts)]
    pub completed_at: At,
}

/// These completions in full.
///
/// # Errors
/// The database's failure.
pub fn drawn(conn: &mut Conn, ids: &[CompletionId]) -> Result<Vec<DrawnRow>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = SqlText::new();
    sql.push(
        "SELECT k.id, c.id AS campaign_id, c.title AS campaign, w.name AS wave, k.level, k.completed_at FROM completions k \
         JOIN waves w ON w.id = k.wave_id JOIN campaigns c ON c.id = w.campaign_id WHERE k.id IN ",
    );
    sql.ids(ids);
    Ok(sql.query().load(conn)?)
}

/// Sealed entries of these kinds with a global leaf index from the first to the second (exclusive), in order; of one campaign and of
/// none, or of all.
///
/// # Errors
/// The database's failure.
pub fn entries(
    conn: &mut Conn,
    (first, end): (i64, i64),
    kinds: &[EventKind],
    campaign: Option<CampaignId>,
) -> Result<Vec<EntryRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push("SELECT * FROM ledger_entries e WHERE e.leaf_index IS NOT NULL AND e.leaf_index >= ").big(first);
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    sql.push(" AND e.leaf_index < ").big(end).push(" AND e.kind IN ").texts(&kinds);
    if let Some(id) = campaign {
        sql.push(" AND (e.campaign_id IS NULL OR e.campaign_id = ").id(id).push(")");
    }
    sql.push(" ORDER BY e.leaf_index");
    Ok(sql.query().load(conn)?)
}
