//! One bundle of entries against the hashes that the tree has for it.

use std::collections::BTreeMap;

use super::event::{Event, Read, What, read};
use crate::ledger::leaf::leaf_hash;
use crate::ledger::tile::hashes;
use crate::ledger::tree::{Frontier, Hash};

/// A bundle that is what the tree says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The leaves' hashes.
    pub leaves: Vec<Hash>,
    /// The root of the subtree that they make.
    pub root: Hash,
    /// The entries that rules ask for: their places in the bundle, and what they say. The rest only with their time.
    pub events: Vec<Event>,
    /// How many entries there are of each kind.
    pub kinds: BTreeMap<Box<str>, u64>,
    /// How many entries have a form that is not known here.
    pub other_forms: u64,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Its hash is not the tree's.
    #[error("its bytes are not those that the tree was built of")]
    Hash,
    /// The bundle ends before or within it.
    #[error("it is cut off or missing")]
    Short,
    /// There are bytes after the last entry.
    #[error("there is something after the last entry that the tree knows nothing of")]
    Long,
    /// The tree's hashes have another number.
    #[error("the file with its hash is cut off, too long or missing")]
    Row,
    /// It is no entry of this log's form.
    #[error("it is in the tree, but is no entry: its form is none that this log writes")]
    NoEntry,
    /// The hashes above it do not follow from it.
    #[error("the tree's hashes above it do not follow from the entries")]
    Above,
}

/// Compares a bundle with the hashes of its leaves. `row` are their bytes.
///
/// # Errors
/// The place within the bundle of the first entry that is wrong, and what is.
pub fn examine(bundle: &[u8], row: &[u8], width: u16) -> Result<Examined, (u16, Wrong)> {
    let row = hashes(row, width).map_err(|_| (0, Wrong::Row))?;
    let mut examined = Examined {
        leaves: Vec::with_capacity(row.len()),
        root: [0; 32],
        events: Vec::with_capacity(row.len()),
        kinds: BTreeMap::new(),
        other_forms: 0,
    };
    let (mut rest, mut tree) = (bundle, Frontier::new());
    for (at, expected) in (0..width).zip(row) {
        let (length, after) = rest.split_first_chunk::<2>().ok_or((at, Wrong::Short))?;
        let length = usize::from(u16::from_be_bytes(*length));
        // What is cut off within is another entry than the tree's either way.
        let (leaf, after) = after.split_at_checked(length).ok_or((at, Wrong::Short))?;
        let hash = leaf_hash(leaf);
        if hash != *expected {
            return Err((at, Wrong::Hash));
        }
        examined.take(leaf, at)?;
        examined.leaves.push(hash);
        tree.append(hash);
        rest = after;
    }
    examined.root = tree.root();
    if rest.is_empty() { Ok(examined) } else { Err((width, Wrong::Long)) }
}

impl Examined {
    fn take(&mut self, leaf: &[u8], at: u16) -> Result<(), (u16, Wrong)> {
        match read(leaf) {
            Read::Entry(event, kind) => {
                *self.kinds.entry(kind).or_default() += 1;
                self.events.push(event);
            }
            Read::OtherForm => {
                self.other_forms += 1;
                let at_us = self.events.last().map_or(i64::MIN, |event| event.at_us);
                self.events.push(Event { id: 0, at_us, campaign: None, wave: None, assignment: None, what: What::Other });
            }
            Read::NoEntry => return Err((at, Wrong::NoEntry)),
        }
        Ok(())
    }
}
