//! The campaigns of the register. Numbers about a group smaller than the organisation's limit are withheld; no total stands beside
//! them from which one could be found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{cursor, not_ours};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::content::Fact;
use crate::domain::id::CampaignId;
use crate::service::error::ServiceError;
use crate::service::page::{Page, PageRequest};
use crate::store::Conn;
use crate::store::register::campaign::{self, CampaignRow};

/// A campaign that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicCampaign {
    /// The campaign.
    pub id: CampaignId,
    /// The name in its public address.
    pub slug: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Its title.
    pub title: String,
    /// Its one message.
    pub message: String,
    /// The unit whose campaign it is.
    pub sponsor: String,
    /// Whether anybody was paid.
    pub paid: bool,
    /// When its first wave opened.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// What was wrong with it, where it was corrected.
    pub correction: Option<PublicCorrection>,
    /// Its numbers by layer.
    pub layers: Vec<PublicLayer>,
}

/// A campaign's correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicCorrection {
    /// What was wrong and what is right.
    pub text: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

/// A campaign's numbers on a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublicLayer {
    /// The layer's number.
    pub layer: i16,
    /// Tasks that were given, and done; none for a group too small to tell.
    pub figures: Option<(i64, i64)>,
}

fn with_layers(conn: &mut Conn, rows: Vec<CampaignRow>, least: i64) -> Result<Vec<PublicCampaign>, ServiceError> {
    let ids: Vec<CampaignId> = rows.iter().map(|c| c.id).collect();
    let mut layers: HashMap<CampaignId, Vec<PublicLayer>> = HashMap::new();
    for row in campaign::layers(conn, &ids, least)? {
        // Whoever knows the larger waves' numbers would find a small wave's by subtraction.
        let hidden = row.asked < least || (row.small > 0 && row.small < least);
        let figures = (!hidden).then_some((row.asked, row.done));
        layers.entry(row.campaign_id).or_default().push(PublicLayer { layer: row.layer, figures });
    }
    let shown = rows.into_iter().map(|row| PublicCampaign {
        layers: layers.remove(&row.id).unwrap_or_default(),
        id: row.id,
        slug: row.slug,
        state: row.state,
        title: row.title,
        message: row.message,
        sponsor: row.sponsor,
        paid: row.paid,
        started_at: row.started_at.0,
        ended_at: row.ended_at.map(|at| at.0),
        correction: row.correction.zip(row.corrected_at).map(|(text, at)| PublicCorrection { text, issued_at: at.0 }),
    });
    Ok(shown.collect())
}

/// Campaigns that opened a wave, latest first.
///
/// # Errors
/// [`ServiceError::Invalid`] for a cursor that no page gave.
pub async fn list(app: &App, page: PageRequest) -> Result<Page<PublicCampaign>, ServiceError> {
    let read = |text: &str| {
        let (at, id) = text.split_once('_')?;
        Some((DateTime::from_timestamp_micros(at.parse().ok()?)?, id.parse().ok()?))
    };
    let after = page.after.as_deref().map(|text| read(text).ok_or_else(not_ours)).transpose()?;
    let (least, rows) = (i64::from(app.config.privacy.small_group), page.rows());
    let found = app.db.read(move |conn| {
        let rows = campaign::list(conn, after, rows)?;
        with_layers(conn, rows, least)
    });
    Ok(Page::of(found.await?, &page, |c| cursor(c.started_at, c.id)))
}

/// The campaigns that were corrected last, the latest first.
///
/// # Errors
/// The database's failure.
pub async fn corrected(app: &App, limit: u32) -> Result<Vec<PublicCampaign>, ServiceError> {
    let least = i64::from(app.config.privacy.small_group);
    let read = app.db.read(move |conn| {
        let rows = campaign::corrected(conn, i64::from(limit))?;
        with_layers(conn, rows, least)
    });
    read.await
}

/// One campaign with the facts that it gave.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or has not run.
pub async fn get(app: &App, slug: String) -> Result<(PublicCampaign, Vec<Fact>), ServiceError> {
    let least = i64::from(app.config.privacy.small_group);
    let read = app.db.read(move |conn| {
        let missing = || ServiceError::NotFound("the campaign");
        let row = campaign::find(conn, &slug)?.ok_or_else(missing)?;
        let facts = campaign::content(conn, row.id)?.facts;
        Ok((with_layers(conn, vec![row], least)?.pop().ok_or_else(missing)?, facts))
    });
    read.await
}
