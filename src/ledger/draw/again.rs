//! Drawing again from an export: what was announced, what was drawn by it, and whether that is what follows.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::frame::{Frame, Plan, read};
use super::{Drawn, Picks, digest, seed};
use crate::ledger::export::{ExportError, Reader, Source};
use crate::ledger::leaf::EntryLeaf;
use crate::ledger::tile::{Layer, TILE, entries};
use crate::ledger::tree::Frontier;

/// Why nothing could be drawn.
#[derive(Debug, thiserror::Error)]
pub enum NotDrawn {
    /// The export.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The export is of another log, or ends before the checkpoint.
    #[error("the draw is from the first {size} entries of {origin}; the export holds {has} entries of {own}")]
    OtherLog {
        /// The plan's log.
        origin: String,
        /// The plan's size.
        size: u64,
        /// The export's log.
        own: String,
        /// The export's size.
        has: u64,
    },
    /// The tree over those entries is another.
    #[error("the first {0} entries of the export do not make the root that was announced")]
    OtherRoot(u64),
}

/// What the log says of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The entry that announced it, counted from 0.
    pub index: u64,
    /// What was announced.
    pub plan: Plan,
    /// What was drawn; none where nothing was yet.
    pub told: Option<Told>,
}

/// What the log says was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The entry that says so, counted from 0.
    pub index: u64,
    /// The public value.
    pub value: String,
    /// SHA-256 of the drawn assignments' ids.
    pub items_sha256: String,
}

#[derive(Deserialize)]
struct Of {
    sample: Uuid,
}

#[derive(Deserialize)]
struct DrawnBy {
    value: String,
    items_sha256: String,
}

/// What an export says of a sample; none where it says nothing. `progress` hears how many entries were read.
///
/// # Errors
/// The export's failure.
pub fn announced<S: Source>(reader: &Reader<S>, sample: Uuid, progress: &dyn Fn(u64)) -> Result<Option<Announced>, ExportError> {
    let mut found: Option<Announced> = None;
    each(reader, reader.checkpoint().size, progress, |index, bytes| {
        // Two of thousands of entries: a look at the bytes before they are read.
        if !bytes.windows(KIND.len()).any(|part| part == KIND) {
            return;
        }
        let Some(leaf) = EntryLeaf::decode(bytes) else { return };
        if of(&leaf.payload).is_none_or(|of: Of| of.sample != sample) {
            return;
        }
        match (leaf.kind.as_str(), &mut found) {
            ("sample.announced", None) => {
                found = of(&leaf.payload).map(|plan| Announced { index, plan, told: None });
            }
            ("sample.drawn", Some(announced)) if announced.told.is_none() => {
                let told = of(&leaf.payload).map(|DrawnBy { value, items_sha256 }| Told { index, value, items_sha256 });
                announced.told = told;
            }
            _ => {}
        }
    })?;
    Ok(found)
}

const KIND: &[u8] = b"\"kind\":\"sample.";

fn of<T: for<'de> Deserialize<'de>>(payload: &Value) -> Option<T> {
    T::deserialize(payload).ok()
}

/// Draws by a plan and a value from an export. The export is to be verified before: what is read here is believed.
///
/// # Errors
/// [`NotDrawn`].
pub fn draw<S: Source>(
    reader: &Reader<S>,
    plan: &Plan,
    value: &str,
    progress: &dyn Fn(u64),
) -> Result<(String, Drawn<()>), NotDrawn> {
    let own = reader.checkpoint();
    let other = || NotDrawn::OtherLog { origin: plan.origin.clone(), size: plan.size, own: own.origin.clone(), has: own.size };
    if own.origin != plan.origin || own.size < plan.size {
        return Err(other());
    }
    let root = Frontier::of(reader, plan.size)?.root();
    let frame = plan.frame().filter(|frame| frame.root == root).ok_or(NotDrawn::OtherRoot(plan.size))?;
    let seed = seed(&frame, value);
    let (mut frame, mut picks) = (Frame::of(plan), Picks::new(seed.clone(), plan.asked));
    each(reader, plan.size, progress, |_, bytes| {
        if let Some(said) = read(bytes) {
            frame.learn(said);
        }
    })?;
    each(reader, plan.size, progress, |_, bytes| {
        if let Some(said) = read(bytes) {
            frame.count(said, &mut picks);
        }
    })?;
    frame.end(&mut picks);
    Ok((seed, picks.end()))
}

impl Told {
    /// Whether this is what was drawn.
    #[must_use]
    pub fn is(&self, drawn: &Drawn<()>) -> bool {
        self.items_sha256 == digest(drawn.items.iter().map(|item| item.id))
    }
}

/// Goes through the first entries of an export.
fn each<S: Source>(
    reader: &Reader<S>,
    size: u64,
    progress: &dyn Fn(u64),
    mut take: impl FnMut(u64, &[u8]),
) -> Result<(), ExportError> {
    for number in 0..size.div_ceil(TILE) {
        let place = reader.place_of(Layer::Entries, number);
        let bytes = reader.tile(place)?;
        let bundle = entries(&bytes, place.width).map_err(|why| ExportError::Tile { path: place.path(), why })?;
        let start = number * TILE;
        for (index, leaf) in (start..size).zip(bundle) {
            take(index, leaf);
        }
        progress(size.min(start + TILE));
    }
    Ok(())
}
