//! The JSON API, one file a resource. It does what the pages do, for programs; the same use cases decide.

pub mod account;
pub mod campaign;
pub mod claim;
pub mod completion;
pub mod consent;
pub mod correction;
pub mod csv_stream;
pub mod data_request;
pub mod disclosure;
pub mod import;
pub mod log;
pub mod mail;
pub mod mail_report;
pub mod member;
pub mod neutrality;
pub mod openapi;
pub mod post;
pub mod release;
pub mod schedule;
pub mod suppression;
pub mod token;
pub mod unit;
pub mod user;
pub mod version;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::body::Fields;
use crate::service::page::{DEFAULT_LIMIT, Page, PageRequest};

/// Declares a list's query: its filters, and which page is wanted.
macro_rules! list_query {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields, default)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: $type,)*
            /// The cursor that the page before gave.
            pub after: Option<String>,
            /// How many items at most: 1 to 200, 50 where unset.
            pub limit: Option<u32>,
        }
        impl $name {
            fn page(&self) -> crate::service::page::PageRequest {
                $crate::web::api::page_request(self.after.clone(), self.limit)
            }
        }
    };
}
pub(crate) use list_query;

list_query! {
    /// Which page of a list without filters.
    pub struct ListQuery {}
}

/// The page that a query asks for.
fn page_request(after: Option<String>, limit: Option<u32>) -> PageRequest {
    PageRequest { after, limit: limit.unwrap_or(DEFAULT_LIMIT) }
}

/// A reason in words.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The reason, at most 1,000 characters.
    pub reason: String,
}

/// A page of a list, with the address of the page that follows in a Link header (RFC 8288).
#[must_use]
pub fn listed<T: Serialize>(req: &HttpRequest, page: &Page<T>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if let Some(next) = &page.next {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in Fields::parse(req.query_string().as_bytes()).iter().filter(|(name, _)| name != "after") {
            query.append_pair(name, value);
        }
        let query = query.append_pair("after", next).finish();
        answer.insert_header((header::LINK, format!("<{}?{query}>; rel=\"next\"", req.path())));
    }
    answer.json(page)
}

/// A list that is never long: one page.
#[must_use]
pub fn whole<T: Serialize>(items: Vec<T>) -> HttpResponse {
    HttpResponse::Ok().json(Page { items, next: None })
}

/// What was just made, and where it is.
#[must_use]
pub fn created(location: &str, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(body)
}

/// Something with a version, for the next edit's If-Match.
#[must_use]
pub fn versioned(version: i32, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, format!("\"{version}\""))).json(body)
}

/// Done; there is nothing to show.
#[must_use]
pub fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
