//! The address by which other calendars subscribe: made, shown, replaced, revoked.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::service::calendar::{self, Feed};
use crate::web::error::Failure;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::{page, see_other};
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/calendar_feed.html")]
struct FeedPage {
    v: View,
    feed: Option<Feed>,
    base_url: String,
}

/// The page.
///
/// # Errors
/// `Forbidden` for who sees no campaigns.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed) -> Result<HttpResponse, Failure> {
    let feed = calendar::feed(&app, &signed.caller).await?;
    page(&FeedPage { v: View::of_user(&req, &signed), feed, base_url: app.config.institution.base_url.clone() })
}

/// Makes an address, or revokes it.
///
/// # Errors
/// As [`show`].
pub async fn act(app: web::Data<App>, signed: Signed, form: Fields) -> Result<HttpResponse, Failure> {
    match form.get("act") {
        "make" => drop(calendar::create_feed(&app, &signed.caller).await?),
        "revoke" => calendar::revoke_feed(&app, &signed.caller).await?,
        _ => return Err(Failure::Malformed { code: "form.act", message: "The form says nothing that can be done".into() }),
    }
    Ok(see_other("/calendar/feed"))
}
