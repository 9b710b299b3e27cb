//! Asking everybody of a unit for their consent: first the page that says what will happen, then the mails.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::read_id;
use crate::app::App;
use crate::domain::id::UnitId;
use crate::domain::role::Act;
use crate::service::ServiceError;
use crate::service::consent::{self, Requested, Whom};
use crate::service::unit::{self, Unit};
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::pages::page;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/org_unit_ask.html")]
struct AskPage {
    v: View,
    unit: Unit,
    asked: Option<Requested>,
}

impl AskPage {
    fn count(&self, number: &u64) -> String {
        self.v.num(&i64::try_from(*number).unwrap_or(i64::MAX))
    }
}

async fn kept(app: &App, signed: &Signed, id: &str) -> Result<Unit, Failure> {
    let id: UnitId = read_id(id)?;
    signed.caller.reach(Act::ManageMembers)?;
    let found = unit::get(app, &signed.caller, id).await?;
    if unit::may(app, &signed.caller, Act::ManageMembers, id).await? { Ok(found) } else { Err(ServiceError::Forbidden.into()) }
}

/// Says what will happen.
///
/// # Errors
/// Not found outside the caller's units.
pub async fn ask(req: HttpRequest, app: web::Data<App>, signed: Signed, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let unit = kept(&app, &signed, &id).await?;
    page(&AskPage { v: View::of_user(&req, &signed), unit, asked: None })
}

/// Asks, and says how many mails that made. Asking again makes none, so the answer may be loaded again without harm.
///
/// # Errors
/// As [`ask`].
pub async fn perform(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let unit = kept(&app, &signed, &id).await?;
    let asked = consent::request(&app, &signed.caller, Whom::Unit(unit.id)).await?;
    page(&AskPage { v: View::of_user(&req, &signed), unit, asked: Some(asked) })
}
