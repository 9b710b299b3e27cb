//! The audit log: filters in the address, newest first, one keyset page at a time, and the same as CSV.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::page;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::id::EntryId;
use crate::domain::text_enum::TextEnum;
use crate::domain::zone::{resolve_local, zone_label};
use crate::service::log::{self, LogEntry, LogFilter};
use crate::service::page::PageRequest;
use crate::service::{FieldError, ServiceError};
use crate::web::api::csv_stream;
use crate::web::error::Failure;
use crate::web::extract::body::QueryFields;
use crate::web::extract::{Fields, Signed};
use crate::web::view::View;

/// The filter as it was typed.
#[derive(Default)]
struct Typed {
    from: String,
    to: String,
    kind: String,
    actor: String,
    subject: String,
    campaign: String,
    unit: String,
    assignment: String,
}

#[derive(Template)]
#[template(path = "pages/log.html")]
struct LogPage {
    v: View,
    zone: String,
    typed: Typed,
    kinds: Vec<&'static str>,
    errors: Vec<FieldError>,
    entries: Vec<Row>,
    next_url: Option<String>,
    export_url: String,
}

/// A row of the list.
struct Row(LogEntry);

impl std::ops::Deref for Row {
    type Target = LogEntry;
    fn deref(&self) -> &LogEntry {
        &self.0
    }
}

impl Row {
    fn short_actor(&self) -> String {
        self.actor.chars().take(8).collect()
    }
    fn short_subject(&self) -> String {
        self.subject.iter().flat_map(|subject| subject.chars().take(8)).collect()
    }
    fn campaign(&self) -> String {
        self.campaign_id.map(|id| id.to_string()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "pages/log_entry.html")]
struct EntryPage {
    v: View,
    payload: String,
    e: LogEntry,
}

const FIELDS: [&str; 8] = ["from", "to", "kind", "actor", "subject", "campaign", "unit", "assignment"];

/// The address of a page of the log with the filter that was typed.
fn address(path: &str, query: &Fields, after: Option<&str>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for field in FIELDS {
        if let Some(value) = query.filled(field) {
            pairs.append_pair(field, value);
        }
    }
    if let Some(after) = after {
        pairs.append_pair("after", after);
    }
    let query = pairs.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A time as a browser's field gives it, on the reader's wall; or an instant with its offset (RFC 3339).
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).map(|local| resolve_local(local, zone))
}

/// Reads the filter; what can't be read is named and left out.
fn filter_of(query: &Fields, v: &View) -> (LogFilter, Vec<FieldError>) {
    let mut errors = Vec::new();
    let mut read_time = |field: &str| {
        let text = query.filled(field)?;
        let at = instant(text, v.zone);
        if at.is_none() {
            errors.push(FieldError::new(field, "log.time", v.s("log-bad-time")));
        }
        at
    };
    let (from, to) = (read_time("from"), read_time("to"));
    let kind = query.filled("kind").map(EventKind::parse);
    if matches!(kind, Some(Err(_))) {
        errors.push(FieldError::new("kind", "log.kind", v.s("log-bad-kind")));
    }
    let filter = LogFilter {
        from,
        to,
        kind: kind.and_then(Result::ok),
        actor: query.filled("actor").map(str::to_owned),
        subject: query.filled("subject").map(str::to_owned),
        campaign: id_of(query, "campaign", v, &mut errors),
        unit: id_of(query, "unit", v, &mut errors),
        assignment: id_of(query, "assignment", v, &mut errors),
    };
    (filter, errors)
}

fn id_of<I: std::str::FromStr>(query: &Fields, field: &str, v: &View, errors: &mut Vec<FieldError>) -> Option<I> {
    let id = query.filled(field)?.parse().ok();
    if id.is_none() {
        errors.push(FieldError::new(field, "log.id", v.s("log-bad-id")));
    }
    id
}

/// A page of the log.
///
/// # Errors
/// [`ServiceError::Forbidden`] for those who may not read it.
pub async fn list(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let v = View::of_user(&req, &signed);
    let query = query.0;
    let (filter, mut errors) = filter_of(&query, &v);
    let wanted = PageRequest { after: query.filled("after").map(str::to_owned), ..PageRequest::default() };
    let found = match log::list(&app, &signed.caller, filter, wanted).await {
        Err(ServiceError::Invalid(faults)) => {
            errors.extend(faults);
            None
        }
        other => Some(other?),
    };
    let next = found.as_ref().and_then(|page| page.next.clone());
    let text = |field: &str| query.get(field).trim().to_owned();
    let template = LogPage {
        zone: zone_label(v.zone, v.now),
        typed: Typed {
            from: text("from"),
            to: text("to"),
            kind: text("kind"),
            actor: text("actor"),
            subject: text("subject"),
            campaign: text("campaign"),
            unit: text("unit"),
            assignment: text("assignment"),
        },
        kinds: EventKind::ALL.iter().map(|kind| kind.as_str()).collect(),
        errors,
        entries: found.map(|page| page.items).unwrap_or_default().into_iter().map(Row).collect(),
        next_url: next.map(|after| address("/log", &query, Some(&after))),
        export_url: address("/log.csv", &query, None),
        v,
    };
    page(&template)
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
    let e = log::get(&app, &signed.caller, id).await?;
    let payload = serde_json::to_string_pretty(&e.payload).unwrap_or_default();
    page(&EntryPage { v: View::of_user(&req, &signed), payload, e })
}

/// The log as CSV, streamed.
///
/// # Errors
/// [`ServiceError::Forbidden`] for those who may not read it, [`ServiceError::Invalid`] for a filter that can't be read.
pub async fn export(req: HttpRequest, app: web::Data<App>, signed: Signed, query: QueryFields) -> Result<HttpResponse, Failure> {
    let (filter, errors) = filter_of(&query.0, &View::of_user(&req, &signed));
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors).into());
    }
    csv_stream::log(app, signed.caller, filter).await
}
