//! Looking after an installation: what it tells of itself, what it does not tell, and how it comes back.

mod alerts;
mod backup;
mod checks;
mod erased;
mod figures;
mod names;
mod pitr;
mod restored;
mod secrets;
