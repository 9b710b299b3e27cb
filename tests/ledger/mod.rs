//! The log's pure half: trees, notes, checkpoints, tiles, proofs, and the verifier.

mod notes;
mod tiles;
mod trees;
