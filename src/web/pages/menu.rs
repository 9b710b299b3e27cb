//! All of the console's links on one page: where a phone's bar has room for four.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::page;
use crate::web::error::Failure;
use crate::web::extract::Signed;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/menu.html")]
struct MenuPage {
    v: View,
}

/// The page.
///
/// # Errors
/// [`Failure::SignInNeeded`].
pub async fn show(req: HttpRequest, signed: Signed) -> Result<HttpResponse, Failure> {
    page(&MenuPage { v: View::of_user(&req, &signed) })
}
