//! The maintained counts of a campaign's waves, as its page shows them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::db::Conn;
use super::error::StoreError;
use super::schema::{units, wave_counts, wave_unit_counts, waves};
use super::sql_text::SqlText;
use super::types::At;
use super::types::sql::{Ts, Uid};
use crate::domain::id::{CampaignId, UnitId, WaveId};

/// A wave's counts.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = wave_counts)]
pub struct WaveCountsRow {
    /// The wave.
    pub wave_id: WaveId,
    /// Assignments made.
    pub planned: i64,
    /// Done.
    pub done: i64,
    /// Declined.
    pub declined: i64,
    /// Expired.
    pub expired: i64,
    /// Withdrawn.
    pub withdrawn: i64,
    /// Mails made.
    pub mail_planned: i64,
    /// Handed over.
    pub mail_sent: i64,
    /// Failed for good.
    pub mail_failed: i64,
    /// Not sent: suppressed.
    pub mail_suppressed: i64,
    /// Of unknown fate.
    pub mail_unknown: i64,
    /// Cancelled.
    pub mail_cancelled: i64,
    /// Of those handed over, come back.
    pub mail_returned: i64,
    /// Asked to correct what they had published.
    pub correction_asked: i64,
    /// Of those, who say that they fixed it.
    pub correction_fixed: i64,
    /// Of those, who say that they removed it.
    pub correction_removed: i64,
}

/// A unit's counts in a wave.
#[derive(Debug, Clone, Queryable)]
pub struct UnitCountsRow {
    /// The wave.
    pub wave_id: WaveId,
    /// The unit.
    pub unit_id: UnitId,
    /// Its code.
    pub unit_code: String,
    /// Its name.
    pub unit_name: String,
    /// Assignments made.
    pub planned: i64,
    /// Done.
    pub done: i64,
    /// Declined.
    pub declined: i64,
    /// Expired.
    pub expired: i64,
}

/// The counts of a campaign's waves.
///
/// # Errors
/// The database's failure.
pub fn list(conn: &mut Conn, campaign_id: CampaignId) -> Result<Vec<WaveCountsRow>, StoreError> {
    let of_campaign = waves::table.filter(waves::campaign_id.eq(campaign_id)).select(waves::id);
    let found = wave_counts::table.filter(wave_counts::wave_id.eq_any(of_campaign));
    Ok(found.select(WaveCountsRow::as_select()).load(conn)?)
}

/// The counts by unit of a campaign's waves, by unit code.
///
/// # Errors
/// The database's failure.
pub fn list_by_unit(conn: &mut Conn, campaign_id: CampaignId) -> Result<Vec<UnitCountsRow>, StoreError> {
    let of_campaign = waves::table.filter(waves::campaign_id.eq(campaign_id)).select(waves::id);
    let found = wave_unit_counts::table
        .inner_join(units::table.on(units::id.eq(wave_unit_counts::unit_id)))
        .filter(wave_unit_counts::wave_id.eq_any(of_campaign))
        .order(units::code_norm.asc())
        .select((
            wave_unit_counts::wave_id,
            wave_unit_counts::unit_id,
            units::code,
            units::name,
            wave_unit_counts::planned,
            wave_unit_counts::done,
            wave_unit_counts::declined,
            wave_unit_counts::expired,
        ));
    Ok(found.load(conn)?)
}

/// A released campaign's waves put together.
#[derive(Debug, Clone, QueryableByName)]
pub struct CampaignSums {
    /// The campaign.
    #[diesel(sql_type = Uid)]
    pub campaign_id: CampaignId,
    /// How many waves it has.
    #[diesel(sql_type = BigInt)]
    pub waves: i64,
    /// The first opening that is known.
    #[diesel(sql_type = Nullable<Ts>)]
    pub opens_at: Option<At>,
    /// The last end; none while a wave's is not known.
    #[diesel(sql_type = Nullable<Ts>)]
    pub closes_at: Option<At>,
    /// Assignments made.
    #[diesel(sql_type = BigInt)]
    pub planned: i64,
    /// Done.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
}

/// The sums of these campaigns' maintained counts; those without waves are left out. At most a page of a list.
///
/// # Errors
/// The database's failure.
pub fn sums(conn: &mut Conn, ids: &[CampaignId]) -> Result<Vec<CampaignSums>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = SqlText::new();
    sql.push(
        "SELECT w.campaign_id, count(*) AS waves, min(w.opens_at) AS opens_at, \
         CASE WHEN count(w.closes_at) = count(*) THEN max(w.closes_at) END AS closes_at, \
         CAST(coalesce(sum(c.planned), 0) AS BIGINT) AS planned, CAST(coalesce(sum(c.done), 0) AS BIGINT) AS done \
         FROM waves w JOIN wave_counts c ON c.wave_id = w.id WHERE w.campaign_id IN ",
    );
    sql.ids(ids).push(" GROUP BY w.campaign_id");
    Ok(sql.query().load(conn)?)
}
