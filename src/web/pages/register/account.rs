//! One account's public page, to which its profile may link.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Links, page, setting};
use crate::app::App;
use crate::domain::id::AccountId;
use crate::service::register::{Standing, account};
use crate::web::error::Failure;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register_account.html")]
struct AccountPage {
    v: View,
    links: Links,
    standing: Standing,
    address: String,
    badge: String,
}

/// The page.
///
/// # Errors
/// Not found for what the public may not read by name.
pub async fn show(req: HttpRequest, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let id: AccountId = id.parse().map_err(|_| Failure::NoRoute)?;
    let standing = account::get(&app, id).await?;
    let (v, links) = setting(&req);
    let address = links.whole(&format!("/register/accounts/{id}"));
    let badge = format!("{address}/badge.svg");
    page(&req, &AccountPage { v, links, standing, address, badge })
}
