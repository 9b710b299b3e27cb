//! Pages that a member reaches by a link, without a password. GET shows, POST acts; mail scanners that open links do no harm.

pub mod mine;
pub mod opt_in;
pub mod pause;
pub mod task;
pub mod unsubscribe;

use actix_web::HttpRequest;
use chrono_tz::Tz;

use crate::domain::locale::Locale;
use crate::web::view::View;

/// The setting of a member whose zone is stored as text.
#[must_use]
pub fn view_of(req: &HttpRequest, locale: Locale, zone: &str) -> View {
    View::of_member(req, locale, crate::domain::zone::parse(zone).unwrap_or(Tz::UTC))
}
