//! The log's filter as it stands in the address: read, resolved to what was meant, and shown as chips that each take one part away.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::words;
use crate::app::App;
use crate::domain::event::{EventGroup, EventKind};
use crate::domain::text_enum::TextEnum;
use crate::domain::zone::resolve_local;
use crate::service::log::LogFilter;
use crate::service::log::look_up::{self, Meant};
use crate::service::{Caller, FieldError};
use crate::web::error::Failure;
use crate::web::extract::Fields;
use crate::web::view::View;

/// The filter's fields, in the order of the page.
pub const FIELDS: [&str; 8] = ["kind", "campaign", "unit", "from", "to", "actor", "subject", "assignment"];

/// What was meant by several: the field, and the links to choose from.
pub struct Choice {
    /// The field's name.
    pub field: &'static str,
    /// Each name with the address that means it.
    pub options: Vec<(String, String)>,
}

/// One part of the filter in words, and the page without it.
pub struct Chip {
    /// What it says.
    pub text: String,
    /// The page without it.
    pub without: String,
}

/// The filter of a request.
pub struct Read {
    /// For the use case.
    pub filter: LogFilter,
    /// What can't be read.
    pub errors: Vec<FieldError>,
    /// What is ambiguous.
    pub choices: Vec<Choice>,
    /// What is filtered by.
    pub chips: Vec<Chip>,
    /// The campaign's id and title, once it is known.
    pub campaign: Option<(String, String)>,
    /// The unit's id and name, once it is known.
    pub unit: Option<(String, String)>,
    /// The fields as they stand in the addresses of other pages: names have become ids.
    pairs: Vec<(&'static str, String)>,
}

/// A path with these parameters.
fn with_pairs<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

impl Read {
    /// The address of a path with this filter.
    #[must_use]
    pub fn address(&self, path: &str, extra: Option<(&str, &str)>) -> String {
        with_pairs(path, self.pairs.iter().map(|(name, value)| (*name, value.as_str())).chain(extra))
    }
    fn without(&self, field: &str) -> String {
        with_pairs("/log", self.pairs.iter().filter(|(name, _)| *name != field).map(|(name, value)| (*name, value.as_str())))
    }
    fn swap(&self, field: &'static str, value: &str) -> String {
        let others = self.pairs.iter().filter(|(name, _)| *name != field).map(|(name, value)| (*name, value.as_str()));
        with_pairs("/log", others.chain([(field, value)]))
    }
    fn fault(&mut self, field: &'static str, text: String) {
        self.errors.push(FieldError::new(field, format!("log.{field}"), text));
    }
    fn set(&mut self, field: &str, value: &str) {
        for pair in self.pairs.iter_mut().filter(|(name, _)| *name == field) {
            pair.1 = value.to_owned();
        }
    }
}

/// A time as a browser's field gives it, on the reader's wall; a day alone; or an instant with its offset (RFC 3339).
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(resolve_local(day.and_time(NaiveTime::MIN), zone));
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).map(|local| resolve_local(local, zone))
}

/// Reads the filter; what can't be read is named and left out.
///
/// # Errors
/// [`crate::service::ServiceError::Forbidden`] for who may not read the log; the database's failure.
pub async fn read(app: &App, caller: &Caller, query: &Fields, v: &View) -> Result<Read, Failure> {
    let pairs = FIELDS.iter().filter_map(|field| Some((*field, query.filled(field)?.to_owned()))).collect();
    let mut read = Read {
        filter: LogFilter::default(),
        errors: Vec::new(),
        choices: Vec::new(),
        chips: Vec::new(),
        campaign: None,
        unit: None,
        pairs,
    };
    read.filter.actor = query.filled("actor").map(str::to_owned);
    read.filter.subject = query.filled("subject").map(str::to_owned);
    for field in ["from", "to"] {
        let Some(text) = query.filled(field) else { continue };
        let at = instant(text, v.zone);
        if at.is_none() {
            read.fault(if field == "from" { "from" } else { "to" }, v.s("log-bad-time"));
        }
        if field == "from" { read.filter.from = at } else { read.filter.to = at }
    }
    if let Some(word) = query.filled("kind") {
        read.filter.kind = EventKind::parse(word).ok();
        read.filter.group = EventGroup::parse(word).ok();
        if read.filter.kind.is_none() && read.filter.group.is_none() {
            read.fault("kind", v.s("log-bad-kind"));
        }
    }
    if let Some(text) = query.filled("assignment") {
        read.filter.assignment = text.parse().ok();
        if read.filter.assignment.is_none() {
            read.fault("assignment", v.s("log-bad-id"));
        }
    }
    named(app, caller, query, v, &mut read).await?;
    read.chips = chips(&read, v);
    Ok(read)
}

/// Resolves the campaign and the unit that are named.
async fn named(app: &App, caller: &Caller, query: &Fields, v: &View, read: &mut Read) -> Result<(), Failure> {
    if let Some(text) = query.filled("campaign") {
        match look_up::campaign(app, caller, text).await? {
            Meant::One(id, name) => {
                read.filter.campaign = Some(id);
                read.set("campaign", &id.to_string());
                read.campaign = Some((id.to_string(), name));
            }
            Meant::Several(found) => {
                let options = found.into_iter().map(|(id, name)| (name, read.swap("campaign", &id.to_string()))).collect();
                read.choices.push(Choice { field: "campaign", options });
                read.fault("campaign", v.s("audit-several"));
            }
            Meant::Nothing => read.fault("campaign", v.s("audit-no-campaign")),
        }
    }
    if let Some(text) = query.filled("unit") {
        match look_up::unit(app, caller, text).await? {
            Meant::One(id, name) => {
                read.filter.unit = Some(id);
                read.set("unit", &id.to_string());
                read.unit = Some((id.to_string(), name));
            }
            Meant::Several(found) => {
                let options = found.into_iter().map(|(id, name)| (name, read.swap("unit", &id.to_string()))).collect();
                read.choices.push(Choice { field: "unit", options });
                read.fault("unit", v.s("audit-several"));
            }
            Meant::Nothing => read.fault("unit", v.s("audit-no-unit")),
        }
    }
    Ok(())
}

fn chips(read: &Read, v: &View) -> Vec<Chip> {
    let filter = &read.filter;
    let kind = filter.kind.map(|kind| v.word("event", kind)).or_else(|| filter.group.map(|group| v.word("event-group", group)));
    let actor = filter.actor.as_deref().map(|actor| match actor {
        "system" | "operator" => v.word("audit-actor", actor),
        reference => words::short(reference),
    });
    let parts = [
        ("kind", "log-kind", kind),
        ("campaign", "log-campaign", read.campaign.as_ref().map(|(_, name)| name.clone())),
        ("unit", "log-unit", read.unit.as_ref().map(|(_, name)| name.clone())),
        ("from", "audit-from", filter.from.map(|at| v.when(&at))),
        ("to", "audit-to", filter.to.map(|at| v.when(&at))),
        ("actor", "log-actor", actor),
        ("subject", "log-subject", filter.subject.as_deref().map(words::short)),
        ("assignment", "log-assignment", filter.assignment.map(|id| words::short(&id.to_string()))),
    ];
    let chip = |(field, word, text): (&str, &str, Option<String>)| {
        Some(Chip { text: format!("{}: {}", v.s(word), text?), without: read.without(field) })
    };
    parts.into_iter().filter_map(chip).collect()
}
