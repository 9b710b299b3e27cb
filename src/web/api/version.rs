//! Which version an edit is of: the number in If-Match (RFC 9110 section 13.1.1), as the last ETag gave it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};

use crate::web::error::Failure;

/// The version that an edit is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub i32);

impl FromRequest for Version {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = req.headers().get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        let number = header.and_then(|text| text.trim().trim_start_matches("W/").trim_matches('"').parse().ok());
        ready(number.map(Self).ok_or(Failure::VersionNeeded))
    }
}
