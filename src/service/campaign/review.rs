//! The approver's desk: what waits for release, and one campaign beside what was released of it before.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::freeze::overlaps;
use super::materialise::opening;
use super::{CampaignView, reach};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::content::CampaignContent;
use crate::domain::id::UserId;
use crate::domain::id::{CampaignId, UnitId};
use crate::domain::role::Act;
use crate::service::page::{Page, PageRequest};
use crate::service::{Caller, ServiceError};
use crate::store::campaign::{self, CampaignRow};
use crate::store::{Conn, StoreError, release, user};

/// A campaign that waits for release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The campaign.
    pub id: CampaignId,
    /// Its title.
    pub title: String,
    /// Its one message.
    pub message: String,
    /// The sponsoring unit.
    pub unit_id: UnitId,
    /// Who wrote it.
    pub author: String,
    /// Since when it waits.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When its first wave opens, where that is fixed.
    pub opens_at: Option<DateTime<Utc>>,
    /// The layers of its waves, in order.
    pub layers: Vec<i16>,
    /// How many tasks its waves ask, by platform.
    pub tasks: usize,
    /// Whether the caller wrote or submitted it, and so may not release it.
    pub is_own: bool,
    /// Whether a wave falls into an election freeze.
    pub in_freeze: bool,
    /// Whether it had been released before.
    pub is_again: bool,
}

/// What waits for release where the caller may release, newest first.
///
/// # Errors
/// `Forbidden`; `Invalid` for a cursor that no page gave.
pub async fn waiting(app: &App, caller: &Caller, wanted: PageRequest) -> Result<Page<Waiting>, ServiceError> {
    let roots = caller.reach(Act::ReleaseCampaigns)?;
    let (me, config, before) = (caller.user_id().ok(), app.config.clone(), wanted.after_id()?);
    app.db
        .read(move |conn| {
            let rows = campaign::list_submitted(conn, roots.as_deref(), before, wanted.rows())?;
            let page = Page::of(rows, &wanted, |row| row.id.to_string());
            let mut names = Names::default();
            let mut items = Vec::with_capacity(page.items.len());
            for row in page.items {
                let content = &row.content.0;
                items.push(Waiting {
                    id: row.id,
                    author: names.of(conn, row.author_id)?,
                    unit_id: row.unit_id,
                    submitted_at: row.submitted_at.map(|at| at.0),
                    opens_at: content.waves.iter().filter_map(|wave| opening(&wave.timing)).min(),
                    layers: content.waves.iter().map(|wave| wave.layer.number()).collect(),
                    tasks: content.tasks().count(),
                    is_own: is_own(&row, me),
                    in_freeze: !overlaps(conn, content, &config.campaign)?.is_empty(),
                    is_again: release::find_last(conn, row.id)?.is_some(),
                    message: content.message.clone(),
                    title: row.title,
                });
            }
            Ok(Page { items, next: page.next })
        })
        .await
}

fn is_own(row: &CampaignRow, me: Option<UserId>) -> bool {
    me == Some(row.author_id) || (me.is_some() && me == row.submitted_by)
}

/// Names of console users, each read once.
#[derive(Default)]
struct Names(HashMap<UserId, String>);

impl Names {
    fn of(&mut self, conn: &mut Conn, id: UserId) -> Result<String, StoreError> {
        if let Some(name) = self.0.get(&id) {
            return Ok(name.clone());
        }
        let name = user::find(conn, id)?.map(|row| row.name).unwrap_or_default();
        self.0.insert(id, name.clone());
        Ok(name)
    }
}

/// A release of the same campaign before this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedBefore {
    /// When.
    pub at: DateTime<Utc>,
    /// Who released it.
    pub by: String,
    /// What was released; none for a release from before contents were kept.
    pub content: Option<CampaignContent>,
}

/// A campaign as its approver weighs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The campaign.
    pub campaign: CampaignView,
    /// Who wrote it.
    pub author: String,
    /// Who submitted it.
    pub submitted_by: Option<String>,
    /// The release before, if there was one.
    pub before: Option<ReleasedBefore>,
    /// Whether it waits for release.
    pub is_waiting: bool,
    /// Whether the caller wrote or submitted it, and so may not release it.
    pub is_own: bool,
    /// The reason on file for an election freeze, and who gave it.
    pub freeze_reason: Option<(String, String)>,
    /// Whether the caller gave that reason, so that another has to release.
    pub reason_is_own: bool,
}

/// A campaign beside what was released of it before.
///
/// # Errors
/// `NotFound` where the caller may not release, `Forbidden`.
pub async fn review(app: &App, caller: &Caller, id: CampaignId) -> Result<Review, ServiceError> {
    let (caller, me) = (caller.clone(), caller.user_id().ok());
    app.db
        .read(move |conn| {
            let row = reach(conn, &caller, Act::ReleaseCampaigns, id)?;
            let mut names = Names::default();
            let before = match release::find_last(conn, id)? {
                Some(last) => Some(ReleasedBefore {
                    at: last.released_at.0,
                    by: names.of(conn, last.released_by)?,
                    content: last.content.map(|content| content.0),
                }),
                None => None,
            };
            let reason = release::find_freeze_reason(conn, id, &row.content_hash)?;
            let reason_is_own = reason.as_ref().is_some_and(|reason| me == Some(reason.given_by));
            let freeze_reason = match reason {
                Some(reason) => Some((reason.reason, names.of(conn, reason.given_by)?)),
                None => None,
            };
            Ok(Review {
                author: names.of(conn, row.author_id)?,
                submitted_by: row.submitted_by.map(|by| names.of(conn, by)).transpose()?,
                before,
                is_waiting: row.state == CampaignState::Submitted,
                is_own: is_own(&row, me),
                freeze_reason,
                reason_is_own,
                campaign: row.into(),
            })
        })
        .await
}
