//! The way through an export from its first entry to its last: each bundle against its hashes, each hash against those below it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::bundle::{Examined, Wrong, examine};
use super::ids::Ids;
use super::known::Known;
use super::report::Report;
use super::rules::Rules;
use super::{Many, Unreadable};
use crate::ledger::export::{ExportError, Reader, Source};
use crate::ledger::tile::{HEIGHT, Layer, TILE, Tile, hashes};
use crate::ledger::tree::{Frontier, Hash};

/// Bundles that are read at once: what they hold is all that is in memory of the entries.
const AT_ONCE: u64 = 64;

/// What was met on the way.
pub(super) struct Walked {
    /// The roots at the sizes that were asked for, as far as the way went.
    pub roots: BTreeMap<u64, Hash>,
    /// The leaves at the indexes that were asked for, as far as the way went.
    pub leaves: BTreeMap<u64, Hash>,
    /// Whether the whole tree is the one that the checkpoint names.
    pub whole: bool,
    /// Whether it is not, although everything below it fits together.
    pub unvouched: bool,
}

struct Way<'a, S> {
    reader: &'a Reader<S>,
    sizes: &'a [u64],
    indexes: &'a [u64],
    tree: Frontier,
    /// By layer from 1: the nodes since the last tile that was compared.
    rows: Vec<Vec<Hash>>,
    walked: Walked,
    rules: Rules,
    ids: Ids,
}

/// Something that ends the way: an entry, and what is wrong with it.
type Stop = (u64, Wrong);

/// Reads everything, and notes what is wrong in the report, and what the tree is where something known speaks of it.
///
/// # Errors
/// The source's failure.
pub(super) fn walk<S: Source + Sync>(
    reader: &Reader<S>,
    known: &Known,
    many: &impl Many,
    progress: &dyn Fn(u64),
    report: &mut Report,
) -> Result<Walked, Unreadable> {
    let (sizes, indexes) = (&known.sizes(), &known.indexes());
    let size = reader.checkpoint().size;
    let walked = Walked { roots: BTreeMap::new(), leaves: BTreeMap::new(), whole: false, unvouched: false };
    let tree = Frontier::new();
    // A garbled size must not ask for memory that nobody has.
    let (rules, ids) = (Rules::for_size(size.min(1 << 34)), Ids::for_at_most(size.min(1 << 34)));
    let mut way = Way { reader, sizes, indexes, tree, rows: vec![Vec::new(); 8], walked, rules, ids };
    way.note_root();
    let stop = way.go(size, many, progress, report)?;
    let root = reader.checkpoint().root;
    match &stop {
        Some((index, wrong)) => report.fault(Some(*index), wrong.to_string()),
        None if way.tree.root() == root => way.walked.whole = true,
        None => {
            // Every tile was changed with its entry: what was signed before says how far it is still right.
            way.walked.unvouched = true;
            report.fault(None, "the entries do not make the root that was signed".to_owned());
        }
    }
    report.broke_rules(&way.rules.finish());
    if stop.is_none() && !way.ids.suspects().is_empty() {
        for (index, first) in again(reader, way.ids.suspects(), many)? {
            report.fault(Some(index), format!("it has the id of entry {first}"));
        }
    }
    Ok(way.walked)
}

/// The most entries with the id of another that are named.
const MOST_NAMED: usize = 20;

/// Reads the entries a second time for those of suspected ids: the entries that have the id of an earlier one, and which.
fn again<S: Source + Sync>(
    reader: &Reader<S>,
    suspects: &HashSet<u128>,
    many: &impl Many,
) -> Result<Vec<(u64, u64)>, Unreadable> {
    let (mut first, mut found) = (HashMap::new(), Vec::new());
    let bundles = reader.checkpoint().size.div_ceil(TILE);
    for next in (0..bundles).step_by(AT_ONCE as usize) {
        let count = usize::try_from(AT_ONCE.min(bundles - next)).unwrap_or_default();
        for (bundle, examined) in (next..).zip(many.each(count, |at| one(reader, next + at as u64))) {
            let Ok(examined) = examined? else { continue };
            for (index, event) in (bundle * TILE..).zip(&examined.events) {
                if !suspects.contains(&event.id) {
                    continue;
                }
                let before = *first.entry(event.id).or_insert(index);
                if before != index && found.len() < MOST_NAMED {
                    found.push((index, before));
                }
            }
        }
    }
    Ok(found)
}

