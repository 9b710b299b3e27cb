//! The public register: no sign-in, no script, no cookie; every answer may be kept by caches and asked for again by its ETag.

pub mod account;
pub mod badge;
pub mod campaign;
pub mod check;
pub mod claim;
pub mod data;
pub mod feed;
pub mod home;
mod pieces;

use actix_web::http::header::{self, EntityTag, Header as _, HeaderValue, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::domain::locale::Locale;
use crate::service::ServiceError;
use crate::web::error::Failure;
use crate::web::extract::language;
use crate::web::view::View;

/// How long a cache may keep an answer without asking again.
const KEEP: &str = "public, max-age=300";

/// The setting of a register's page: its language comes from the address or the browser's header alone, since one copy is for all.
pub(super) fn setting(req: &HttpRequest) -> (View, Links) {
    let app = req.app_data::<web::Data<App>>();
    let by_address = language::in_query(req.query_string());
    let otherwise = || app.map_or(Locale::Id, |app| app.config.institution.default_locale);
    let locale = by_address.or_else(|| language::accepted(req)).unwrap_or_else(otherwise);
    let base = app.map(|app| app.config.institution.base_url.clone()).unwrap_or_default();
    let mut v = View::of_request(req);
    v.locale = locale;
    (v, Links { lang: by_address, base })
}

/// Addresses within the register: a language once chosen goes along, because no cookie holds it.
#[derive(Clone)]
pub struct Links {
    lang: Option<Locale>,
    base: String,
}

impl Links {
    /// A page of the register.
    #[must_use]
    pub fn to(&self, path: &str) -> String {
        self.with(path, &[])
    }
    /// A page of the register with these parameters; empty ones are left out.
    #[must_use]
    pub fn with(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
            pairs.append_pair(name, value);
        }
        if let Some(lang) = self.lang {
            pairs.append_pair("lang", &lang.to_string());
        }
        let query = pairs.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
    /// The whole address of a path, for use elsewhere.
    #[must_use]
    pub fn whole(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
    /// The language chosen in the address, for forms.
    #[must_use]
    pub fn lang(&self) -> Option<String> {
        self.lang.map(|lang| lang.to_string())
    }
}

/// A page.
pub(super) fn page(req: &HttpRequest, template: &impl Template) -> Result<HttpResponse, Failure> {
    let body = template.render().map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(keep(req, "text/html; charset=utf-8", body.into_bytes()))
}

/// Data that other sites may read, show and build upon.
fn open(req: &HttpRequest, media_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let mut answer = keep(req, media_type, body);
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    answer
}

/// The body for whoever has not this very one already (RFC 9110 section 13.1.2). The tag is a weak one: compression comes later.
fn keep(req: &HttpRequest, media_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let hash: String = Sha256::digest(&body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let tag = EntityTag::new_weak(hash);
    let has_it = match IfNoneMatch::parse(req) {
        Ok(IfNoneMatch::Any) => req.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|other| other.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut answer = if has_it { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::CACHE_CONTROL, KEEP));
    answer.insert_header((header::VARY, "Accept-Language"));
    answer.insert_header(header::ETag(tag));
    if has_it { answer.finish() } else { answer.content_type(media_type).body(body) }
}
