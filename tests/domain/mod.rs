//! Tests of the pure rules that are too long to stand beside them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod mail_hours;
mod never_panics;
mod post_url;
mod recurrence;
mod recurrence_oracle;
