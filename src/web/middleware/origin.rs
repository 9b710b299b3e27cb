//! The cross-site guard: a request that changes something comes from a page of ours, or carries its own proof.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::headers::holds_token;
use crate::app::App;
use crate::web::error::Failure;

/// Where the request came from, as the browser says.
#[derive(Debug, Clone, Copy)]
struct Sender<'a> {
    /// `Sec-Fetch-Site` (Fetch Metadata).
    site: Option<&'a str>,
    /// `Origin` (RFC 6454).
    origin: Option<&'a str>,
}

/// Whether a request that changes something may go on.
fn is_ours(path: &str, sender: Sender<'_>, base_url: &str) -> bool {
    // The API knows no cookie: its bearer token is the proof. One-click unsubscribing (RFC 8058) comes from mail services.
    if path.starts_with("/api/") || path.starts_with("/u/") {
        return true;
    }
    match (sender.site, sender.origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        // A page that sends no Referer sends the origin "null"; there the token in the path is the proof.
        (None, Some("null")) => holds_token(path),
        (None, Some(origin)) => origin == base_url,
        (None, None) => false,
    }
}

/// A header's value; one that is not ASCII text counts as something that nobody sends.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"))
}

/// Refuses what another site's page sends.
///
/// # Errors
/// Those of the handlers within; a refusal is an answer.
pub async fn guard(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    if !req.method().is_safe() {
        let sender = Sender { site: text(req.headers(), "sec-fetch-site"), origin: text(req.headers(), "origin") };
        let base_url = req.app_data::<web::Data<App>>().map(|app| app.config.institution.base_url.as_str());
        if !is_ours(req.path(), sender, base_url.unwrap_or_default()) {
            return Ok(req.error_response(Failure::CrossSite));
        }
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_rule() {
        let base = "https://gaung.example";
        let rows = [
            // path          Sec-Fetch-Site        Origin                          may go on
            ("/sign-in", Some("same-origin"), Some("https://evil.example"), true),
            ("/sign-in", Some("none"), None, true),
            ("/sign-in", Some("same-site"), Some(base), false),
            ("/sign-in", Some("cross-site"), Some(base), false),
            ("/sign-in", None, Some(base), true),
            ("/sign-in", None, Some("https://gaung.example.evil"), false),
            ("/sign-in", None, Some("null"), false),
            ("/sign-in", None, None, false),
            ("/t/token", None, Some("null"), true),
            ("/t/token", Some("cross-site"), Some("null"), false),
            ("/t/token", None, None, false),
            ("/u/token", None, None, true),
            ("/api/v1/units", Some("cross-site"), Some("https://evil.example"), true),
        ];
        for (path, site, origin, expected) in rows {
            assert_eq!(is_ours(path, Sender { site, origin }, base), expected, "{path} {site:?} {origin:?}");
        }
    }
}
