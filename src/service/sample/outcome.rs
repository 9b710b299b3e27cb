//! What the findings of a kept sample say, and the file whose hash seals them.

use chrono::SecondsFormat;

use crate::domain::finding::Finding;
use crate::domain::id::UnitId;
use crate::domain::proportion::{Share, Told, stratified};
use crate::service::ServiceError;
use crate::service::export_csv::CsvWriter;
use crate::store::kept_sample::{ItemRow, SampleRow, StratumRow};

/// What the findings say.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// A layer's number; none: all layers.
    pub layer: Option<i16>,
    /// Items found so far.
    pub found: usize,
    /// Items.
    pub items: usize,
    /// Items about which nothing could be told.
    pub untold: usize,
    /// The share that is as claimed, of what could be told, with its 95 % interval.
    pub share: Option<Share>,
}

/// What the findings say: of all, and of each layer.
pub(super) fn outcomes(strata: &[StratumRow], items: &[ItemRow]) -> Vec<Outcome> {
    let mut layers: Vec<Option<i16>> = strata.iter().map(|row| Some(row.layer)).collect();
    layers.dedup();
    let of = |layer: Option<i16>| {
        let within: Vec<&StratumRow> = strata.iter().filter(|row| layer.is_none_or(|layer| row.layer == layer)).collect();
        let mine: Vec<&ItemRow> = items.iter().filter(|item| within.iter().any(|row| row.no == item.stratum)).collect();
        let is = |item: &&&ItemRow, finding| item.finding == Some(finding);
        let told = within.iter().map(|row| {
            let theirs =
                mine.iter().filter(|item| item.stratum == row.no && item.finding.is_some_and(|f| f != Finding::CantTell));
            let good = theirs.clone().filter(|item| is(item, Finding::AsClaimed)).count();
            let population = u64::try_from(row.population).unwrap_or_default();
            Told { population, told: theirs.count() as u64, good: good as u64 }
        });
        Outcome {
            layer,
            found: mine.iter().filter(|item| item.finding.is_some()).count(),
            items: mine.len(),
            untold: mine.iter().filter(|item| is(item, Finding::CantTell)).count(),
            share: stratified(&told.collect::<Vec<_>>()),
        }
    };
    std::iter::once(None).chain(layers).map(of).collect()
}

/// The findings as CSV.
pub(super) fn file(row: &SampleRow, strata: &[StratumRow], items: &[ItemRow]) -> Result<Vec<u8>, ServiceError> {
    let write = || {
        let mut file = CsvWriter::for_spreadsheet(Vec::new())?;
        file.row([
            "sample",
            "value",
            "anchor",
            "no",
            "layer",
            "unit_id",
            "population",
            "assignment_id",
            "sha256",
            "finding",
            "found_at",
            "note",
        ])?;
        for item in items {
            let stratum = strata.iter().find(|stratum| stratum.no == item.stratum);
            let unit: Option<UnitId> = stratum.and_then(|stratum| stratum.unit_id);
            file.row([
                row.id.to_string(),
                row.value.clone(),
                row.anchor.clone(),
                item.no.to_string(),
                stratum.map(|stratum| stratum.layer.to_string()).unwrap_or_default(),
                unit.map(|id| id.to_string()).unwrap_or_default(),
                stratum.map(|stratum| stratum.population.to_string()).unwrap_or_default(),
                item.assignment_id.to_string(),
                item.order_sha256.clone(),
                item.finding.map(|finding| finding.to_string()).unwrap_or_default(),
                item.found_at.map(|at| at.0.to_rfc3339_opts(SecondsFormat::Micros, true)).unwrap_or_default(),
                item.note.clone(),
            ])?;
        }
        file.finish()
    };
    write().map_err(|error: std::io::Error| ServiceError::Internal(error.to_string()))
}
