//! Floor 1: what the words mean and what is allowed. Pure: no I/O, no clock, no database, no web.

pub mod email;
pub mod handle;
pub mod id;
pub mod person_name;
pub mod platform;
pub mod post_url;
pub mod recurrence;
pub mod similarity;
pub mod text_enum;
pub mod zone;
