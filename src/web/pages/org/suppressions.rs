//! Addresses to which nothing is sent any more: the list, putting one on it, and lifting one that only bounced.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{address, read_id, refused};
use crate::app::App;
use crate::domain::id::CampaignId;
use crate::domain::suppression::{Silence, SuppressionReason, SuppressionScope};
use crate::domain::text_enum::TextEnum;
use crate::service::page::PageRequest;
use crate::service::suppression::{self, Suppressed};
use crate::service::{FieldError, ServiceError};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::pages::{page, page_with, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_suppressions.html")]
struct ListPage {
    v: View,
    f: Faults,
    t: Fields,
    q: String,
    list: Vec<Suppressed>,
    campaigns: Vec<(CampaignId, String)>,
    done: String,
    next_url: Option<String>,
}

impl ListPage {
    fn is(&self, field: &str, value: impl std::fmt::Display) -> bool {
        self.t.get(field) == value.to_string()
    }
}

#[derive(Template)]
#[template(path = "pages/org_suppression.html")]
struct LiftPage {
    v: View,
    f: Faults,
    s: Suppressed,
}

async fn list_page(req: &HttpRequest, app: &App, signed: &Signed, query: &Fields) -> Result<ListPage, Failure> {
    let wanted = PageRequest { after: query.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = suppression::list(app, &signed.caller, query.get("q"), wanted).await?;
    let done = query.filled("done").filter(|word| ["added", "known", "lifted"].contains(word)).unwrap_or_default();
    Ok(ListPage {
        v: View::of_user(req, signed),
        f: Faults::default(),
        t: Fields::default(),
        q: query.get("q").to_owned(),
        list: found.items,
        campaigns: suppression::campaigns(app, &signed.caller).await?,
        done: done.to_owned(),
        next_url: found.next.map(|after| address("/suppressions", query, &["q"], &after)),
    })
}

/// The list.
///
/// # Errors
/// [`ServiceError::Forbidden`] for who keeps no members.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    page(&list_page(&req, &app, &signed, &query.0).await?)
}

/// Puts an address on the list.
///
/// # Errors
/// The use case's, but for faults of the form, which show it again.
pub async fn add(req: HttpRequest, app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    let mut faults = Vec::new();
    let scope = SuppressionScope::parse(form.get("scope")).ok();
    if scope.is_none() {
        faults.push(FieldError::new("scope", "suppression.scope_missing", "Choose what is stopped"));
    }
    let reason = SuppressionReason::parse(form.get("reason")).ok();
    if reason.is_none() {
        faults.push(FieldError::new("reason", "suppression.reason_missing", "Choose why"));
    }
    // A campaign counts only where the scope is one: who changes the scope need not clear the choice below it.
    let campaign_id = form.get("campaign_id").parse().ok().filter(|_| scope == Some(SuppressionScope::Campaign));
    let silence = scope.and_then(|scope| Silence::of(scope, campaign_id));
    if scope.is_some() && silence.is_none() {
        faults.push(FieldError::new("campaign_id", "suppression.campaign_missing", "Choose the campaign"));
    }
    let added = match silence.zip(reason) {
        Some((silence, reason)) => suppression::add(&app, &signed.caller, form.get("email"), silence, reason).await,
        None => Err(ServiceError::Invalid(faults)),
    };
    match added {
        Ok(is_new) => Ok(see_other(if is_new { "/suppressions?done=added" } else { "/suppressions?done=known" })),
        Err(error) => {
            let shown = list_page(&req, &app, &signed, &Fields::default()).await?;
            let (status, f) = refused(&shown.v, error)?;
            page_with(status, &ListPage { f, t: form, ..shown })
        }
    }
}

/// Says what lifting one means.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn ask(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let s = suppression::show(&app, &signed.caller, read_id(&id)?).await?;
    page(&LiftPage { v: View::of_user(&req, &signed), f: Faults::default(), s })
}

/// Lifts it.
///
/// # Errors
/// As [`ask`]; a refusal shows the page again.
pub async fn lift(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let s = suppression::show(&app, &signed.caller, read_id(&id)?).await?;
    match suppression::lift(&app, &signed.caller, s.id).await {
        Ok(()) => Ok(see_other("/suppressions?done=lifted")),
        Err(error) => {
            let v = View::of_user(&req, &signed);
            let (status, f) = refused(&v, error)?;
            page_with(status, &LiftPage { v, f, s })
        }
    }
}
