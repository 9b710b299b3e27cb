//! What waits for an approver: each with when it opens and how long it waits; what is one's own waits for somebody else.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::list::unit_names;
use crate::app::App;
use crate::domain::id::UnitId;
use crate::service::campaign::{self, Waiting};
use crate::service::page::PageRequest;
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::extract::body::QueryFields;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/approvals.html")]
struct ApprovalsPage {
    v: View,
    waiting: Vec<Waiting>,
    own: Vec<Waiting>,
    units: HashMap<UnitId, String>,
    next_url: Option<String>,
}

impl ApprovalsPage {
    fn unit(&self, id: &UnitId) -> &str {
        self.units.get(id).map_or("", String::as_str)
    }
    fn size(&self, waiting: &Waiting) -> String {
        format!("{}, {}", self.v.many("campaigns-waves", waiting.layers.len()), self.v.many("composer-tasks-n", waiting.tasks))
    }
}

/// Campaigns a page.
const PAGE: u32 = 20;

/// The list.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who releases nothing.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let after = query.0.filled("after").map(str::to_owned);
    let found = campaign::waiting(&app, &signed.caller, PageRequest { after, limit: PAGE }).await?;
    let (own, waiting) = found.items.into_iter().partition(|waiting| waiting.is_own);
    page(&ApprovalsPage {
        v: View::of_user(&req, &signed),
        waiting,
        own,
        units: unit_names(&app, &signed).await?,
        next_url: found.next.map(|after| format!("/approvals?after={after}")),
    })
}
