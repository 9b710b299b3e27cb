//! Waves of other campaigns that would ask the same layer, in overlapping units, at the same time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::db::Conn;
use super::error::StoreError;
use super::sql_text::SqlText;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{CampaignId, UnitId};
use crate::domain::kind::Layer;

/// A wave at the same time.
#[derive(Debug, Clone, QueryableByName)]
pub struct CollisionRow {
    /// The other campaign.
    #[diesel(sql_type = Uid)]
    pub campaign_id: CampaignId,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Its wave.
    #[diesel(sql_type = Text)]
    pub wave_name: String,
    /// When that opens.
    #[diesel(sql_type = Ts)]
    pub opens_at: At,
}

/// At most twenty waves of other live campaigns between two times, in units above, at or below `unit_id`.
///
/// # Errors
/// The database's failure.
pub fn list(
    conn: &mut Conn,
    except: CampaignId,
    unit_id: UnitId,
    layer: Layer,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<CollisionRow>, StoreError> {
    let mut sql = SqlText::new();
    sql.push(
        "SELECT c.id AS campaign_id, c.title, w.name AS wave_name, w.opens_at FROM waves w JOIN campaigns c ON c.id = w.campaign_id \
         WHERE c.state IN ('released', 'running', 'paused') AND w.state IN ('planned', 'opening', 'open') AND c.id <> ",
    );
    sql.id(except).push(" AND w.layer = ").small(layer.number());
    sql.push(" AND w.opens_at < ")
        .at(until)
        .push(" AND (w.closes_at > ")
        .at(from)
        .push(" OR (w.closes_at IS NULL AND w.opens_at >= ");
    sql.at(from).push(")) AND EXISTS (SELECT 1 FROM unit_closure x WHERE (x.ancestor_id = ").id(unit_id);
    sql.push(" AND x.descendant_id = c.unit_id) OR (x.descendant_id = ").id(unit_id);
    sql.push(" AND x.ancestor_id = c.unit_id)) ORDER BY w.opens_at, w.id LIMIT 20");
    Ok(sql.query().load(conn)?)
}
