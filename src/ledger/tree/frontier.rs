//! The compact form of a growing tree: the roots of its complete subtrees, at most 63 hashes for any size.

use super::{Hash, MOST_LEAVES, empty_root, node_hash};

/// A tree of some size, as far as appending to it and knowing its root need it: the roots of the complete subtrees that its leaves
/// fall into, the largest (leftmost) first, one for each bit that is set in the size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

/// Bytes that are no frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no compact tree: their length does not fit the size that they name")]
pub struct BadFrontier;

impl Frontier {
    /// A tree without leaves.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, roots: Vec::new() }
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root hash of the tree of this size.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut from_the_right = self.roots.iter().rev();
        let Some(last) = from_the_right.next() else { return empty_root() };
        from_the_right.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Appends a leaf by its hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_noting(leaf, |_, _, _| ());
    }

    /// Appends a leaf by its hash, and tells of each node that is thereby complete for ever: its level (0: leaves), its index within
    /// the level, its hash; the leaf itself first.
    pub fn append_noting(&mut self, leaf: Hash, mut note: impl FnMut(u8, u64, &Hash)) {
        let (mut level, mut index, mut hash) = (0_u8, self.size, leaf);
        note(level, index, &hash);
        while index & 1 == 1 {
            // An odd index has its left sibling among the roots: one for each bit set.
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            index >>= 1;
            note(level, index, &hash);
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// Appends a complete subtree of 2^`level` leaves by its root. `false`, and nothing appended, where the size is no multiple of that.
    #[must_use]
    pub fn append_subtree(&mut self, level: u8, root: Hash) -> bool {
        if level >= 63 || !self.size.is_multiple_of(1 << level) || self.size > MOST_LEAVES - (1 << level) {
            return false;
        }
        let (mut index, mut hash) = (self.size >> level, root);
        while index & 1 == 1 {
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
        }
        self.roots.push(hash);
        self.size += 1 << level;
        true
    }

    /// Its bytes: the size, big-endian in 8 bytes, then the roots, the leftmost first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 32 * self.roots.len());
        bytes.extend_from_slice(&self.size.to_be_bytes());
        bytes.extend(self.roots.iter().flatten());
        bytes
    }

    /// A frontier from its bytes.
    ///
    /// # Errors
    /// [`BadFrontier`] where the number of hashes is not the number of bits set in the size, or the size is beyond [`MOST_LEAVES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadFrontier> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(BadFrontier)?;
        let size = u64::from_be_bytes(*size);
        let (roots, rest) = hashes.as_chunks::<32>();
        if !rest.is_empty() || size > MOST_LEAVES || roots.len() != size.count_ones() as usize {
            return Err(BadFrontier);
        }
        Ok(Self { size, roots: roots.to_vec() })
    }

    /// The frontier of the first `size` leaves of a tree whose nodes are at hand.
    ///
    /// # Errors
    /// What the nodes' source says.
    pub fn of<H: super::Hashes>(nodes: &H, size: u64) -> Result<Self, H::Error> {
        let mut roots = Vec::with_capacity(size.count_ones() as usize);
        let mut start = 0;
        for level in (0..64_u8).rev().filter(|level| size >> level & 1 == 1) {
            roots.push(nodes.node(level, start >> level)?);
            start += 1 << level;
        }
        Ok(Self { size, roots })
    }
}
