//! The calendar as other programs read it (RFC 5545): what opens, and when freezes are. No person's data.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::TimeDelta;
use icalendar::{Component as _, Event, EventLike as _, EventStatus, Property};

use crate::app::App;
use crate::domain::campaign::CampaignState;
use crate::domain::locale::Locale;
use crate::service::ServiceError;
use crate::service::calendar::{self, FeedCalendar, FreezeItem, Happens, WaveItem};
use crate::web::error::Failure;
use crate::web::l10n::{Value, say};

/// How long an opening takes up on the calendar.
const OPENING: TimeDelta = TimeDelta::minutes(30);

/// The feed behind an address.
///
/// # Errors
/// Not found for an address that is revoked or made up.
pub async fn show(app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, Failure> {
    let found = match calendar::read_feed(&app, &token).await {
        Err(ServiceError::NotFound(_)) => return Err(Failure::NoRoute),
        found => found?,
    };
    let answer = HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "inline; filename=\"gaung.ics\""))
        .body(text(&app, &found));
    Ok(answer)
}

/// The feed's text.
fn text(app: &App, feed: &FeedCalendar) -> String {
    let institution = &app.config.institution;
    // Not Calendar::new, whose PRODID would stand beside ours: it may stand once (RFC 5545 section 3.6).
    let mut calendar = icalendar::Calendar::empty();
    for (name, value) in [("VERSION", "2.0"), ("PRODID", "-//Gaung//Calendar//ID"), ("CALSCALE", "GREGORIAN")] {
        calendar.append_property(Property::new(name, value).done());
    }
    let name = say(feed.locale, "calendar-feed-name", &[("institution", Value::from(institution.short_name.clone()))]);
    calendar.name(&name);
    for item in feed.calendar.waves.iter().filter(|item| item.happens == Happens::Opens) {
        calendar.push(wave(app, feed, item));
    }
    for freeze in &feed.calendar.freezes {
        calendar.push(frozen(app, feed, freeze));
    }
    calendar.to_string()
}

fn domain(app: &App) -> &str {
    app.config.message_id_domain()
}

fn wave(app: &App, feed: &FeedCalendar, item: &WaveItem) -> Event {
    let said = |key: &str| say(feed.locale, key, &[]);
    let layer = say(feed.locale, "layer", &[("n", Value::from(item.layer))]);
    let mut about = vec![layer, said(&format!("state-{}", item.campaign_state))];
    if item.estimated {
        about.push(said("calendar-estimated"));
    }
    let sure = !item.estimated && !matches!(item.campaign_state, CampaignState::Draft | CampaignState::Submitted);
    let mut event = Event::new();
    event
        .uid(&format!("wave-{}@{}", item.wave_id, domain(app)))
        .timestamp(feed.made_at)
        .starts(item.at)
        .ends(item.at + OPENING)
        .summary(&format!("{}: {}", item.title, item.name))
        .description(&about.join(" · "))
        .url(&format!("{}/campaigns/{}", app.config.institution.base_url, item.campaign_id))
        .status(if sure { EventStatus::Confirmed } else { EventStatus::Tentative })
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}

fn frozen(app: &App, feed: &FeedCalendar, freeze: &FreezeItem) -> Event {
    let mut event = Event::new();
    event
        .uid(&format!("freeze-{}-{}@{}", freeze.starts_at.timestamp(), freeze.ends_at.timestamp(), domain(app)))
        .timestamp(feed.made_at)
        .starts(freeze.starts_at)
        .ends(freeze.ends_at)
        .summary(&say(feed.locale as Locale, "calendar-freeze", &[("label", Value::from(freeze.label.clone()))]))
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}
