//! All of the console's links on one page, where a phone's bar has room for four; and what its user chooses for themselves.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{page, see_other};
use crate::app::App;
use crate::service::daily_report;
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/menu.html")]
struct MenuPage {
    v: View,
    /// Whether the user gets the report of the day; none for who runs no campaigns.
    report: Option<bool>,
    /// When it comes.
    report_at: String,
}

/// The page.
///
/// # Errors
/// [`Failure::SignInNeeded`].
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    let report = daily_report::is_wanted(&app, &signed.caller).await?;
    let v = View::of_user(&req, &signed);
    let report_at = v.clock(app.config.mail.report_at.minutes());
    page(&MenuPage { v, report, report_at })
}

/// Begins or stops the report of the day.
///
/// # Errors
/// [`Failure::SignInNeeded`]; forbidden for who runs no campaigns.
pub async fn choose(app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    daily_report::want(&app, &signed.caller, form.get("report") == "yes").await?;
    Ok(see_other("/menu#report"))
}
