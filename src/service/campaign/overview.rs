//! Campaigns at a glance: when each runs and how far it is, from maintained counters; nothing is counted for a list.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::materialise::opening;
use super::{CampaignSummary, ListCampaigns};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::CampaignId;
use crate::domain::role::Act;
use crate::service::page::Page;
use crate::service::{Caller, ServiceError};
use crate::store::campaign::{self, CampaignFilter, CampaignListRow};
use crate::store::plan_counts::{self, CampaignSums};

/// A campaign as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignLine {
    /// The campaign.
    pub campaign: CampaignSummary,
    /// How many waves it has.
    pub waves: usize,
    /// When its first wave opens or opened, where that is known.
    pub opens_at: Option<DateTime<Utc>>,
    /// When its last wave closes, where that is known.
    pub closes_at: Option<DateTime<Utc>>,
    /// Tasks given so far.
    pub planned: i64,
    /// Tasks done; withheld for a small group.
    pub done: Option<i64>,
}

/// The campaigns in the caller's reach, newest first.
///
/// # Errors
/// `Forbidden`; `Invalid` for a cursor that no page gave.
pub async fn overview(app: &App, caller: &Caller, wanted: ListCampaigns) -> Result<Page<CampaignLine>, ServiceError> {
    let roots = caller.reach(Act::ViewCampaigns)?;
    let small_group = i64::from(app.config.privacy.small_group);
    let filter = CampaignFilter { roots, state: wanted.state, before: wanted.page.after_id()? };
    app.db
        .read(move |conn| {
            let rows = campaign::list(conn, &filter, wanted.page.rows())?;
            let page = Page::of(rows, &wanted.page, |row| row.id.to_string());
            let unreleased = |row: &&CampaignListRow| matches!(row.state, CampaignState::Draft | CampaignState::Submitted);
            let drafts: Vec<CampaignId> = page.items.iter().filter(unreleased).map(|row| row.id).collect();
            let others: Vec<CampaignId> = page.items.iter().filter(|row| !unreleased(row)).map(|row| row.id).collect();
            let mut contents: HashMap<CampaignId, CampaignContent> = campaign::contents(conn, &drafts)?.into_iter().collect();
            let mut sums: HashMap<CampaignId, CampaignSums> =
                plan_counts::sums(conn, &others)?.into_iter().map(|sum| (sum.campaign_id, sum)).collect();
            Ok(page.map(|row| match (contents.remove(&row.id), sums.remove(&row.id)) {
                (Some(content), _) => planned(row, &content),
                (None, sums) => running(row, sums, small_group),
            }))
        })
        .await
}

fn planned(row: CampaignListRow, content: &CampaignContent) -> CampaignLine {
    let windows = content.waves.iter().filter_map(|wave| {
        let opens_at = opening(&wave.timing)?;
        Some((opens_at, opens_at.checked_add_signed(TimeDelta::minutes(wave.open_minutes.into()))?))
    });
    let (opens, closes): (Vec<_>, Vec<_>) = windows.unzip();
    // What waits for another wave has no end that is known yet.
    let all_fixed = closes.len() == content.waves.len();
    CampaignLine {
        waves: content.waves.len(),
        opens_at: opens.into_iter().min(),
        closes_at: closes.into_iter().max().filter(|_| all_fixed),
        planned: 0,
        done: None,
        campaign: row.into(),
    }
}

fn running(row: CampaignListRow, sums: Option<CampaignSums>, small_group: i64) -> CampaignLine {
    let ended_at = row.ended_at.map(|at| at.0);
    let planned = sums.as_ref().map_or(0, |sum| sum.planned);
    CampaignLine {
        waves: sums.as_ref().map_or(0, |sum| usize::try_from(sum.waves).unwrap_or_default()),
        opens_at: sums.as_ref().and_then(|sum| sum.opens_at).map(|at| at.0),
        closes_at: ended_at.or_else(|| sums.as_ref().and_then(|sum| sum.closes_at).map(|at| at.0)),
        planned,
        done: sums.filter(|_| planned >= small_group).map(|sum| sum.done),
        campaign: row.into(),
    }
}
