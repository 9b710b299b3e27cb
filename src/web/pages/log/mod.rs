//! The audit log: filters in the address, newest first, one keyset page at a time in both directions; an entry's own page; the files.

mod filter;
pub mod journey;
pub mod words;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};

use self::filter::Read;
use super::page;
use crate::app::App;
use crate::domain::event::{EventGroup, EventKind};
use crate::domain::id::{CampaignId, EntryId};
use crate::domain::zone::zone_label;
use crate::service::ServiceError;
use crate::service::export_xlsx::MOST_ROWS;
use crate::service::log::look_up;
use crate::service::log::{self, LogEntry, Placed, export as files};
use crate::service::page::{DEFAULT_LIMIT, PageRequest};
use crate::service::seal;
use crate::web::api::csv_stream;
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::faults::Faults;
use crate::web::view::View;

#[derive(Template)]
#[template(path = "pages/log.html")]
struct LogPage {
    v: View,
    zone: String,
    query: Fields,
    read: Read,
    f: Faults,
    kinds: Vec<(EventGroup, Vec<EventKind>)>,
    campaigns: Vec<(CampaignId, String)>,
    days: Vec<Day>,
    newer_url: Option<String>,
    older_url: Option<String>,
    searched_to: Option<DateTime<Utc>>,
    csv_url: String,
    xlsx_url: String,
    seal: seal::Status,
}

/// The entries of one day on the reader's wall.
struct Day {
    title: String,
    entries: Vec<LogEntry>,
}

impl LogPage {
    fn typed(&self, field: &str) -> &str {
        self.query.get(field).trim()
    }
    /// A browser's field for a time shows nothing but a time: what is none stays visible as text.
    fn kind_of(&self, field: &str) -> &'static str {
        let typed = self.typed(field);
        let is_time = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().any(|f| NaiveDateTime::parse_from_str(typed, f).is_ok());
        if typed.is_empty() || is_time { "datetime-local" } else { "text" }
    }
    fn is_kind(&self, word: impl std::fmt::Display) -> bool {
        self.typed("kind") == word.to_string()
    }
    /// The last part of the words' keys for what is known of the log's being whole.
    const fn badge(&self) -> &'static str {
        super::ledger::word(&self.seal.badge)
    }
    /// Whether the part of the form that is seldom needed is open.
    fn more(&self) -> bool {
        ["actor", "subject", "assignment"].iter().any(|field| self.query.filled(field).is_some())
    }
}

fn by_day(v: &View, entries: Vec<LogEntry>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let title = words::day(v, &entry.at);
        match days.last_mut() {
            Some(day) if day.title == title => day.entries.push(entry),
            _ => days.push(Day { title, entries: vec![entry] }),
        }
    }
    days
}

/// A page of entries, and the cursors of the pages before and after it.
#[derive(Default)]
struct Found {
    entries: Vec<LogEntry>,
    newer: Option<String>,
    older: Option<String>,
    /// How far the search came, where it stopped before the page was full.
    searched_to: Option<DateTime<Utc>>,
}

/// Entries of a full page.
const PAGE: usize = DEFAULT_LIMIT as usize;

async fn find(app: &App, signed: &Signed, query: &Fields, read: &Read) -> Result<Found, ServiceError> {
    if let Some(cursor) = query.filled("newer") {
        let wanted = PageRequest::default().after(cursor);
        let (entries, newer) = log::newer(app, &signed.caller, read.filter.clone(), wanted).await?;
        let older = entries.last().map(log::cursor).or_else(|| Some(cursor.to_owned()));
        let searched_to = newer.as_deref().filter(|_| entries.len() < PAGE).and_then(log::time_of);
        return Ok(Found { entries, newer, older, searched_to });
    }
    let wanted = PageRequest { after: query.filled("after").map(str::to_owned), ..PageRequest::default() };
    let page = log::list(app, &signed.caller, read.filter.clone(), wanted).await?;
    let newer = page.items.first().map(log::cursor).or_else(|| query.filled("after").map(str::to_owned));
    let newer = newer.filter(|_| query.filled("after").is_some());
    let searched_to = page.next.as_deref().filter(|_| page.items.len() < PAGE).and_then(log::time_of);
    Ok(Found { entries: page.items, newer, older: page.next, searched_to })
}

/// A page of the log.
///
/// # Errors
/// [`ServiceError::Forbidden`] for those who may not read it.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let v = View::of_user(&req, &signed);
    let query = query.0;
    let mut read = filter::read(&app, &signed.caller, &query, &v).await?;
    let found = match find(&app, &signed, &query, &read).await {
        Err(ServiceError::Invalid(faults)) => {
            read.errors.extend(faults);
            Found::default()
        }
        // Something ambiguous is asked about, not guessed.
        Ok(_) if !read.choices.is_empty() => Found::default(),
        other => other?,
    };
    let template = LogPage {
        zone: zone_label(v.zone, v.now),
        f: Faults::new(&v, &read.errors),
        kinds: words::kinds(),
        campaigns: look_up::latest_campaigns(&app, &signed.caller).await?,
        days: by_day(&v, found.entries),
        searched_to: found.searched_to,
        newer_url: found.newer.map(|cursor| read.address("/log", Some(("newer", &cursor)))),
        older_url: found.older.map(|cursor| read.address("/log", Some(("after", &cursor)))),
        csv_url: read.address("/log.csv", None),
        xlsx_url: read.address("/log.xlsx", None),
        seal: seal::status(&app).await?,
        query,
        read,
        v,
    };
    page(&template)
}

#[derive(Template)]
#[template(path = "pages/log_entry.html")]
struct EntryPage {
    v: View,
    payload: String,
    lines: Vec<(String, String)>,
    p: Placed,
}

/// One entry.
///
/// # Errors
/// [`ServiceError::NotFound`] for one that is not there or outside the reader's reach.
pub async fn entry(
    req: HttpRequest,
    app: web::Data<App>,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let id: EntryId = id.parse().map_err(|_| Failure::NoRoute)?;
    let p = log::placed(&app, &signed.caller, id).await?;
    let payload = serde_json::to_string_pretty(&p.entry.payload).unwrap_or_default();
    let lines = words::payload_lines(&p.entry.payload);
    page(&EntryPage { v: View::of_user(&req, &signed), payload, lines, p })
}

/// The filter of an export: one that can't be read is refused, not left out.
async fn whole(req: &HttpRequest, app: &App, signed: &Signed, query: &Fields) -> Result<log::LogFilter, Failure> {
    let read = filter::read(app, &signed.caller, query, &View::of_user(req, signed)).await?;
    if read.errors.is_empty() { Ok(read.filter) } else { Err(ServiceError::Invalid(read.errors).into()) }
}

/// The log as CSV, streamed.
///
/// # Errors
/// [`ServiceError::Forbidden`] for those who may not read it, [`ServiceError::Invalid`] for a filter that can't be read.
pub async fn csv(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let filter = whole(&req, &app, &signed, &query.0).await?;
    csv_stream::log(app, signed.caller, filter).await
}

/// The log as a workbook.
///
/// # Errors
/// As [`csv`].
pub async fn xlsx(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let filter = whole(&req, &app, &signed, &query.0).await?;
    let file = files::workbook(&app, &signed.caller, filter, MOST_ROWS).await?;
    super::audit::send::file(file, "gaung-log.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}
