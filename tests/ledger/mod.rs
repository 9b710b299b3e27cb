//! The log's pure half: trees, notes, checkpoints, tiles, proofs, exports, and the verifier.

mod commands;
mod exports;
mod notes;
mod rules;
pub mod sample;
mod tamper;
mod tiles;
mod trees;
