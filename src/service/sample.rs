//! A sample of completions that anybody with the same seed draws again, stratified by layer and by top unit. Drawing changes nothing;
//! `kept` makes it an object with findings.

pub mod announce;
mod frame;
pub mod kept;
mod outcome;

pub use outcome::Outcome;

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};

use super::caller::Caller;
use super::error::ServiceError;
use super::export_csv::CsvWriter;
use crate::app::App;
use crate::domain::assignment::EvidenceLevel;
use crate::domain::id::{AssignmentId, CampaignId, CompletionId, UnitId};
use crate::domain::role::Act;
use crate::ledger::draw::{self, Drawn, Picks};
use crate::store::sample::{self, Population};
use crate::store::unit::{self, UnitRow};

/// The most that one draw gives.
pub const MOST: usize = 500;
/// The longest seed, in characters.
const SEED_CHARS: usize = 200;
/// Completions that are read in one transaction.
const PIECE: i64 = 5_000;

/// What decides a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Chosen by whoever draws.
    pub seed: String,
    /// How many: 1 to [`MOST`].
    pub n: usize,
    /// Of one campaign, or of all.
    pub campaign_id: Option<CampaignId>,
    /// Completions recorded before this instant and not taken back by then.
    pub until: DateTime<Utc>,
}

/// A drawn sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its layers.
    pub strata: Vec<Stratum>,
    /// What was drawn, by stratum and then by hash.
    pub items: Vec<Item>,
}

/// The share of a layer's completions in one of the top units, those right below a root, or in all that are too small to stand alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// The layer's number.
    pub layer: i16,
    /// The top unit; none: the small ones together.
    pub unit: Option<UnitId>,
    /// Completions in it.
    pub population: usize,
    /// Those drawn.
    pub drawn: usize,
}

impl Stratum {
    fn of(stratum: &draw::Stratum) -> Self {
        let draw::Stratum { layer, unit, population, drawn } = *stratum;
        Self { layer, unit: unit.map(UnitId::from_uuid), population, drawn }
    }
}

/// A drawn completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The layer's number.
    pub layer: i16,
    /// Its stratum, counted from 0.
    pub stratum: usize,
    /// The hash that put it here, in hex.
    pub hash: String,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The campaign's title.
    pub campaign: String,
    /// The wave's name.
    pub wave: String,
    /// The evidence as it is now.
    pub level: EvidenceLevel,
    /// When it was recorded.
    pub completed_at: DateTime<Utc>,
}

fn checked(draw: &Draw) -> Result<(), ServiceError> {
    if draw.seed.is_empty() || draw.seed.chars().count() > SEED_CHARS {
        return Err(ServiceError::field("seed", "sample.seed", "A seed has 1 to 200 characters"));
    }
    if !(1..=MOST).contains(&draw.n) {
        return Err(ServiceError::field("n", "sample.n", "A sample has 1 to 500 items"));
    }
    Ok(())
}

/// Draws.
///
/// # Errors
/// [`ServiceError::Invalid`] for a seed or a number out of bounds, [`ServiceError::Forbidden`] for who may not read the log.
pub async fn draw(app: &App, caller: &Caller, draw: Draw) -> Result<Sample, ServiceError> {
    checked(&draw)?;
    let of = Population { campaign_id: draw.campaign_id, reach: caller.reach(Act::ViewLog)?, until: draw.until };
    let tops = app.db.read(|conn| Ok::<_, ServiceError>(top_units(&unit::list(conn)?))).await?;
    let mut picks = Picks::new(draw.seed.clone(), draw.n);
    let mut after = None;
    loop {
        let wanted = of.clone();
        let piece = app.db.read(move |conn| sample::members(conn, &wanted, after, PIECE)).await?;
        for row in &piece {
            let top = tops.get(&row.unit_id).copied().unwrap_or(row.unit_id);
            picks.take(row.layer, top.uuid(), row.assignment_id.uuid(), row.id);
        }
        after = piece.last().map(|row| (row.wave_id, row.id));
        if i64::try_from(piece.len()).is_ok_and(|read| read < PIECE) {
            break;
        }
    }
    let Drawn { strata, items } = picks.end();
    Ok(Sample { strata: strata.iter().map(Stratum::of).collect(), items: in_full(app, items).await? })
}

/// The unit right below its root, for each unit; a root is its own.
fn top_units(units: &[UnitRow]) -> HashMap<UnitId, UnitId> {
    let parents: HashMap<UnitId, Option<UnitId>> = units.iter().map(|row| (row.id, row.parent_id)).collect();
    let parent = |id: UnitId| parents.get(&id).copied().flatten();
    let top = |mut id: UnitId| {
        while let Some(above) = parent(id).filter(|above| parent(*above).is_some()) {
            id = above;
        }
        id
    };
    units.iter().map(|row| (row.id, top(row.id))).collect()
}

async fn in_full(app: &App, chosen: Vec<draw::Item<CompletionId>>) -> Result<Vec<Item>, ServiceError> {
    let ids: Vec<CompletionId> = chosen.iter().map(|item| item.with).collect();
    let rows = app.db.read(move |conn| sample::drawn(conn, &ids)).await?;
    let mut rows: HashMap<CompletionId, sample::DrawnRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let items = chosen.into_iter().filter_map(|item| {
        let row = rows.remove(&item.with)?;
        Some(Item {
            assignment_id: AssignmentId::from_uuid(item.id),
            layer: item.layer,
            stratum: item.stratum,
            hash: hex::encode(item.hash),
            campaign_id: row.campaign_id,
            campaign: row.campaign,
            wave: row.wave,
            level: row.level,
            completed_at: row.completed_at.0,
        })
    });
    Ok(items.collect())
}

/// The sample as CSV.
///
/// # Errors
/// [`ServiceError::Internal`] where the writer fails.
pub fn csv(sample: &Sample) -> Result<Vec<u8>, ServiceError> {
    let write = || {
        let mut file = CsvWriter::for_spreadsheet(Vec::new())?;
        file.row(["no", "layer", "assignment_id", "campaign_id", "campaign", "wave", "completed_at", "evidence", "sha256"])?;
        for (i, item) in sample.items.iter().enumerate() {
            file.row([
                (i + 1).to_string(),
                item.layer.to_string(),
                item.assignment_id.to_string(),
                item.campaign_id.to_string(),
                item.campaign.clone(),
                item.wave.clone(),
                item.completed_at.to_rfc3339_opts(SecondsFormat::Micros, true),
                item.level.to_string(),
                item.hash.clone(),
            ])?;
        }
        file.finish()
    };
    write().map_err(|error: std::io::Error| ServiceError::Internal(error.to_string()))
}
