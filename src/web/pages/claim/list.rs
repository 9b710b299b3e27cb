//! The claims within reach, the newest first; at first those that are not closed.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::domain::claim::ClaimState;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum;
use crate::service::PageRequest;
use crate::service::claim::{self, ClaimFilter, ClaimLine};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::org::{UnitChoice, address, choices, read_id};
use crate::web::pages::page;
use crate::web::view::View;

/// Claims on one page.
const SHOWN: u32 = 30;
/// The fields of the filter.
const FILTER: [&str; 4] = ["q", "state", "unit", "mine"];

#[derive(Template)]
#[template(path = "pages/claims.html")]
struct ClaimsPage {
    v: View,
    t: Fields,
    units: Vec<UnitChoice>,
    claims: Vec<ClaimLine>,
    next_url: Option<String>,
}

impl ClaimsPage {
    #[allow(clippy::unused_self)] // A template reaches it by the page.
    fn colour(&self, state: &ClaimState) -> &'static str {
        super::colour(*state)
    }
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
    fn is_filtered(&self) -> bool {
        FILTER.iter().any(|field| self.t.filled(field).is_some())
    }
    fn may_file(&self) -> bool {
        self.v.may(Act::RunCampaigns)
    }
}

/// The states that a word of the filter means; none: those that are not closed.
fn states(word: &str) -> Vec<ClaimState> {
    match word {
        "all" => ClaimState::ALL.to_vec(),
        word => ClaimState::parse(word).into_iter().collect(),
    }
}

/// The list.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who sees no campaigns.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let t = query.0;
    let filter = ClaimFilter {
        unit_id: t.filled("unit").map(read_id).transpose()?,
        states: states(t.get("state")),
        mine: t.is_set("mine"),
        text: t.get("q").to_owned(),
    };
    let wanted = PageRequest { after: t.filled("after").map(str::to_owned), limit: SHOWN };
    let found = claim::search(&app, &signed.caller, filter, wanted).await?;
    let next_url = found.next.map(|after| address("/claims", &t, &FILTER, &after));
    let units = choices(&app, &signed, Act::ViewCampaigns).await?;
    page(&ClaimsPage { v: View::of_user(&req, &signed), t, units, claims: found.items, next_url })
}
