//! The campaigns within reach, newest first.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::domain::text_enum::TextEnum;
use crate::service::campaign::{self, CampaignLine, ListCampaigns};
use crate::service::page::PageRequest;
use crate::service::unit;
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/campaigns.html")]
struct CampaignsPage {
    v: View,
    state: Option<CampaignState>,
    campaigns: Vec<CampaignLine>,
    units: HashMap<UnitId, String>,
    may_write: bool,
    next_url: Option<String>,
}

/// A state to choose, with the address that shows it.
struct StateLink {
    url: String,
    label: String,
    is_current: bool,
}

impl CampaignsPage {
    /// Everything, then each state.
    fn states(&self) -> Vec<StateLink> {
        let mut links =
            vec![StateLink { url: "/campaigns".to_owned(), label: self.v.s("campaigns-all"), is_current: self.state.is_none() }];
        links.extend(CampaignState::ALL.iter().map(|state| StateLink {
            url: format!("/campaigns?state={state}"),
            label: self.v.word("state", state),
            is_current: self.state == Some(*state),
        }));
        links
    }
    fn waves(&self, line: &CampaignLine) -> String {
        self.v.many("campaigns-waves", line.waves)
    }
    fn unit(&self, id: &UnitId) -> &str {
        self.units.get(id).map_or("", String::as_str)
    }
}

/// The names of the units that somebody sees.
///
/// # Errors
/// The database's failure.
pub async fn unit_names(app: &App, signed: &Signed) -> Result<HashMap<UnitId, String>, Failure> {
    let units = unit::list(app, &signed.caller).await?;
    Ok(units.into_iter().map(|unit| (unit.id, unit.name)).collect())
}

/// The list.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] without a role that sees campaigns.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let state = query.0.filled("state").and_then(|word| CampaignState::parse(word).ok());
    let after = query.0.filled("after").map(str::to_owned);
    let wanted = ListCampaigns { state, page: PageRequest { after, ..PageRequest::default() } };
    let found = campaign::overview(&app, &signed.caller, wanted).await?;
    let next_url = found.next.map(|after| {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        if let Some(state) = state {
            pairs.append_pair("state", state.as_str());
        }
        format!("/campaigns?{}", pairs.append_pair("after", &after).finish())
    });
    page(&CampaignsPage {
        v: View::of_user(&req, &signed),
        state,
        units: unit_names(&app, &signed).await?,
        campaigns: found.items,
        may_write: signed.caller.reach(Act::RunCampaigns).is_ok(),
        next_url,
    })
}
