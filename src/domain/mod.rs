//! Floor 1: what the words mean and what is allowed. Pure: no I/O, no clock, no database, no web.

pub mod account;
pub mod actor;
pub mod assignment;
pub mod audience;
pub mod campaign;
pub mod character;
pub mod content;
pub mod email;
pub mod event;
pub mod handle;
pub mod id;
pub mod kind;
pub mod locale;
pub mod member;
pub mod outbox;
pub mod person_name;
pub mod platform;
pub mod post_url;
pub mod recurrence;
pub mod refusal;
pub mod role;
pub mod similarity;
pub mod target;
pub mod text_enum;
pub mod wave;
pub mod zone;
