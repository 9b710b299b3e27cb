//! The Merkle tree over the log's leaves: RFC 6962 section 2.1, SHA-256.

mod frontier;
mod proofs;
mod verify;

use sha2::{Digest, Sha256};

pub use frontier::{BadFrontier, Frontier};
pub use proofs::{Hashes, OutOfTree, consistency_proof, inclusion_proof, range_hash};
pub use verify::{NotProven, root_of_inclusion, verify_consistency, verify_inclusion};

pub use super::leaf::leaf_hash;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The most leaves that a tree may have: 2^63 − 1, so that a size fits a signed number everywhere.
pub const MOST_LEAVES: u64 = i64::MAX.unsigned_abs();

/// The root of a tree without leaves: the hash of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The hash of an inner node: `SHA-256(01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut block = [1_u8; 65];
    for (to, from) in block.iter_mut().skip(1).zip(left.iter().chain(right)) {
        *to = *from;
    }
    Sha256::digest(block).into()
}

/// The largest power of two smaller than `n`, for `n` ≥ 2: where RFC 6962 splits a tree.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}
