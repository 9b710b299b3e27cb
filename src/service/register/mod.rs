//! The public register: who speaks for this institution, and what was asked of them. Read without signing in.

pub mod account;
pub mod campaign;
pub mod claim;
pub mod news;

pub use account::count;
pub use account::{Answer, Ask, FormerAccount, PublicAccount, Standing};
pub use campaign::{PublicCampaign, PublicCorrection, PublicLayer};
pub use claim::{PublicAnswer, PublicClaim};

use chrono::DateTime;
use chrono::Utc;

use super::error::ServiceError;

/// A cursor after an instant and an id.
fn cursor(at: DateTime<Utc>, id: impl std::fmt::Display) -> String {
    format!("{}_{id}", at.timestamp_micros())
}

fn not_ours() -> ServiceError {
    ServiceError::field("after", "page.cursor", "This cursor is not one that a page gave; start at the first page")
}
