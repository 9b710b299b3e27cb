//! What an auditor takes away: a campaign's dossier and a drawn sample.

pub mod dossier;
pub mod kept;
pub mod sample;
pub mod send;
