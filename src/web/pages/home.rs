//! The start: whoever is signed in goes to the campaigns, everybody else to the sign-in.

use actix_web::{HttpRequest, HttpResponse};

use super::see_other;
use crate::web::error::Failure;
use crate::web::extract::Signed;

/// Sends the browser on.
///
/// # Errors
/// The database's failure.
pub async fn show(req: HttpRequest) -> Result<HttpResponse, Failure> {
    let signed = Signed::find(&req).await?;
    Ok(see_other(if signed.is_some() { "/campaigns" } else { "/sign-in" }))
}
