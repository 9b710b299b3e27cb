//! A sample of completions that anybody with the same seed draws again, stratified by layer and by top unit. Drawing changes nothing;
//! `kept` makes it an object with findings.

pub mod kept;
mod outcome;

pub use outcome::Outcome;

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};

use super::caller::Caller;
use super::error::ServiceError;
use super::export_csv::CsvWriter;
use crate::app::App;
use crate::domain::assignment::EvidenceLevel;
use crate::domain::id::{AssignmentId, CampaignId, CompletionId, UnitId};
use crate::domain::role::Act;
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

/// `SHA-256(seed ‖ LF ‖ assignment id)`: the order of the draw.
#[must_use]
pub fn order(seed: &str, id: AssignmentId) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.as_bytes());
    hash.update(b"\n");
    hash.update(id.to_string().as_bytes());
    hash.finalize().into()
}

/// Shares `n` out over populations by the largest remainder. Where there are enough, each that is not empty gets one at least;
/// none gets more than it has.
#[must_use]
pub fn shares(n: usize, populations: &[usize]) -> Vec<usize> {
    let total: usize = populations.iter().sum();
    let n = n.min(total);
    if total == 0 {
        return vec![0; populations.len()];
    }
    let mut given: Vec<usize> = populations.iter().map(|p| n * p / total).collect();
    let mut by_remainder: Vec<usize> = (0..populations.len()).collect();
    by_remainder.sort_by_key(|i| std::cmp::Reverse(populations.get(*i).map_or(0, |p| n * p % total)));
    let left = n - given.iter().sum::<usize>();
    for i in by_remainder.into_iter().take(left) {
        if let Some(share) = given.get_mut(i) {
            *share += 1;
        }
    }
    if n >= populations.iter().filter(|p| **p > 0).count() {
        // A layer without any takes one from the layer that got most.
        while let Some(empty) = (0..given.len()).find(|i| given.get(*i) == Some(&0) && populations.get(*i) > Some(&0)) {
            let most = (0..given.len()).max_by_key(|i| given.get(*i).copied()).unwrap_or_default();
            for (i, share) in given.iter_mut().enumerate() {
                if i == most {
                    *share -= 1;
                } else if i == empty {
                    *share += 1;
                }
            }
        }
    }
    given
}

/// A stratum while its completions are read: how many there are, and those with the smallest hashes.
#[derive(Default)]
struct Layer {
    population: usize,
    best: BinaryHeap<([u8; 32], AssignmentId, CompletionId)>,
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
    let mut layers: BTreeMap<Key, Layer> = BTreeMap::new();
    let mut after = None;
    loop {
        let wanted = of.clone();
        let piece = app.db.read(move |conn| sample::members(conn, &wanted, after, PIECE)).await?;
        for row in &piece {
            let top = tops.get(&row.unit_id).copied().unwrap_or(row.unit_id);
            let layer = layers.entry((row.layer, Some(top))).or_default();
            layer.population += 1;
            layer.best.push((order(&draw.seed, row.assignment_id), row.assignment_id, row.id));
            if layer.best.len() > draw.n {
                layer.best.pop();
            }
        }
        after = piece.last().map(|row| (row.wave_id, row.id));
        if i64::try_from(piece.len()).is_ok_and(|read| read < PIECE) {
            break;
        }
    }
    let layers = pooled(layers, draw.n);
    let populations: Vec<usize> = layers.values().map(|layer| layer.population).collect();
    let shares = shares(draw.n, &populations);
    let mut strata = Vec::new();
    let mut chosen = Vec::new();
    for (((layer, unit), found), drawn) in layers.into_iter().zip(shares) {
        let stratum = strata.len();
        strata.push(Stratum { layer, unit, population: found.population, drawn });
        chosen.extend(found.best.into_sorted_vec().into_iter().take(drawn).map(|one| ((layer, stratum), one)));
    }
    Ok(Sample { strata, items: in_full(app, chosen).await? })
}

/// A stratum: a layer, and a top unit or the small ones together.
type Key = (i16, Option<UnitId>);

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

/// Strata that would get less than one item of `n` by their size, put together with the others of their layer that would.
fn pooled(strata: BTreeMap<Key, Layer>, n: usize) -> BTreeMap<Key, Layer> {
    let total: usize = strata.values().map(|stratum| stratum.population).sum();
    let mut pooled: BTreeMap<Key, Layer> = BTreeMap::new();
    for ((layer, unit), stratum) in strata {
        let stands_alone = stratum.population.saturating_mul(n) >= total;
        let into = pooled.entry((layer, unit.filter(|_| stands_alone))).or_default();
        into.population += stratum.population;
        into.best.extend(stratum.best);
        while into.best.len() > n {
            into.best.pop();
        }
    }
    pooled
}

/// What was chosen: the layer and the stratum, and the hash, assignment and completion.
type Chosen = ((i16, usize), ([u8; 32], AssignmentId, CompletionId));

async fn in_full(app: &App, chosen: Vec<Chosen>) -> Result<Vec<Item>, ServiceError> {
    let ids: Vec<CompletionId> = chosen.iter().map(|(_, (_, _, id))| *id).collect();
    let rows = app.db.read(move |conn| sample::drawn(conn, &ids)).await?;
    let mut rows: HashMap<CompletionId, sample::DrawnRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let items = chosen.into_iter().filter_map(|((layer, stratum), (hash, assignment_id, id))| {
        let row = rows.remove(&id)?;
        Some(Item {
            assignment_id,
            layer,
            stratum,
            hash: hex::encode(hash),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_order_is_the_stated_hash() {
        // printf '%s\n%s' 'audit-2026' '00000000-0000-0000-0000-000000000001' | sha256sum
        let id = "00000000-0000-0000-0000-000000000001".parse().unwrap();
        assert_eq!(hex::encode(order("audit-2026", id)), "d4e1770d26d2388ef2823c809cdadeadf9bd4be0dcb16631fe73b85fc536b005");
    }

    #[test]
    fn shares_follow_the_populations() {
        assert_eq!(shares(10, &[50, 50]), [5, 5]);
        assert_eq!(shares(10, &[2, 98]), [1, 9]);
        assert_eq!(shares(10, &[0, 1, 3]), [0, 1, 3]);
        assert_eq!(shares(3, &[1, 1, 1000]), [1, 1, 1]);
        assert_eq!(shares(1, &[10, 90]), [0, 1]);
        assert_eq!(shares(5, &[]), Vec::<usize>::new());
        for n in 1..60 {
            let given = shares(n, &[3, 17, 0, 40]);
            assert_eq!(given.iter().sum::<usize>(), n.min(60), "{n}");
            assert!(given.iter().zip([3, 17, 0, 40]).all(|(g, p)| *g <= p), "{n}: {given:?}");
        }
    }
}
