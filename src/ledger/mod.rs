//! Floor 1: what an entry of the log commits to. Pure, so that an auditor can run it offline without a database.

pub mod canonical;
pub mod commitment;
pub mod content_hash;
pub mod leaf;
