//! The maintained counts of a campaign's waves, as its page shows them.

use diesel::prelude::*;

use super::db::Conn;
use super::error::StoreError;
use super::schema::{units, wave_counts, wave_unit_counts, waves};
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
