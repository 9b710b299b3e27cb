//! What a member chooses: language, zone, and the hours at which mail may come.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{clock_said, hours_said, view_of};
use crate::app::App;
use crate::domain::mail_hours::DayTime;
use crate::domain::text_enum::TextEnum as _;
use crate::service::ServiceError;
use crate::service::address_change::WaitingAddress;
use crate::service::task::{self, Institution, MySettings, SettingsForm};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::extract::body::QueryFields;
use crate::web::faults::Faults;
use crate::web::pages::{page_with, see_other};
use crate::web::view::View;

/// What is chosen, or was typed.
struct Typed {
    locale: String,
    zone: String,
    own_hours: bool,
    from: u16,
    until: u16,
    days: u8,
    daily: bool,
    digest_at: u16,
    on_holidays: bool,
}

#[derive(Template)]
#[template(path = "pages/my_settings.html")]
pub struct SettingsPage {
    pub v: View,
    token: String,
    nonce: String,
    typed: Typed,
    institution: Institution,
    pub faults: Faults,
    saved: bool,
    /// The address on file.
    email: String,
    /// The one that waits to be confirmed.
    waiting: Option<WaitingAddress>,
    /// The one that was typed.
    pub typed_email: String,
    /// Whether another was asked for just now.
    asked: bool,
}

impl SettingsPage {
    /// Zones to choose from; any other IANA name can be typed.
    const ZONES: [(&'static str, &'static str); 12] = [
        ("Asia/Jakarta", "WIB"),
        ("Asia/Pontianak", "WIB"),
        ("Asia/Makassar", "WITA"),
        ("Asia/Jayapura", "WIT"),
        ("Asia/Singapore", "Singapura"),
        ("Asia/Kuala_Lumpur", "Kuala Lumpur"),
        ("Asia/Tokyo", "Tokyo"),
        ("Asia/Riyadh", "Riyadh"),
        ("Australia/Sydney", "Sydney"),
        ("Europe/Amsterdam", "Amsterdam"),
        ("Europe/London", "London"),
        ("America/New_York", "New York"),
    ];
    fn waits(&self, new: &WaitingAddress) -> String {
        self.v.two("myset-address-waits", ("email", new.email.clone()), ("until", self.v.when(&new.expires_at)))
    }
    fn speaks(&self, code: &str) -> bool {
        self.typed.locale == code
    }
    fn is_from(&self, hour: &u16) -> bool {
        self.typed.from == *hour
    }
    fn is_until(&self, hour: &u16) -> bool {
        self.typed.until == *hour
    }
    fn has(&self, day: &u32) -> bool {
        self.typed.days & 1_u8.wrapping_shl(*day) != 0
    }
    fn clock(&self, hour: &u16) -> String {
        clock_said(&self.v, hour * 60)
    }
    /// Half hours of a day, to choose the time of one mail from.
    fn times(&self) -> impl Iterator<Item = u16> {
        (0..48).map(|half| half * 30)
    }
    fn is_at(&self, minutes: &u16) -> bool {
        self.typed.digest_at == *minutes
    }
    fn time(&self, minutes: &u16) -> String {
        clock_said(&self.v, *minutes)
    }
    /// When mail comes to who chooses nothing.
    fn default_hours(&self) -> String {
        match self.institution.hours {
            None => self.v.s("myset-hours-any"),
            Some(hours) => self.v.a("myset-hours-default", "hours", hours_said(&self.v, Some(hours))),
        }
    }
    fn quiet(&self) -> Option<String> {
        let (from, until) = self.institution.quiet?;
        Some(format!("{}–{}", clock_said(&self.v, from), clock_said(&self.v, until)))
    }
    fn weekday(&self, day: &u32) -> String {
        self.v.s(&format!("weekday-{}", day + 1))
    }
}

/// Office hours: what the page proposes to who never chose.
const PROPOSED: (u16, u16, u8) = (8 * 60, 17 * 60, 0b001_1111);
/// The time of the one mail a day that the page proposes.
const PROPOSED_DIGEST: u16 = 9 * 60;

