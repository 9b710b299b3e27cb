//! The campaigns that ran: the list, and a page for each.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Links, page, setting};
use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::content::Fact;
use crate::service::PageRequest;
use crate::service::register::{PublicCampaign, campaign};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register_campaigns.html")]
struct Campaigns {
    v: View,
    links: Links,
    campaigns: Vec<PublicCampaign>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/register_campaign.html")]
struct CampaignPage {
    v: View,
    links: Links,
    c: PublicCampaign,
    facts: Vec<Fact>,
    address: String,
}

impl CampaignPage {
    fn is_corrected(&self) -> bool {
        self.c.state == CampaignState::Corrected
    }
    fn has_withheld(&self) -> bool {
        self.c.layers.iter().any(|layer| layer.figures.is_none())
    }
}

/// Campaigns, latest first.
///
/// # Errors
/// A cursor that no page gave; the database's failure.
pub async fn list(req: HttpRequest, app: web::Data<App>, query: QueryFields) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let wanted = PageRequest { after: query.0.filled("after").map(str::to_owned), limit: 20 };
    let found = campaign::list(&app, wanted).await?;
    let next = found.next.map(|after| links.with("/register/campaigns", &[("after", &after)]));
    page(&req, &Campaigns { v, links, campaigns: found.items, next })
}

/// One campaign.
///
/// # Errors
/// Not found for one that has not run.
pub async fn show(req: HttpRequest, app: web::Data<App>, slug: web::Path<String>) -> Result<HttpResponse, Failure> {
    let (c, facts) = campaign::get(&app, slug.into_inner()).await?;
    let (v, links) = setting(&req);
    let address = links.whole(&format!("/register/campaigns/{}", c.slug));
    page(&req, &CampaignPage { v, links, c, facts, address })
}
