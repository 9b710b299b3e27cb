//! The claims that were answered in public.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Links, page, setting};
use crate::app::App;
use crate::service::PageRequest;
use crate::service::register::{PublicClaim, claim};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/register_claims.html")]
struct Claims {
    v: View,
    links: Links,
    claims: Vec<PublicClaim>,
    next: Option<String>,
}

/// Claims, the newest first.
///
/// # Errors
/// A cursor that no page gave; the database's failure.
pub async fn list(req: HttpRequest, app: web::Data<App>, query: QueryFields) -> Result<HttpResponse, Failure> {
    let (v, links) = setting(&req);
    let wanted = PageRequest { after: query.0.filled("after").map(str::to_owned), limit: 20 };
    let found = claim::list(&app, wanted).await?;
    let next = found.next.map(|after| links.with("/register/claims", &[("after", &after)]));
    page(&req, &Claims { v, links, claims: found.items, next })
}
