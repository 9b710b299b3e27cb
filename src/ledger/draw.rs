//! Drawing a sample that anybody draws again: the seed, the order, the strata and their shares.
//!
//! The draw is bound to a checkpoint that is announced before the public value is known: who keeps the log can't choose the value, and
//! who types it can't choose the log.

mod again;
mod frame;

use std::collections::{BTreeMap, BinaryHeap};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use again::{Announced, NotDrawn, Told, announced, draw};
pub use frame::{COUNTED, Frame, LEARNED, Plan, Said, read, said};

use super::checkpoint::Checkpoint;

/// What the seed begins with: no other hash here has these bytes before it.
pub const DOMAIN: &str = "gaung/sample/1";

/// The seed: SHA-256, in hexadecimal digits, of [`DOMAIN`] and a line feed, of the checkpoint's three lines (origin, size, root) as its
/// note has them, and of the public value in UTF-8.
#[must_use]
pub fn seed(frame: &Checkpoint, value: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(DOMAIN.as_bytes());
    hash.update(b"\n");
    hash.update(Checkpoint::new(&frame.origin, frame.size, frame.root).text().as_bytes());
    hash.update(value.as_bytes());
    hex::encode(hash.finalize())
}

/// `SHA-256(seed ‖ LF ‖ assignment id)`: the order of the draw. The id is in lower case with hyphens.
#[must_use]
pub fn order(seed: &str, id: Uuid) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.as_bytes());
    hash.update(b"\n");
    hash.update(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
    hash.finalize().into()
}

/// SHA-256, in hexadecimal digits, of drawn assignments' ids in their order, one a line: what the log has of a draw.
#[must_use]
pub fn digest(ids: impl IntoIterator<Item = Uuid>) -> String {
    let mut hash = Sha256::new();
    ids.into_iter().for_each(|id| hash.update(format!("{id}\n").as_bytes()));
    hex::encode(hash.finalize())
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

/// A layer's completions in one of the top units, those right below a root, or in all that are too small to stand alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// The layer's number; 0 where the log does not say it.
    pub layer: i16,
    /// The top unit; none: the small ones together.
    pub unit: Option<Uuid>,
    /// Completions in it.
    pub population: usize,
    /// Those drawn.
    pub drawn: usize,
}

/// A drawn assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<T> {
    /// Its stratum, counted from 0.
    pub stratum: usize,
    /// The layer's number.
    pub layer: i16,
    /// The assignment.
    pub id: Uuid,
    /// The hash that put it here.
    pub hash: [u8; 32],
    /// What was handed in with it.
    pub with: T,
}

/// What was drawn: the strata, and the items by stratum and then by hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn<T> {
    /// The strata, by layer and unit.
    pub strata: Vec<Stratum>,
    /// The items.
    pub items: Vec<Item<T>>,
}

/// A stratum while its completions are read: how many there are, and those with the smallest hashes.
struct Pile<T> {
    population: usize,
    best: BinaryHeap<([u8; 32], Uuid, T)>,
}

type Key = (i16, Option<Uuid>);

/// A draw while the completions are read: one after the other, in any order, with memory for `n` of each stratum.
pub struct Picks<T> {
    seed: String,
    n: usize,
    piles: BTreeMap<Key, Pile<T>>,
}

impl<T: Ord> Picks<T> {
    /// By this seed, of so many.
    #[must_use]
    pub const fn new(seed: String, n: usize) -> Self {
        Self { seed, n, piles: BTreeMap::new() }
    }

    /// Takes in a completion: its layer, its top unit, its assignment, and what comes along.
    pub fn take(&mut self, layer: i16, top: Uuid, id: Uuid, with: T) {
        let pile = self.piles.entry((layer, Some(top))).or_insert_with(|| Pile { population: 0, best: BinaryHeap::new() });
        pile.population += 1;
        pile.best.push((order(&self.seed, id), id, with));
        if pile.best.len() > self.n {
            pile.best.pop();
        }
    }

    /// The draw.
    #[must_use]
    pub fn end(self) -> Drawn<T> {
        let n = self.n;
        let piles = pooled(self.piles, n);
        let populations: Vec<usize> = piles.values().map(|pile| pile.population).collect();
        let shares = shares(n, &populations);
        let mut drawn = Drawn { strata: Vec::new(), items: Vec::new() };
        for (((layer, unit), pile), share) in piles.into_iter().zip(shares) {
            let stratum = drawn.strata.len();
            drawn.strata.push(Stratum { layer, unit, population: pile.population, drawn: share });
            let best = pile.best.into_sorted_vec().into_iter().take(share);
            drawn.items.extend(best.map(|(hash, id, with)| Item { stratum, layer, id, hash, with }));
        }
        drawn
    }
}

/// Strata that would get less than one item of `n` by their size, put together with the others of their layer that would.
fn pooled<T: Ord>(piles: BTreeMap<Key, Pile<T>>, n: usize) -> BTreeMap<Key, Pile<T>> {
    let total: usize = piles.values().map(|pile| pile.population).sum();
    let mut pooled: BTreeMap<Key, Pile<T>> = BTreeMap::new();
    for ((layer, unit), pile) in piles {
        let stands_alone = pile.population.saturating_mul(n) >= total;
        let key = (layer, unit.filter(|_| stands_alone));
        let into = pooled.entry(key).or_insert_with(|| Pile { population: 0, best: BinaryHeap::new() });
        into.population += pile.population;
        into.best.extend(pile.best);
        while into.best.len() > n {
            into.best.pop();
        }
    }
    pooled
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
    fn the_seed_is_the_stated_hash() {
        // printf 'gaung/sample/1\nexample.org/ledger\n7\n%s\nIHSG 7412,81' "$(head -c 32 /dev/zero | base64)" | sha256sum
        let frame = Checkpoint::new("example.org/ledger", 7, [0; 32]);
        let found = seed(&frame, "IHSG 7412,81");
        assert_eq!(found, "bb9dc6dbf758889c56623829bbc75a24716453e897e04d0833465d3223227cd8");
        // Further lines of a note are no part of it; everything else is.
        assert_eq!(seed(&Checkpoint { extensions: vec!["more".into()], ..frame.clone() }, "IHSG 7412,81"), found);
        for other in [
            seed(&Checkpoint { size: 8, ..frame.clone() }, "IHSG 7412,81"),
            seed(&Checkpoint { root: [1; 32], ..frame.clone() }, "IHSG 7412,81"),
            seed(&Checkpoint { origin: "example.org/other".into(), ..frame.clone() }, "IHSG 7412,81"),
            seed(&frame, "IHSG 7412,82"),
        ] {
            assert_ne!(other, found);
        }
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
