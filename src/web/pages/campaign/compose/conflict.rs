//! Somebody was faster: who and when, and how what is stored now differs from what was typed. What was typed stays in the form.

use super::super::{difference, list};
use crate::app::App;
use crate::domain::content::CampaignContent;
use crate::domain::difference::Difference;
use crate::service::campaign::{self, CampaignView, LastEdit};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::view::View;

/// What a reader must know before saving over somebody else's change.
pub struct Conflict {
    /// Who changed it, and when.
    pub last: Option<LastEdit>,
    /// From what is stored to what was typed.
    pub differences: Vec<Difference>,
}

/// Lays what is stored beside what was typed.
///
/// # Errors
/// The database's failure.
pub async fn with(
    (app, signed, v): (&App, &Signed, &View),
    stored: &CampaignView,
    typed: &CampaignContent,
) -> Result<Conflict, Failure> {
    let last = campaign::last_edit(app, &signed.caller, stored.id).await?;
    let units = list::unit_names(app, signed).await?;
    Ok(Conflict { last, differences: difference::between(v, &units, &stored.content, typed) })
}
