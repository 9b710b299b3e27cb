//! The lead's and the approver's pages about campaigns: the list, one campaign, its preview, writing it, moving it on.

pub mod act;
pub mod approvals;
pub mod compose;
pub mod correct;
pub mod delivery;
pub mod difference;
pub mod list;
pub mod live;
pub mod person;
pub mod picture;
pub mod plan;
pub mod preview;
pub mod review;
pub mod show;

use crate::domain::id::CampaignId;
use crate::web::error::Failure;

/// The campaign that an address names.
///
/// # Errors
/// [`Failure::NoRoute`] for what is no id.
pub fn read_id(text: &str) -> Result<CampaignId, Failure> {
    text.parse().map_err(|_| Failure::NoRoute)
}
