//! Making proofs from nodes that are at hand: RFC 6962 sections 2.1.1 (inclusion) and 2.1.2 (consistency).

use super::{Hash, empty_root, node_hash, split};

/// Where a tree's complete nodes are read from.
pub trait Hashes {
    /// What goes wrong on reading.
    type Error;

    /// The root of the complete subtree of the leaves from `index` × 2^`level` to (`index` + 1) × 2^`level` (exclusive): level 0 is a leaf.
    ///
    /// # Errors
    /// The node cannot be read; a tree asked within its size is only asked for nodes that it has.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// A proof was asked for that no tree of this size has, or its nodes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutOfTree<E> {
    /// The index or the older size lies beyond the tree's size.
    #[error("{asked} lies beyond the tree's {size} entries")]
    Beyond {
        /// The index, or the older size.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The nodes could not be read.
    #[error(transparent)]
    Nodes(#[from] E),
}

/// The hash of the leaves from `start` to `end` (exclusive), where `start` is a multiple of a power of two not smaller than the range,
/// as all ranges are that RFC 6962 splits a tree into.
///
/// # Errors
/// What the nodes' source says.
pub fn range_hash<H: Hashes>(nodes: &H, start: u64, end: u64) -> Result<Hash, H::Error> {
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2() as u8;
        parts.push(nodes.node(level, at >> level)?);
        at += 1 << level;
    }
    let mut from_the_right = parts.into_iter().rev();
    let Some(last) = from_the_right.next() else { return Ok(empty_root()) };
    Ok(from_the_right.fold(last, |right, left| node_hash(&left, &right)))
}

/// The proof that the leaf at `index` is in the tree of `size` leaves: the leaf's sibling first, the root's child last.
///
/// # Errors
/// [`OutOfTree`] where there is no such leaf, or a node cannot be read.
pub fn inclusion_proof<H: Hashes>(nodes: &H, index: u64, size: u64) -> Result<Vec<Hash>, OutOfTree<H::Error>> {
    if index >= size {
        return Err(OutOfTree::Beyond { asked: index, size });
    }
    let (mut start, mut end, mut proof) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_hash(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(nodes, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `size` leaves begins with the tree of `older` leaves. Empty where both are the same, or `older` is 0.
///
/// # Errors
/// [`OutOfTree`] where `older` is larger than `size`, or a node cannot be read.
pub fn consistency_proof<H: Hashes>(nodes: &H, older: u64, size: u64) -> Result<Vec<Hash>, OutOfTree<H::Error>> {
    if older > size {
        return Err(OutOfTree::Beyond { asked: older, size });
    }
    let (mut start, mut end, mut proof) = (0, size, Vec::new());
    if older == 0 {
        return Ok(proof);
    }
    while older < end {
        let middle = start + split(end - start);
        if older <= middle {
            proof.push(range_hash(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(nodes, start, middle)?);
            start = middle;
        }
    }
    // The older tree itself is known to whoever checks, unless it was split on the way.
    if start > 0 {
        proof.push(range_hash(nodes, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}
