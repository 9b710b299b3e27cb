//! A campaign's page: its waves with their times and counts. Figures about a group smaller than the organisation's limit are withheld.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CampaignView, reach};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::id::{CampaignId, ReleaseId, UnitId, UserId, WaveId};
use crate::domain::role::Act;
use crate::domain::wave::{Timing, WaveState};
use crate::service::{Caller, ServiceError};
use crate::store::plan::{self, WavePlanRow};
use crate::store::plan_counts::{self, UnitCountsRow, WaveCountsRow};
use crate::store::{Conn, campaign as campaigns, release, unit};

/// A campaign and how it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignProgress {
    /// The campaign.
    pub campaign: CampaignView,
    /// The release in force.
    pub release_id: Option<ReleaseId>,
    /// Who released it.
    pub released_by: Option<UserId>,
    /// Who gave a reason for an election freeze, for the present content.
    pub freeze_reason_by: Option<UserId>,
    /// Its waves in order; none before the release.
    pub waves: Vec<WaveProgress>,
}

/// A wave and how it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaveProgress {
    /// The wave's id.
    pub id: WaveId,
    /// Its name.
    pub name: String,
    /// Its layer's number, 0 to 3.
    pub layer: i16,
    /// Where it stands.
    pub state: WaveState,
    /// When it opens, as planned.
    pub timing: Timing,
    /// The IANA zone in which its times are shown.
    pub zone: String,
    /// The wave it waits for.
    pub waits_for: Option<WaveId>,
    /// Whether it waits for a post of that wave.
    pub cascade: bool,
    /// When it opens; not known while it waits.
    pub opens_at: Option<DateTime<Utc>>,
    /// When it began to open.
    pub opened_at: Option<DateTime<Utc>>,
    /// When every assignment existed.
    pub filled_at: Option<DateTime<Utc>>,
    /// When its window ends.
    pub closes_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it is held.
    pub held_reason: Option<String>,
    /// Assignments made.
    pub planned: i64,
    /// What became of them; withheld for a small group.
    pub outcome: Option<Outcome>,
    /// Assignments withdrawn with the campaign.
    pub withdrawn: i64,
    /// Its mail.
    pub mail: MailCounts,
    /// The same by unit.
    pub units: Vec<UnitCounts>,
}

/// What became of a group's assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Outcome {
    /// Done.
    pub done: i64,
    /// Declined.
    pub declined: i64,
    /// Expired.
    pub expired: i64,
}

/// A wave's mail: planned = sent + failed + suppressed + unknown + cancelled + open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct MailCounts {
    /// Made.
    pub planned: i64,
    /// Handed over.
    pub sent: i64,
    /// Of those handed over, come back.
    pub returned: i64,
    /// Failed for good.
    pub failed: i64,
    /// Not sent: suppressed.
    pub suppressed: i64,
    /// Of unknown fate.
    pub unknown: i64,
    /// Cancelled.
    pub cancelled: i64,
    /// Still to be sent.
    pub open: i64,
}

/// A unit's share of a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitCounts {
    /// The unit.
    pub unit_id: UnitId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Assignments made.
    pub planned: i64,
    /// What became of them; withheld for a small group, and where a small group's figures would follow by subtraction.
    pub outcome: Option<Outcome>,
}

/// A campaign's page.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn view(app: &App, caller: &Caller, id: CampaignId) -> Result<CampaignProgress, ServiceError> {
    let (caller, small_group) = (caller.clone(), i64::from(app.config.privacy.small_group));
    app.db
        .read(move |conn| {
            let row = reach(conn, &caller, Act::ViewCampaigns, id)?;
            let zone = unit::get(conn, row.unit_id)?.zone;
            let current = release::find_current(conn, id)?;
            let reason = release::find_freeze_reason(conn, id, &row.content_hash)?;
            let mut counts: HashMap<WaveId, WaveCountsRow> =
                plan_counts::list(conn, id)?.into_iter().map(|c| (c.wave_id, c)).collect();
            let mut by_unit: HashMap<WaveId, Vec<UnitCountsRow>> = HashMap::new();
            for row in plan_counts::list_by_unit(conn, id)? {
                by_unit.entry(row.wave_id).or_default().push(row);
            }
            let waves = plan::list_waves(conn, id)?.into_iter();
            let waves = waves.map(|wave| {
                let units = by_unit.remove(&wave.id).unwrap_or_default();
                progress(counts.remove(&wave.id), units_shown(units, small_group), wave, (&zone, small_group))
            });
            Ok(CampaignProgress {
                waves: waves.collect(),
                release_id: current.as_ref().map(|r| r.id),
                released_by: current.map(|r| r.released_by),
                freeze_reason_by: reason.map(|r| r.given_by),
                campaign: row.into(),
            })
        })
        .await
}

/// The counts of a campaign's waves alone, for a page that follows them: state and counts, absolute, small groups withheld.
///
/// # Errors
/// `NotFound` out of reach, `Forbidden`.
pub async fn counts(app: &App, caller: &Caller, id: CampaignId) -> Result<(CampaignState, Vec<WaveProgress>), ServiceError> {
    let (caller, small_group) = (caller.clone(), i64::from(app.config.privacy.small_group));
    app.db
        .read(move |conn| {
            let row = reach(conn, &caller, Act::ViewCampaigns, id)?;
            Ok((row.state, counted(conn, id, small_group)?))
        })
        .await
}