impl<S: Source + Sync> Way<'_, S> {
    fn go(
        &mut self,
        size: u64,
        many: &impl Many,
        progress: &dyn Fn(u64),
        report: &mut Report,
    ) -> Result<Option<Stop>, Unreadable> {
        let bundles = size.div_ceil(TILE);
        let mut next = 0;
        while next < bundles {
            let count = AT_ONCE.min(bundles - next);
            let (reader, first) = (self.reader, next);
            let examined = many.each(usize::try_from(count).unwrap_or_default(), |at| one(reader, first + at as u64));
            for bundle in examined {
                match bundle? {
                    Err((place, wrong)) => return Ok(Some((next * TILE + u64::from(place), wrong))),
                    Ok(bundle) => {
                        if let Some(stop) = self.take(next, bundle, report)? {
                            return Ok(Some(stop));
                        }
                    }
                }
                next += 1;
            }
            progress(self.tree.size());
        }
        for level in 1..8 {
            let rest = self.rows.get(usize::from(level)).is_some_and(|row| !row.is_empty());
            if let Some(stop) = if rest { self.compare(level)? } else { None } {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    /// Goes on with a bundle whose entries are those of the tree's hashes.
    fn take(&mut self, number: u64, bundle: Examined, report: &mut Report) -> Result<Option<Stop>, Unreadable> {
        let start = number * TILE;
        for (index, event) in (start..).zip(&bundle.events) {
            self.rules.next(index, event);
            if event.id != 0 {
                self.ids.take(event.id);
            }
        }
        for (kind, count) in bundle.kinds {
            *report.kinds.entry(kind).or_default() += count;
        }
        report.other_forms += bundle.other_forms;
        let end = start + bundle.leaves.len() as u64;
        for index in self.indexes.iter().filter(|index| (start..end).contains(index)) {
            let leaf = usize::try_from(index - start).ok().and_then(|at| bundle.leaves.get(at));
            self.walked.leaves.extend(leaf.map(|leaf| (*index, *leaf)));
        }
        let inside = self.sizes.iter().any(|size| (start + 1..end).contains(size));
        if bundle.leaves.len() as u64 == TILE && !inside && self.tree.append_subtree(HEIGHT, bundle.root) {
            self.note_root();
        } else {
            for leaf in bundle.leaves {
                self.tree.append(leaf);
                self.note_root();
            }
        }
        if end.is_multiple_of(TILE) { self.rise(bundle.root) } else { Ok(None) }
    }

    /// A complete subtree's root goes into the row above it; rows that are complete are compared with their tiles.
    fn rise(&mut self, root: Hash) -> Result<Option<Stop>, Unreadable> {
        let mut rising = Some(root);
        for level in 1..8_u8 {
            let (Some(node), Some(row)) = (rising.take(), self.rows.get_mut(usize::from(level))) else { break };
            row.push(node);
            if row.len() as u64 == TILE {
                let mut above = Frontier::new();
                row.iter().for_each(|hash| above.append(*hash));
                if let Some(stop) = self.compare(level)? {
                    return Ok(Some(stop));
                }
                rising = Some(above.root());
            }
        }
        Ok(None)
    }

    /// Compares a row with its tile, and begins the next one.
    fn compare(&mut self, level: u8) -> Result<Option<Stop>, Unreadable> {
        let Some(row) = self.rows.get_mut(usize::from(level)).map(std::mem::take) else { return Ok(None) };
        let nodes = self.tree.size() >> (HEIGHT * level);
        let first = nodes - row.len() as u64;
        let tile = Tile { layer: Layer::Hashes(level), index: first / TILE, width: row.len() as u16 };
        let leaf = |node: u64| node << (HEIGHT * level);
        let Some(bytes) = present(self.reader.tile(tile))? else { return Ok(Some((leaf(first), Wrong::Above))) };
        let Ok(found) = hashes(&bytes, tile.width) else { return Ok(Some((leaf(first), Wrong::Above))) };
        let wrong = (first..).zip(row.iter().zip(found)).find(|(_, (expected, found))| expected != found);
        Ok(wrong.map(|(node, _)| (leaf(node), Wrong::Above)))
    }

    fn note_root(&mut self) {
        let size = self.tree.size();
        if self.sizes.binary_search(&size).is_ok() {
            self.walked.roots.insert(size, self.tree.root());
        }
    }
}

/// A bundle and its hashes, compared.
fn one<S: Source>(reader: &Reader<S>, number: u64) -> Result<Result<Examined, (u16, Wrong)>, ExportError> {
    let bundle = reader.place_of(Layer::Entries, number);
    let row = reader.place_of(Layer::Hashes(0), number);
    let Some(row) = present(reader.tile(row))? else { return Ok(Err((0, Wrong::Row))) };
    let Some(bytes) = present(reader.tile(bundle))? else { return Ok(Err((0, Wrong::Short))) };
    Ok(examine(&bytes, &row, bundle.width))
}

/// A file that may be missing: that is a fault of the export, not of the machine.
fn present(read: Result<Vec<u8>, ExportError>) -> Result<Option<Vec<u8>>, ExportError> {
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ExportError::Missing(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
