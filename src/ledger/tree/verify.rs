//! Checking proofs with the algorithms of RFC 9162 sections 2.1.3.2 (inclusion) and 2.1.4.2 (consistency).

use super::{Hash, empty_root, node_hash};

/// A proof does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// The index lies beyond the size, or the older size beyond the newer one.
    #[error("it is about more entries than the tree has")]
    Beyond,
    /// The proof has too many or too few hashes for these sizes.
    #[error("it has the wrong number of hashes for a tree of this size")]
    Length,
    /// The hashes lead to another root.
    #[error("its hashes lead to another root")]
    Root,
}

/// The root that an inclusion proof leads to.
///
/// # Errors
/// [`NotProven::Beyond`] or [`NotProven::Length`].
pub fn root_of_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash]) -> Result<Hash, NotProven> {
    if index >= size {
        return Err(NotProven::Beyond);
    }
    let (mut node, mut last, mut root) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(NotProven::Length);
        }
        if node & 1 == 1 || node == last {
            root = node_hash(sibling, &root);
            // Where the tree is not complete, the right edge has no sibling on some levels.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            root = node_hash(&root, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(root) } else { Err(NotProven::Length) }
}

/// Whether the leaf is at this index of the tree with this size and root.
///
/// # Errors
/// [`NotProven`] says why not.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> Result<(), NotProven> {
    if root_of_inclusion(index, size, leaf, proof)? == *root { Ok(()) } else { Err(NotProven::Root) }
}

/// Whether the newer tree begins with the older one; each is its size and its root.
///
/// # Errors
/// [`NotProven`] says why not.
pub fn verify_consistency(older: (u64, &Hash), newer: (u64, &Hash), proof: &[Hash]) -> Result<(), NotProven> {
    let ((older, older_root), (newer, newer_root)) = (older, newer);
    if older > newer {
        return Err(NotProven::Beyond);
    }
    if older == 0 || older == newer {
        let same = if older == newer { older_root == newer_root } else { *older_root == empty_root() };
        return match (proof.is_empty(), same) {
            (false, _) => Err(NotProven::Length),
            (true, false) => Err(NotProven::Root),
            (true, true) => Ok(()),
        };
    }
    let (mut node, mut last) = (older - 1, newer - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // A complete older tree is a node of the newer one: its root stands in for the proof's first hash.
    let (first, rest) = if node == 0 { (older_root, proof) } else { proof.split_first().ok_or(NotProven::Length)? };
    let (mut old_side, mut new_side) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return Err(NotProven::Length);
        }
        if node & 1 == 1 || node == last {
            old_side = node_hash(hash, &old_side);
            new_side = node_hash(hash, &new_side);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_side = node_hash(&new_side, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last == 0, old_side == *older_root && new_side == *newer_root) {
        (false, _) => Err(NotProven::Length),
        (true, false) => Err(NotProven::Root),
        (true, true) => Ok(()),
    }
}