/// The same for whoever was let in before: the reader that several look through.
pub(super) async fn counts_of(app: &App, id: CampaignId) -> Result<(CampaignState, Vec<WaveProgress>), ServiceError> {
    let small_group = i64::from(app.config.privacy.small_group);
    let read = app.db.read(move |conn| Ok::<_, ServiceError>((campaigns::get(conn, id)?.state, counted(conn, id, small_group)?)));
    read.await
}

fn counted(conn: &mut Conn, id: CampaignId, small_group: i64) -> Result<Vec<WaveProgress>, ServiceError> {
    let mut counts: HashMap<WaveId, WaveCountsRow> = plan_counts::list(conn, id)?.into_iter().map(|c| (c.wave_id, c)).collect();
    let waves = plan::list_waves(conn, id)?.into_iter();
    Ok(waves.map(|wave| progress(counts.remove(&wave.id), Vec::new(), wave, ("", small_group))).collect())
}

fn progress(
    counts: Option<WaveCountsRow>,
    units: Vec<UnitCounts>,
    wave: WavePlanRow,
    (unit_zone, small_group): (&str, i64),
) -> WaveProgress {
    let zone = match &wave.timing.0 {
        Timing::At { zone, .. } => zone.clone(),
        Timing::After { .. } | Timing::Cascade { .. } => unit_zone.to_owned(),
    };
    let planned = counts.as_ref().map_or(0, |c| c.planned);
    let outcome = counts.as_ref().map(|c| Outcome { done: c.done, declined: c.declined, expired: c.expired });
    WaveProgress {
        id: wave.id,
        name: wave.name,
        layer: wave.layer,
        state: wave.state,
        timing: wave.timing.0,
        zone,
        waits_for: wave.waits_for,
        cascade: wave.cascade,
        opens_at: wave.opens_at.map(Into::into),
        opened_at: wave.opened_at.map(Into::into),
        filled_at: wave.filled_at.map(Into::into),
        closes_at: wave.closes_at.map(Into::into),
        closed_at: wave.closed_at.map(Into::into),
        held_reason: wave.held_reason,
        planned,
        // Nobody planned, nothing to withhold.
        outcome: outcome.filter(|_| planned == 0 || planned >= small_group),
        withdrawn: counts.as_ref().map_or(0, |c| c.withdrawn),
        mail: counts.as_ref().map_or_else(MailCounts::default, mail),
        units,
    }
}

fn mail(c: &WaveCountsRow) -> MailCounts {
    let settled = c.mail_sent + c.mail_failed + c.mail_suppressed + c.mail_unknown + c.mail_cancelled;
    MailCounts {
        planned: c.mail_planned,
        sent: c.mail_sent,
        failed: c.mail_failed,
        suppressed: c.mail_suppressed,
        unknown: c.mail_unknown,
        cancelled: c.mail_cancelled,
        returned: c.mail_returned,
        open: c.mail_planned - settled,
    }
}

/// Withholds the outcomes of small units, and of so many of the next larger ones that those withheld together are no small
/// group: otherwise the wave's total less the figures shown would tell them.
fn units_shown(rows: Vec<UnitCountsRow>, small_group: i64) -> Vec<UnitCounts> {
    let mut by_size: Vec<&UnitCountsRow> = rows.iter().filter(|r| r.planned > 0).collect();
    by_size.sort_by_key(|r| (r.planned, r.unit_id));
    let mut withheld: HashMap<UnitId, i64> = HashMap::new();
    for row in by_size {
        let together: i64 = withheld.values().sum();
        if row.planned < small_group || (together > 0 && together < small_group) {
            withheld.insert(row.unit_id, row.planned);
        }
    }
    let shown = rows.into_iter().map(|row| UnitCounts {
        outcome: (!withheld.contains_key(&row.unit_id)).then_some(Outcome {
            done: row.done,
            declined: row.declined,
            expired: row.expired,
        }),
        unit_id: row.unit_id,
        code: row.unit_code,
        name: row.unit_name,
        planned: row.planned,
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(planned: i64) -> UnitCountsRow {
        UnitCountsRow {
            wave_id: WaveId::new(),
            unit_id: UnitId::new(),
            unit_code: String::new(),
            unit_name: String::new(),
            planned,
            done: 1,
            declined: 0,
            expired: 0,
        }
    }

    fn shown(planned: &[i64]) -> Vec<bool> {
        units_shown(planned.iter().map(|p| row(*p)).collect(), 5).iter().map(|u| u.outcome.is_some()).collect()
    }

    #[test]
    fn a_small_group_is_withheld_and_cannot_be_found_by_subtraction() {
        assert_eq!(shown(&[5, 9, 40]), [true, true, true]);
        // One small unit alone would follow from the total: the next larger one is withheld with it.
        assert_eq!(shown(&[4, 9, 40]), [false, false, true]);
        // Two small units that are five people together hide one another.
        assert_eq!(shown(&[2, 40, 3]), [false, true, false]);
        assert_eq!(shown(&[2, 1]), [false, false]);
        assert_eq!(shown(&[0, 7]), [true, true]);
    }
}
