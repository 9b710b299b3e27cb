//! How the auditor's pages say an entry: what happened, who did it, about what, without naming a person.

use chrono::{DateTime, Datelike as _, Utc};
use serde_json::Value as Json;

use crate::domain::event::{EventGroup, EventKind};
use crate::domain::text_enum::TextEnum as _;
use crate::service::log::LogEntry;
use crate::web::l10n::{self, Value};
use crate::web::view::View;

/// The last letters of a reference or id: the first ones of ids made in the same second are alike.
#[must_use]
pub fn short(reference: &str) -> String {
    let letters = reference.chars().count();
    reference.chars().skip(letters.saturating_sub(8)).collect()
}

/// Who did it, in words.
#[must_use]
pub fn actor(v: &View, entry: &LogEntry) -> String {
    let word = v.word("audit-actor", &entry.actor_kind);
    match entry.actor_kind.as_str() {
        "system" | "operator" => word,
        _ => format!("{word} {}", short(&entry.actor)),
    }
}

/// What happened, in one sentence.
#[must_use]
pub fn sentence(v: &View, entry: &LogEntry) -> String {
    let text = |text: String| Value::from(text);
    let key = match (&entry.campaign_title, &entry.unit_name) {
        (Some(_), Some(_)) => "audit-sentence-campaign-unit",
        (Some(_), None) => "audit-sentence-campaign",
        (None, Some(_)) => "audit-sentence-unit",
        (None, None) => "audit-sentence",
    };
    let values = [
        ("what", text(v.word("event", entry.kind))),
        ("who", text(actor(v, entry))),
        ("campaign", text(entry.campaign_title.clone().unwrap_or_default())),
        ("unit", text(entry.unit_name.clone().unwrap_or_default())),
    ];
    l10n::say(v.locale, key, &values)
}

/// A day on the reader's wall: "Jum 27 Nov 2026".
#[must_use]
pub fn day(v: &View, at: &DateTime<Utc>) -> String {
    let local = at.with_timezone(&v.zone);
    let weekday = v.s(&format!("weekday-{}", local.weekday().number_from_monday()));
    format!("{weekday} {} {} {}", local.day(), v.s(&format!("month-{}", local.month())), local.year())
}

/// The time of a day on the reader's wall, to the second.
#[must_use]
pub fn time(v: &View, at: &DateTime<Utc>) -> String {
    at.with_timezone(&v.zone).format("%H:%M:%S").to_string()
}

/// The kinds of entries by group, for a list to choose from.
#[must_use]
pub fn kinds() -> Vec<(EventGroup, Vec<EventKind>)> {
    EventGroup::ALL.iter().map(|group| (*group, group.kinds().collect())).collect()
}

/// A payload as lines of a name and a text.
#[must_use]
pub fn payload_lines(payload: &Json) -> Vec<(String, String)> {
    let shown = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Null => "–".to_owned(),
        other => other.to_string(),
    };
    match payload {
        Json::Object(members) => members.iter().map(|(key, value)| (key.clone(), shown(value))).collect(),
        Json::Null => Vec::new(),
        other => vec![("value".to_owned(), shown(other))],
    }
}
