//! What a file has named already, at twelve bytes a name: a million rows must not be held to find one that is listed twice.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Names by their 64-bit hash under a random key, each with the line that gave it. Two names of a million share a hash once in
/// 40 million files.
#[derive(Debug, Default)]
pub(super) struct Seen {
    keys: RandomState,
    /// The hash in halves: as one number it would be held at eight bytes' distance, and each place take sixteen.
    lines: HashMap<[u32; 2], u32>,
}

impl Seen {
    /// Notes a name; gives the line that named it before, if one did.
    pub(super) fn before(&mut self, name: impl std::hash::Hash, line: u64) -> Option<u64> {
        let hash = self.keys.hash_one(name);
        let half = |part: u64| u32::try_from(part & u64::from(u32::MAX)).unwrap_or_default();
        let key = [half(hash >> 32), half(hash)];
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match self.lines.entry(key) {
            std::collections::hash_map::Entry::Occupied(first) => Some(u64::from(*first.get())),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(line);
                None
            }
        }
    }
}
