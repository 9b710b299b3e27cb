//! Floor 1: what an entry of the log commits to. Pure, so that an auditor can run it offline without a database.

pub mod canonical;
pub mod checkpoint;
pub mod commitment;
pub mod content_hash;
pub mod cosign;
pub mod draw;
pub mod export;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod text;
pub mod tile;
pub mod tree;
pub mod verify;
