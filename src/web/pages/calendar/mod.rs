//! The calendar by month and by week, in the reader's zone; moving a wave; a feed to subscribe to.

pub mod feed;
pub mod ics;
pub mod moving;
mod span;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{Datelike as _, NaiveDate};

use self::span::Shown;
use crate::app::App;
use crate::service::calendar::{self, Calendar, Happens, Moving, WaveItem};
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::pages::page;
use crate::web::view::View;

/// Waves in one square of the month; the week has all.
const IN_A_SQUARE: usize = 4;

/// One day with what lies on it.
struct Day {
    date: NaiveDate,
    is_today: bool,
    is_outside: bool,
    waves: Vec<WaveItem>,
    freezes: Vec<String>,
    lapses: i64,
}

impl Day {
    const fn is_empty(&self) -> bool {
        self.waves.is_empty() && self.freezes.is_empty() && self.lapses == 0
    }
    fn first(&self) -> &[WaveItem] {
        self.waves.get(..IN_A_SQUARE).unwrap_or(&self.waves)
    }
    const fn more(&self) -> usize {
        self.waves.len().saturating_sub(IN_A_SQUARE)
    }
    fn iso(&self) -> String {
        self.date.to_string()
    }
    fn number(&self) -> u32 {
        self.date.day()
    }
    fn week(&self) -> String {
        span::week_of(self.date)
    }
}

/// A move that was just made, and where the wave stood before.
struct Undo {
    moving: Moving,
    local: String,
    zone: String,
    voided: bool,
}

#[derive(Template)]
#[template(path = "pages/calendar.html")]
struct CalendarPage {
    v: View,
    shown: Shown,
    weeks: Vec<Vec<Day>>,
    cut: bool,
    undo: Option<Undo>,
}

impl CalendarPage {
    fn is_month(&self) -> bool {
        matches!(self.shown, Shown::Month(_))
    }
    fn is_empty(&self) -> bool {
        self.weeks.iter().flatten().all(Day::is_empty)
    }
    fn title(&self) -> String {
        self.shown.title(&self.v)
    }
    fn long(&self, day: &Day) -> String {
        span::long(&self.v, day.date)
    }
    /// The names of the days, short and long.
    fn weekdays(&self) -> Vec<(String, String)> {
        (1..=7).map(|day| (self.v.s(&format!("weekday-{day}")), self.v.s(&format!("mail-weekday-{day}")))).collect()
    }
    fn clock(&self, item: &WaveItem) -> String {
        span::clock(&self.v, item.at)
    }
    fn closes(item: &WaveItem) -> bool {
        item.happens == Happens::Closes
    }
    fn local(item: &WaveItem) -> String {
        item.movable.as_ref().map(|movable| movable.local.format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
    }
    fn zone(item: &WaveItem) -> &str {
        item.movable.as_ref().map_or("", |movable| movable.zone.as_str())
    }
    fn version(item: &WaveItem) -> i32 {
        item.movable.as_ref().map_or(0, |movable| movable.version)
    }
    fn this_week(v: &View) -> String {
        span::week_of(v.now.with_timezone(&v.zone).date_naive())
    }
    fn zone_label(&self) -> String {
        crate::domain::zone::zone_label(self.v.zone, self.v.now)
    }
}

/// The days of a span with what lies on each.
fn days(v: &View, shown: &Shown, found: &Calendar) -> Vec<Vec<Day>> {
    let today = v.now.with_timezone(&v.zone).date_naive();
    let day = |date: NaiveDate| {
        let (starts, ends) = span::day(v.zone, date);
        Day {
            date,
            is_today: date == today,
            is_outside: !shown.contains(date),
            waves: found.waves.iter().filter(|item| starts <= item.at && item.at < ends).cloned().collect(),
            freezes: found.freezes.iter().filter(|f| f.starts_at < ends && starts < f.ends_at).map(|f| f.label.clone()).collect(),
            lapses: found.lapses.get(&date).copied().unwrap_or_default(),
        }
    };
    let all: Vec<NaiveDate> = shown.first_day().iter_days().take(shown.days()).collect();
    all.chunks(7).map(|week| week.iter().copied().map(day).collect()).collect()
}

/// What was just moved, as the address says; nothing where the caller may not move it.
async fn undo_of(app: &App, signed: &Signed, query: &Fields) -> Option<Undo> {
    let (id, wave) = (query.get("moved").parse().ok()?, query.get("wave").parse().ok()?);
    let moving = calendar::look(app, &signed.caller, id, wave).await.ok()?;
    let voided = query.is_set("voided");
    Some(Undo { moving, local: query.get("local").to_owned(), zone: query.get("zone").to_owned(), voided })
}

/// The page.
///
/// # Errors
/// `Forbidden` for who sees no campaigns.
pub async fn show(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let v = View::of_user(&req, &signed);
    let shown = Shown::read(&query.0, v.now.with_timezone(&v.zone).date_naive());
    let found = calendar::between(&app, &signed.caller, shown.span(v.zone), v.zone).await?;
    let undo = undo_of(&app, &signed, &query.0).await;
    page(&CalendarPage { weeks: days(&v, &shown, &found), cut: found.cut, v, shown, undo })
}
