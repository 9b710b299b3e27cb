//! Which language a page speaks: the one in the address, the one chosen before, the person's own, the browser's, the institution's.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::domain::locale::Locale;
use crate::domain::text_enum::TextEnum;

/// The language that the address asks for: `?lang=en`.
#[must_use]
pub fn in_query(query: &str) -> Option<Locale> {
    query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(|word| Locale::parse(word).ok())
}

/// The language chosen in this browser, by the address or before.
#[must_use]
pub fn chosen(req: &HttpRequest) -> Option<Locale> {
    in_query(req.query_string()).or_else(|| req.cookie("lang").and_then(|cookie| Locale::parse(cookie.value()).ok()))
}

/// The language the browser asks for.
#[must_use]
pub fn accepted(req: &HttpRequest) -> Option<Locale> {
    let header = req.headers().get(header::ACCEPT_LANGUAGE)?;
    Locale::from_accept_language(header.to_str().ok()?)
}
