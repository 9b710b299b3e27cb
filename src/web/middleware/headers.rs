//! The headers of every answer: what a page may load, that nothing is kept, the request's id, the chosen language.

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::app::App;
use crate::web::extract::language;
use crate::web::request_id;

/// Everything a page needs comes from here, and nothing runs or looks that is not in a file of ours.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The request's id in an answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);

/// Whether a path holds a token, which no other site may learn from a Referer header.
#[must_use]
pub fn holds_token(path: &str) -> bool {
    ["/t/", "/c/", "/p/", "/u/", "/o/", "/m/"].iter().any(|head| path.starts_with(head))
}

/// Adds the headers. A handler's own value stays.
///
/// # Errors
/// Those of the handlers within.
pub async fn secure(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = request_id::of(&req);
    let is_asset = req.path().starts_with("/assets/");
    let private = holds_token(req.path());
    let is_https = req.app_data::<web::Data<App>>().is_some_and(|app| app.config.institution.base_url.starts_with("https://"));
    // The register's answers are kept by caches for everybody, so they set no cookie: their links carry the language.
    let is_register = req.path().starts_with("/register") || req.path() == "/ledger";
    let chosen = language::in_query(req.query_string()).filter(|_| !is_register);
    let app = req.app_data::<web::Data<App>>().cloned();
    let mut res = next.call(req).await?;
    if app.is_some_and(|app| app.is_stopping()) {
        // The next request comes on a new connection, and the balancer has another place for it by then.
        res.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let headers = res.headers_mut();
    add(headers, header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    add(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(headers, header::REFERRER_POLICY, if private { "no-referrer" } else { "same-origin" });
    add(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if !is_asset {
        add(headers, header::CACHE_CONTROL, "no-store");
    }
    if is_https {
        add(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    add(headers, REQUEST_ID, &id);
    if let Some(locale) = chosen {
        let cookie = Cookie::build("lang", locale.to_string()).path("/").http_only(true).secure(is_https);
        let cookie = cookie.same_site(SameSite::Lax).max_age(Duration::days(365)).finish();
        res.response_mut().add_cookie(&cookie)?;
    }
    Ok(res)
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if !headers.contains_key(&name)
        && let Ok(value) = HeaderValue::from_str(value)
    {
        headers.insert(name, value);
    }
}
