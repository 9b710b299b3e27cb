//! Floor 4, time in: the scheduler's time table and its heart-beat. No rules and no rows: each sweep is a use case.

pub mod heartbeat;
pub mod schedule;

pub use schedule::tick;
