//! Pages that a member reaches by a link, without a password. GET shows, POST acts; mail scanners that open links do no harm.

pub mod address;
pub mod correction;
pub mod data;
pub mod mine;
pub mod opt_in;
pub mod pause;
pub mod rights;
pub mod settings;
pub mod task;
pub mod unsubscribe;

use actix_web::HttpRequest;
use chrono_tz::Tz;

use crate::domain::locale::Locale;
use crate::domain::mail_hours::{EVERY_DAY, MailHours};
use crate::web::view::View;

/// The setting of a member whose zone is stored as text.
#[must_use]
pub fn view_of(req: &HttpRequest, locale: Locale, zone: &str) -> View {
    View::of_member(req, locale, crate::domain::zone::parse(zone).unwrap_or(Tz::UTC))
}

/// A time of day as people write it: 08.00 or 08:00.
fn clock_said(v: &View, minutes: u16) -> String {
    v.clock(minutes)
}

/// Permitted hours in words.
fn hours_said(v: &View, hours: Option<MailHours>) -> String {
    let Some(hours) = hours else { return v.s("myset-hours-any") };
    let days = (0..7).filter(|day| hours.has(*day)).map(|day| v.s(&format!("weekday-{}", day + 1)));
    let days = if hours.days() == EVERY_DAY { v.s("myset-every-day") } else { days.collect::<Vec<_>>().join(", ") };
    format!("{}–{}, {days}", clock_said(v, hours.from()), clock_said(v, hours.until()))
}
