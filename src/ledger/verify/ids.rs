//! Whether any entry's id comes twice, in six bytes an entry: ten million fit an auditor's machine beside the rest.
//!
//! That no id repeats follows from nothing else: the tree takes the same bytes as often as they are given. A table holds 32 bits of a
//! keyed hash of each id. Where one is met a second time its id is only *suspected*: among ten million that happens by chance once in some
//! four hundred runs, and a second reading compares the suspects' ids as they are. So what is reported is certain, and what is not
//! reported is too: equal ids always have equal hashes. The key is drawn anew for each run, so nobody can make ids that look alike.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

/// The most suspects that are looked at a second time. An honest log has none, or one.
const MOST: usize = 10_000;

/// The ids of the entries so far, and those that may have come before.
pub struct Ids {
    slots: Vec<u32>,
    hash: RandomState,
    suspects: HashSet<u128>,
}

impl Ids {
    /// For at most so many: six bytes each, taken from the machine as they are used.
    #[must_use]
    pub fn for_at_most(ids: u64) -> Self {
        let slots = usize::try_from(ids.saturating_add(ids / 2).saturating_add(16)).unwrap_or(usize::MAX);
        Self { slots: vec![0; slots], hash: RandomState::new(), suspects: HashSet::new() }
    }

    /// Takes in the next entry's id.
    pub fn take(&mut self, id: u128) {
        let hash = self.hash.hash_one(id);
        let start = usize::try_from((u128::from(hash) * self.slots.len() as u128) >> 64).unwrap_or_default();
        // Zero is an empty slot.
        let mark = u32::try_from(hash & u64::from(u32::MAX)).unwrap_or_default().max(1);
        let (before, after) = self.slots.split_at_mut(start);
        for slot in after.iter_mut().chain(before) {
            if *slot == mark {
                if self.suspects.len() < MOST {
                    self.suspects.insert(id);
                }
                return;
            }
            if *slot == 0 {
                *slot = mark;
                return;
            }
        }
    }

    /// Ids that may have come twice.
    #[must_use]
    pub const fn suspects(&self) -> &HashSet<u128> {
        &self.suspects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_is_always_suspected_and_hardly_anything_else() {
        let mut ids = Ids::for_at_most(200_000);
        (0..100_000_u128).for_each(|id| ids.take(id << 40));
        // By chance: 100,000 ids, some slots each, 32 bits.
        assert!(ids.suspects().len() < 20, "{}", ids.suspects().len());
        (0..100_000_u128).step_by(1_000).for_each(|id| ids.take(id << 40));
        assert!((0..100_000_u128).step_by(1_000).all(|id| ids.suspects().contains(&(id << 40))));
        // A table that is full forgets nothing of what it holds.
        let mut full = Ids::for_at_most(0);
        (0..100).for_each(|id| full.take(id));
        full.take(3);
        assert!(full.suspects().contains(&3));
    }
}
