//! Floor 2: mail. Texts (`render`), message bytes (`message`), and the client that hands them to a relay (`smtp`). Imports only `domain`.
//!
//! The way of one mail: a typed [`render::MailContext`] becomes [`render::Rendered`] texts, [`compose::compose`] puts them with the
//! headers into RFC 5322 bytes, [`smtp::Pool::send`] hands the bytes over and answers with an [`outcome::Outcome`], which says
//! what the caller may do next. Nothing here knows of the outbox, the clock or the configuration file.

mod calendar;
pub mod compose;
pub mod deliverability;
pub mod dkim;
mod encode;
pub mod envelope;
pub mod kept;
pub mod message;
pub mod outcome;
mod parts;
pub mod render;
pub mod report;
pub mod sample;
pub mod smtp;
pub mod transport;
mod words;
