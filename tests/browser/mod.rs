//! Tests in a real browser: every page in both languages and both themes, and each desk's way through its work.
//!
//! A new page needs an entry in `catalogue.rs`; nothing else. Chromium, chromedriver and axe-core come from `./scripts/test`.

mod address;
mod catalogue;
mod chrome;
mod claims;
mod controls;
mod journeys;
mod org;
mod pages;
mod pictures;
mod probes;
mod samples;
mod scene;
mod setting;