fn stored(settings: &MySettings) -> Typed {
    let (from, until, days) = settings.mail.hours.map_or(PROPOSED, |hours| (hours.from(), hours.until(), hours.days()));
    Typed {
        locale: settings.standing.locale.as_str().to_owned(),
        zone: settings.zone.clone(),
        own_hours: settings.mail.hours.is_some(),
        from: from / 60,
        until: until / 60,
        days,
        daily: settings.mail.digest_at.is_some(),
        digest_at: settings.mail.digest_at.map_or(PROPOSED_DIGEST, DayTime::minutes),
        on_holidays: settings.mail.on_holidays,
    }
}

fn typed(form: &Fields) -> Typed {
    let days = form.iter().filter(|(name, _)| name == "day").filter_map(|(_, day)| day.parse::<u32>().ok());
    Typed {
        locale: form.get("locale").to_owned(),
        zone: form.get("zone").to_owned(),
        own_hours: form.get("hours") == "own",
        // An hour that no list offers is out of every window, and said to be.
        from: form.get("from").parse().ok().filter(|hour| *hour <= 24).unwrap_or(24),
        until: form.get("until").parse().ok().filter(|hour| *hour <= 24).unwrap_or(0),
        days: days.filter(|day| *day < 7).fold(0, |days, day| days | 1_u8.wrapping_shl(day)),
        daily: form.get("digest") == "daily",
        digest_at: form.get("digest_at").parse().unwrap_or(u16::MAX),
        on_holidays: form.get("on_holidays") == "yes",
    }
}

/// The page with the choices as they are stored.
///
/// # Errors
/// `link.*` for a link that does not open it.
pub async fn stored_page(req: &HttpRequest, app: &App, token: String) -> Result<SettingsPage, Failure> {
    let found = task::settings(app, &token).await?;
    Ok(SettingsPage {
        v: view_of(req, found.standing.locale, &found.zone),
        typed: stored(&found),
        token,
        nonce: found.nonce,
        institution: found.institution,
        faults: Faults::default(),
        saved: false,
        email: found.email,
        waiting: found.waiting,
        typed_email: String::new(),
        asked: false,
    })
}

/// The page.
///
/// # Errors
/// `link.*` for a link that does not open it.
pub async fn show(
    req: HttpRequest,
    app: web::Data<App>,
    token: web::Path<String>,
    query: QueryFields,
) -> Result<HttpResponse, Failure> {
    let (saved, asked) = (query.0.is_set("saved"), query.0.is_set("address"));
    let shown = stored_page(&req, &app, token.into_inner()).await?;
    page_with(StatusCode::OK, &SettingsPage { saved, asked, ..shown })
}

/// Keeps what was chosen; faults show the page again with everything that was typed.
///
/// # Errors
/// `link.*`, `form.not_from_page`, `member.left`.
pub async fn save(
    req: HttpRequest,
    app: web::Data<App>,
    token: web::Path<String>,
    form: Fields,
) -> Result<HttpResponse, Failure> {
    let typed = typed(&form);
    let hours = typed.own_hours.then_some((typed.from * 60, typed.until * 60, typed.days));
    let chosen = SettingsForm {
        locale: typed.locale.clone(),
        zone: typed.zone.clone(),
        hours,
        digest_at: typed.daily.then_some(typed.digest_at),
        on_holidays: typed.on_holidays,
        nonce: form.get("nonce").to_owned(),
    };
    match task::choose(&app, &token, chosen).await {
        // The language chosen before in this browser would hide the one chosen now.
        Ok(()) => Ok(see_other(&format!("{}?saved=1&lang={}", req.path(), typed.locale))),
        Err(ServiceError::Invalid(errors)) => {
            let shown = stored_page(&req, &app, token.into_inner()).await?;
            let faults = Faults::new(&shown.v, &errors);
            let page = SettingsPage { typed, faults, ..shown };
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
